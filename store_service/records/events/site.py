"""The site itself: its process, its clock, its shifts and every "no" that a gate said."""

from datetime import datetime

from store_service.records.event import UPCASTERS, Payload


class ServiceStarted(Payload, type="service.started"):
    build: str
    engine: str
    ruleset_version: str
    ruleset_sha256: str
    log_size: int


class ClockStepped(Payload, type="clock.stepped"):
    """The wall clock stood more than 2 s behind the last event; new units stop until it is confirmed."""

    behind_ms: int


class ClockConfirmed(Payload, type="clock.confirmed"):
    pass


class ShiftOpened(Payload, type="shift.opened"):
    """`officer_id`: the officer on duty, "" for nobody; who opened it is the event's actor."""

    officer_id: str


class ShiftClosed(Payload, type="shift.closed"):
    """`officer_id`: the officer whose duty ends with it, "" for nobody."""

    officer_id: str


class ActRefused(Payload, type="act.refused"):
    """A gate said no. `rules` lists every rule that failed; `subject` is the service, unit or container in hand."""

    gate: str
    subject: str
    rules: tuple[str, ...]


class SecondAsked(Payload, type="second.asked", v=2):
    """A warning that has its reason, or a refusal (`reason` is empty), waits for a second person: at this screen,
    another one or head office. `zh` and `en` are what the first person was told, with the values compared."""

    gate: str
    subject: str
    rule: str
    reason: str
    by: str
    zh: str
    en: str


UPCASTERS["second.asked", 1] = lambda data: {**data, "zh": "", "en": ""}


class SecondGiven(Payload, type="second.given"):
    """Another person has looked and puts his name to it."""

    subject: str
    rule: str
    by: str


class SecondAnswered(Payload, type="second.answered"):
    """Head office's own log: a person there signed, or not (`agreed`), for one request of a shop: entry `asked_idx` of
    the log `origin`, whose leaf hash is `asked_sha256` in hexadecimal."""

    store_id: str
    origin: str
    asked_idx: int
    asked_sha256: str
    subject: str
    rule: str
    agreed: bool
    reason: str
    by: str


class SecondReceived(Payload, type="second.received"):
    """The shop's log: head office's answer came and its signature by `key` is right. `effect` is `settled`, or why it
    has none: `late` (answered before), `gone` (the unit has moved on, or the request is too old)."""

    asked_idx: int
    asked_sha256: str
    subject: str
    rule: str
    agreed: bool
    reason: str
    by: str
    answered_at: datetime
    key: str
    effect: str


class WarningAccepted(Payload, type="warning.accepted", v=2):
    """A named person went on past a warning, with a reason from the list. `saying` and `facts` are what was accepted:
    which of the rule's sayings, and the values compared, none of them personal."""

    gate: str
    subject: str
    rule: str
    reason: str
    by: str
    saying: str
    facts: dict[str, str | int | bool | list[str]]


UPCASTERS["warning.accepted", 1] = lambda data: {**data, "saying": "", "facts": {}}
