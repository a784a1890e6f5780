"""The answer of a gate."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

Facts = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Step:
    """What to do next. `act` names a screen or command that the kiosk can offer as a button, or is None."""

    zh: str
    en: str
    act: str | None = None


@dataclass(frozen=True, slots=True)
class Finding:
    """One rule that did not pass, in words, with the values that were compared (JSON values only).

    A warning is answered once for `per` where that is set, else once for the shift when `every` says so, else once for
    the thing in hand. `saying`: which of the rule's this is. `second_person`: the answer wants a second name; a
    refusal that has it is lifted by that name.
    """

    rule: str
    title_zh: str
    title_en: str
    message_zh: str
    message_en: str
    facts: Facts
    next_steps: tuple[Step, ...]
    every: str = "unit"
    per: str | None = None
    second_person: bool = False
    saying: str = ""


@dataclass(frozen=True, slots=True)
class Verdict:
    """Every failing rule of one gate, not only the first. `asked` lists every rule that was asked; `notes` stop
    nothing."""

    gate: str
    refusals: tuple[Finding, ...] = ()
    warnings: tuple[Finding, ...] = ()
    asked: tuple[str, ...] = field(default=())
    notes: tuple[Finding, ...] = ()

    @property
    def allowed(self) -> bool:
        return not self.refusals


class Refused(Exception):
    """A gate said no. Carries the verdict; faces render it, the API answers 409 `…/refused`."""

    def __init__(self, verdict: Verdict) -> None:
        self.verdict = verdict
        super().__init__(f"{verdict.gate}: " + ", ".join(f.rule for f in verdict.refusals))
