"""What programs are told of listening: a JSON document on each line."""

from cli.client import Json
from cli.listen.hooks import Hook
from cli.listen.opening import Opening
from cli.telling.programs import Programs


class ForPrograms:
    """Tells programs."""

    def __init__(self, observer: Programs) -> None:
        self.observer = observer

    def ready(self, opening: Opening) -> None:
        """Everything is there."""
        self.observer.say(
            "ready",
            {
                "to": opening.to.url,
                "is_up": opening.is_up,
                "subscription": opening.subscription["name"],
                "is_kept": opening.is_kept,
                "webhooks": [_webhook(hook) for hook in opening.hooks],
                "others": [each.name for each in opening.others],
                "vault": opening.vault or None,
            },
        )

    def nobody_there(self, url: str) -> None:
        """The program does not listen."""
        self.observer.say("waiting", {"to": url})

    def somebody_there(self, url: str) -> None:
        """It does again."""
        self.observer.say("going_on", {"to": url})

    def backlog(self, count: int) -> None:
        """So many events come now."""
        self.observer.say("waited", {"count": count})

    def rejected(self, event: Json) -> None:
        """An event goes nowhere."""
        self.observer.say(
            "rejected",
            {
                "event": event["id"],
                "webhook": event["webhook_name"],
                "type": event["type"],
                "because": event["rejected_because"],
            },
        )

    def refused(self, webhook: str, reason: str, count: int) -> None:
        """The door did not accept something."""
        self.observer.say("refused", {"webhook": webhook, "because": reason, "count": count})

    def changed(self, webhook: str, signature: str) -> None:
        """Events are verified otherwise."""
        self.observer.say("changed", {"webhook": webhook, "signature": signature})

    def gone(self, webhook: str) -> None:
        """A webhook was deleted."""
        self.observer.say("deleted", {"webhook": webhook})

    def renewed(self, name: str) -> None:
        """There is another subscription."""
        self.observer.say("renewed", {"subscription": name})

    def ended(self, subscription: str, webhooks: list[str], *, is_kept: bool, is_removed: bool) -> None:
        """It is over."""
        self.observer.say(
            "ended",
            {
                "subscription": subscription,
                "webhooks": webhooks,
                "is_kept": is_kept,
                "is_removed": is_removed,
            },
        )


def _webhook(hook: Hook) -> Json:
    return {
        "name": hook.name,
        "sender": hook.view["sender"],
        "url": hook.view["url"],
        "is_new": hook.is_new,
        "signature": hook.view["signature"],
        "secret": hook.secret,
        "trouble": hook.trouble or None,
        "next_step": hook.next_step or None,
    }
