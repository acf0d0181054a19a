"""A sender as a document: everything that its description says, in words, for pages and for programs."""

import json
from typing import Any, Final

from cli import sender_words as words
from cli.handshake_words import handshake
from domain.senders import Sender
from domain.senders.hook import Rule
from domain.senders.method import TOKEN
from domain.senders.scheme import Scheme
from domain.senders.tailoring import parameters_of

Json = dict[str, Any]

_MAKERS: Final = {"sender": "the sender's", "gateway": "made here", None: "none"}


def document(sender: Sender) -> Json:
    """All there is to know about a sender; `code` stands between backticks, see `plain`."""
    return {
        "key": sender.key,
        "title": sender.title,
        "docs_url": sender.docs_url,
        "secret": _secret(sender),
        "schemes": [_scheme(scheme) for scheme in sender.schemes],
        "verified_at": sender.verify_at,
        "parameters": [
            {
                "name": each.name,
                "meaning": each.meaning,
                "required": each.is_required,
                "secret": each.is_secret,
                "choices": list(each.choices),
            }
            for each in parameters_of(sender)
        ],
        "handshakes": [handshake(each) for each in sender.handshakes],
        "event_type": [words.place(source) for source in sender.event_type],
        "event_id": [words.place(source) for source in sender.event_id],
        "several_events": None if sender.items is None else words.place(sender.items),
        "drops_duplicates": sender.dedup,
        "not_covered": sender.uncovered or None,
        "doubt": sender.doubt or None,
    }


def plain(found: Json) -> Json:
    """The same without backticks."""
    return json.loads(json.dumps(found).replace("`", ""))


def maker(found: Json) -> str:
    """Who makes a sender's secret, in a word or two."""
    return _MAKERS[found["secret"]["made_by"]]


def _secret(sender: Sender) -> Json:
    form = sender.secret
    needs_one = bool(sender.schemes) and not sender.is_keyless
    made_by = None if not needs_one else "sender" if form.issued else "gateway"
    return {
        "where": form.where,
        "made_by": made_by,
        "form": str(form.look) if made_by == "gateway" else None,
    }


def _scheme(scheme: Scheme) -> Json:
    return {
        "id": scheme.id,
        **(_rule(scheme) if scheme.hook is None else _hooked(scheme, scheme.hook.rule)),
        "applies": None if scheme.applies is None else words.condition(scheme.applies),
        "conditions": [words.condition(each) for each in scheme.conditions],
        "only_when_pinned": scheme.is_weak,
    }


def _rule(scheme: Scheme) -> Json:
    return {
        "signature": words.signature(scheme.signature),
        "algorithm": words.method(scheme.method),
        "key": None if scheme.method is TOKEN else words.key(scheme.key, scheme.method),
        "signed": [f"`{text.text}`" for text in scheme.texts if text.text],
        "fields": {name: words.place(source) for name, source in scheme.variables},
        "time": None if scheme.timestamp is None else words.moment(scheme.timestamp),
    }


def _hooked(scheme: Scheme, rule: Rule) -> Json:
    return {
        "signature": words.place(scheme.signature.source),
        "algorithm": rule.algorithm,
        "key": rule.key,
        "signed": [rule.signed],
        "fields": {},
        "time": rule.time or None,
    }
