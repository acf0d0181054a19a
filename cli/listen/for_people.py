"""What people are told of listening."""

from collections.abc import Iterator
from typing import Final

from cli.called import command, reworded
from cli.client import Json
from cli.listen.hooks import Hook, Whereabouts
from cli.listen.opening import LINGER_S, Opening
from cli.reasons import REJECTIONS
from cli.telling.lines import Lines, Span
from cli.telling.people import BAD, CAREFUL, GOOD, LOUD, QUIET, People
from cli.wrapping import wrapped
from domain.reach import HERE_ONLY, caution

_LABEL_CHARS: Final = 8
_OPEN: Final = (
    "none: UNVERIFIED, whoever knows the URL can send. Say who calls, as in"
    " 'fleet listen {where} --sender github', and signatures are checked."
)
_BAD_SIGNS: Final = ("rejected", "unreadable", "broken")


class ForPeople:
    """Tells people: what is ready and what to do next, then a line for each event."""

    def __init__(self, lines: Lines, observer: People) -> None:
        self._lines = lines
        self.observer = observer

    def ready(self, opening: Opening) -> None:
        """Everything is there."""
        for hook in opening.hooks:
            self._hook(hook, opening)
            self._lines.put()
        self._fact("Goes to", _destination(opening))
        if opening.others:
            named = ", ".join(
                f"{each.name} ({'connected' if each.is_connected else 'not connected'})"
                for each in opening.others
            )
            self._fact("Others", f"{named}: each subscription gets every event.")
        self._lines.put()
        for sentence in _rules(opening):
            self._paragraph(sentence, QUIET)
        self._lines.put()

    def nobody_there(self, url: str) -> None:
        """The program does not listen."""
        self.observer.tell(
            "WAITING", CAREFUL, f"nothing listens at {url}; start it, and events go on by themselves."
        )

    def somebody_there(self, url: str) -> None:
        """It does again."""
        self.observer.tell("GOING ON", GOOD, f"{url} answers.")

    def backlog(self, count: int) -> None:
        """So many events come now."""
        noun = "event has" if count == 1 else "events have"
        self.observer.tell("WAITED", CAREFUL, f"{count} {noun} waited for this tunnel and come now.")

    def rejected(self, event: Json) -> None:
        """An event goes nowhere."""
        webhook = str(event["webhook_name"])
        because = _because(event["rejected_because"], webhook)
        self.observer.tell("REJECTED", BAD, f"{webhook}: {because} 'fleet why {event['id']}' tells more.")

    def refused(self, webhook: str, reason: str, count: int) -> None:
        """The door did not accept something."""
        times = "" if count == 1 else f" ({count} times)"
        self.observer.tell("REFUSED", BAD, f"{webhook}: {_because(reason, webhook)}{times}")

    def changed(self, webhook: str, signature: str) -> None:
        """Events are verified otherwise."""
        self.observer.tell("CHANGED", CAREFUL, f"signature of {webhook}: {signature}.")

    def gone(self, webhook: str) -> None:
        """A webhook was deleted."""
        self.observer.tell("DELETED", LOUD, f"webhook {webhook}: its URL is dead, and nothing comes.")

    def renewed(self, name: str) -> None:
        """There is another subscription."""
        self.observer.tell(
            "BEGINS ANEW",
            LOUD,
            "This machine was away for too long: what came meanwhile was not kept for it."
            f" 'fleet events list' shows what that was. Subscription: {name}.",
        )

    def ended(self, subscription: str, webhooks: list[str], *, is_kept: bool, is_removed: bool) -> None:
        """It is over."""
        self._lines.put()
        if is_kept:
            self._paragraph(
                f"Stopped. Subscription {subscription} stays: events wait for the next 'fleet listen --keep',"
                f" and 'fleet subscriptions remove {subscription}' ends that.",
            )
            return
        if is_removed:
            self._paragraph("Stopped, and nothing waits for this machine.")
        else:
            self._paragraph(
                f"Stopped. The relay was not reached, so subscription {subscription} ends by itself within"
                " an hour."
            )
        named = ", ".join(webhooks)
        self._paragraph(f"The URL stays, and the next 'fleet listen' uses it again. Webhook: {named}.", QUIET)

    def _hook(self, hook: Hook, opening: Opening) -> None:
        made = "new, " if hook.is_new else ""
        who = "for anybody" if hook.is_open else f"for {hook.title}"
        self._lines.put("Webhook ", (hook.name, "bold"), f" ({made}{who})")
        self._lines.put()
        self._fact("URL", ("bold", str(hook.view["url"] or "(unreadable: its sealing key is gone)")))
        if hook.view["paused"]:
            self._fact("PAUSED", f"Senders get a 503: 'fleet webhooks resume {hook.name}'.", CAREFUL)
        secret, style = _secret(hook, opening)
        self._fact("Secret", secret, style)
        if hook.trouble:
            self._fact("", hook.trouble, CAREFUL)
        if hook.next_step:
            self._fact("Next", hook.next_step, CAREFUL)
        if caution(hook.view["url"]):
            self._fact("Reach", HERE_ONLY)
        if not _is_shut(hook):
            self._fact("Try it", command(f"webhooks test {hook.name}"))

    def _fact(self, label: str, fact: str | tuple[str, str], style: str = "") -> None:
        """A fact below the others; what has to be copied stays whole in its line."""
        head = f"  {label:<{_LABEL_CHARS}}"
        if isinstance(fact, tuple):
            self._lines.put(head, (fact[1], fact[0]))
            return
        for line in wrapped(reworded(fact), self._lines.width - len(head)):
            self._lines.put(head, (line, style))
            head = " " * len(head)

    def _paragraph(self, sentence: str, style: str = "") -> None:
        for line in wrapped(reworded(sentence), self._lines.width):
            span: Span = (line, style)
            self._lines.put(span)


