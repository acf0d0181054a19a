// What pages cannot do by themselves: copy, open dialogs, keep times true, and not disturb who is busy.
"use strict";

const one = (selector, within = document) => within.querySelector(selector);
const all = (selector, within = document) => [...within.querySelectorAll(selector)];

// --- small things that are said

function toast(sentence) {
  const place = one("#toast");
  if (!place) return;
  place.textContent = sentence;
  place.classList.add("shown");
  clearTimeout(place.timer);
  place.timer = setTimeout(() => place.classList.remove("shown"), 2500);
}

// --- copying

async function copy(text) {
  if (navigator.clipboard && window.isSecureContext) return navigator.clipboard.writeText(text);
  // Plain http:// on another machine has no clipboard API.
  const area = document.createElement("textarea");
  area.value = text;
  area.className = "offscreen";
  (one("dialog[open]") || document.body).append(area);
  area.select();
  const done = document.execCommand("copy");
  area.remove();
  if (!done) throw new Error("refused");
}

// --- times

const STEPS = [[60, 1, "s"], [3600, 60, "min"], [172800, 3600, "h"], [Infinity, 86400, "days"]];

function about(seconds) {
  const whole = Math.max(0, Math.round(seconds));
  const [, unit, name] = STEPS.find(([below]) => whole < below);
  return `${Math.floor(whole / unit)} ${name}`;
}

let skew = 0;

function tell(element) {
  const seconds = (Date.now() + skew - Date.parse(element.dateTime)) / 1000;
  element.textContent = seconds < -1 ? `in ${about(-seconds)}` : seconds < 1 ? "now" : `${about(seconds)} ago`;
}

// --- the theme

const THEMES = ["auto", "light", "dark"];

function turnTheme() {
  const root = document.documentElement;
  const next = THEMES[(THEMES.indexOf(root.dataset.theme) + 1) % THEMES.length];
  root.dataset.theme = next;
  document.cookie = `fleet_theme=${next}; path=/dashboard; max-age=31536000; samesite=strict`;
  toast(next === "auto" ? "Theme: as your system has it" : `Theme: ${next}`);
}

// --- choosing rows

// A page has one such form at most; what counts may stand outside of it, in a dialog.
function count() {
  const chosen = all("input[name=chosen]:checked").length;
  all("[data-chosen-count]").forEach((each) => (each.textContent = chosen));
  all("[data-needs-chosen]").forEach((each) => (each.disabled = chosen === 0));
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("button, [data-href]");
  if (!button) return;
  if (button.dataset.copy !== undefined) {
    copy(button.dataset.copy).then(() => toast("Copied"), () => toast("The browser does not let us copy; select the text."));
  } else if (button.dataset.opens !== undefined) {
    one(`#${CSS.escape(button.dataset.opens)}`).showModal();
  } else if (button.dataset.closes !== undefined) {
    button.closest("dialog").close();
  } else if (button.dataset.themeSwitch !== undefined) {
    turnTheme();
  } else if (button.dataset.href !== undefined && !event.target.closest("a, input, label, button") && !String(getSelection())) {
    location.assign(button.dataset.href);
  }
});

document.addEventListener("change", (event) => {
  const input = event.target;
  if (input.matches("[data-choose-all]")) {
    all("input[name=chosen]", input.form).forEach((each) => (each.checked = input.checked));
  }
  if (input.matches("[data-choose-all], input[name=chosen]")) count();
  if (input.matches("[data-submits]")) input.form.requestSubmit();
});

// A click beside a dialog closes it.
document.addEventListener("mousedown", (event) => {
  if (event.target.matches("dialog[open]")) event.target.close();
});

// --- live

function pulse(state, words) {
  const place = one("#pulse");
  if (!place) return;
  place.dataset.pulse = state;
  one("span", place).textContent = words;
}

document.addEventListener("htmx:sseOpen", () => pulse("on", "live"));
document.addEventListener("htmx:sseError", () => pulse("off", "connecting…"));

// Nothing is replaced under the hands of somebody who chooses, types, selects or reads a dialog.
function isBusy(place) {
  if (one("dialog[open]") || one("input[name=chosen]:checked, [data-busy]", place)) return true;
  const focused = document.activeElement;
  if (place.contains(focused) && focused.matches("input, select, textarea")) return true;
  const selection = getSelection();
  return selection && !selection.isCollapsed && place.contains(selection.anchorNode);
}

document.addEventListener("htmx:beforeRequest", (event) => {
  if (event.target.matches("[data-live]") && isBusy(event.target)) event.preventDefault();
});

// What was said when the page came may be over when the page is fetched again; until here it is read.
const SAID_MS = 8000;

// What somebody has unfolded stays so.
let unfolded = [];
document.addEventListener("htmx:beforeSwap", (event) => {
  if (event.target.id === "live" && isBusy(event.target)) event.detail.shouldSwap = false;
  unfolded = all("details[open][id]").map((each) => each.id);
});
document.addEventListener("htmx:afterSettle", (event) => {
  if (event.target.id === "live" && performance.now() > SAID_MS) one("#said")?.remove();
  unfolded.forEach((id) => document.getElementById(id)?.setAttribute("open", ""));
  count();
});

document.addEventListener("DOMContentLoaded", () => {
  count();
  // The server's clock is the one that counts: what it called "now" is taken for now.
  const now = Number(document.body.dataset.now);
  if (now) skew = now - Date.now();
  setInterval(() => all("time[datetime]").forEach(tell), 1000);
});
