"""The site itself: its process, its clock, its shifts and every "no" that a gate said."""

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
    officer_id: str


class ShiftClosed(Payload, type="shift.closed"):
    officer_id: str


class ActRefused(Payload, type="act.refused"):
    """A gate said no. `rules` lists every rule that failed; `subject` is the service, unit or container in hand."""

    gate: str
    subject: str
    rules: tuple[str, ...]


class SecondAsked(Payload, type="second.asked"):
    """A warning has its reason and waits for a second person, at this screen or another one."""

    gate: str
    subject: str
    rule: str
    reason: str
    by: str


class SecondGiven(Payload, type="second.given"):
    """Another person has looked and puts his name to it."""

    subject: str
    rule: str
    by: str


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
