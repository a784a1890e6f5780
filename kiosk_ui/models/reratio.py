"""View model of the decision between two doses: a component has landed off its target."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from store_service.rules.refusal import Finding

from .frame import Words


@dataclass(frozen=True, slots=True)
class ReratioRow:
    """One component: its target now, what it would be (None: there is no proposal), and what is still to go in."""

    name: Words
    was_mg: int
    to_mg: int | None
    to_add_mg: int
    off: bool
    landed: bool
    was_bp: int
    to_bp: int | None


@dataclass(frozen=True, slots=True)
class ReratioScreen:
    """POST /kiosk/unit/{id}/reratio {fill} or /discard. `fill_mg` None: nothing inside the envelope exists; `findings`
    are the rules that refuse the proposal. `next_container`: where a short component may be taken from instead."""

    unit_id: str
    batch: str
    name: Words
    part: Words
    reason: Literal["over", "short"]
    by_hand: bool
    actual_mg: int
    target_mg: int
    rows: tuple[ReratioRow, ...]
    old_fill_mg: int
    fill_mg: int | None
    live_url: str
    findings: tuple[Finding, ...] = ()

    @property
    def error_mg(self) -> int:
        return self.actual_mg - self.target_mg

    @property
    def acceptable(self) -> bool:
        return self.fill_mg is not None and not self.findings
