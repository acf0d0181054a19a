// What the pages of webhooks need beside: a secret leaves with whoever leaves the page.
"use strict";

// A page may be kept whole and come back with the "back" button; the secret on it must not.
addEventListener("pagehide", () => document.querySelectorAll("[data-once]").forEach((each) => each.remove()));

// What was made has an address of its own: who reloads sees that, and makes nothing twice.
document.addEventListener("fleet:made", (event) => history.replaceState(null, "", event.detail.at));

// What was asked for has come, or was refused: it is read out, and the keyboard goes on from there.
document.addEventListener("htmx:afterSettle", (event) => {
  const wrong = event.target.querySelector?.("[aria-invalid]");
  if (wrong) wrong.focus();
  else if (event.target.matches?.("[tabindex='-1']")) event.target.focus({ preventScroll: true });
});