def _secret(hook: Hook, opening: Opening) -> tuple[str, str]:
    """Where the secret of a webhook is, and how loudly that is to be said."""
    match hook.secret:
        case Whereabouts.VAULT:
            return f"in {opening.vault}; 'fleet vault show {hook.name}' prints it", ""
        case Whereabouts.HELD:
            return f"waits at the gateway; 'fleet vault pull {hook.name}' fetches it, once", CAREFUL
        case Whereabouts.GATEWAY:
            return _elsewhere(hook.name), ""
        case Whereabouts.NOWHERE:
            return _none(hook, opening)


def _elsewhere(name: str) -> str:
    return (
        f"kept by the gateway, not on this machine; 'fleet webhooks rotate-secret {name} --hold' makes"
        f" another, which 'fleet vault pull {name}' brings here"
    )


def _none(hook: Hook, opening: Opening) -> tuple[str, str]:
    if hook.is_open:
        return _OPEN.format(where=opening.to.typed), CAREFUL
    return f"none; signature {hook.view['signature']}", CAREFUL if _is_shut(hook) else ""


def _is_shut(hook: Hook) -> bool:
    """Whether no event can pass for the time being."""
    return hook.view["paused"] or any(sign in hook.view["signature"] for sign in _BAD_SIGNS)


def _because(reason: str, webhook: str) -> str:
    """Why something was not taken, and what to do about it."""
    known = {str(rejection): words for rejection, words in REJECTIONS.items()}.get(reason)
    if known is None:
        return f"{reason.replace('_', ' ')}."
    return f"{known.meaning}. {known.advice.format(webhook=webhook)}".rstrip()


def _destination(opening: Opening) -> str:
    to = opening.to
    remarks = [
        "" if opening.is_up else "NOTHING LISTENS THERE YET; events wait for it",
        "" if to.is_here or to.is_encrypted else "another machine, and not encrypted",
        "its certificate is not checked" if to.is_encrypted and not opening.is_checked else "",
    ]
    told = "; ".join(filter(None, remarks))
    return f"{to.url} ({told})" if told else to.url


def _rules(opening: Opening) -> Iterator[str]:
    hours = LINGER_S // 3600
    if opening.is_kept:
        yield (
            "Ctrl-C stops. The URL and the subscription stay: what comes meanwhile waits, for as long as the"
            " gateway keeps events."
        )
    else:
        yield (
            "Ctrl-C stops. The URL stays; what comes while nobody listens is not kept for later. If this"
            f" machine sleeps, events wait for {hours} h."
        )
