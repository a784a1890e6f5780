"""The filer's texts: notice, consents, questions and how answers move the shares. Read once, closed shapes."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Literal

from store_service.rules.dossier import Document, Envelope


class Notice(Document):
    version: str
    zh: str
    en: str


class Purpose(Document):
    key: str
    version: str
    required: bool
    sensitive: bool
    title_zh: str
    title_en: str
    zh: str
    en: str


class Option(Document):
    value: str
    zh: str
    en: str
    condition: str | None = None
    age: int | None = None
    exclusive: bool = False


class Question(Document):
    id: str
    kind: Literal["one", "many"]
    purpose: str
    necessary: bool
    free_text: bool = False
    zh: str
    en: str
    why_zh: str
    why_en: str
    options: tuple[Option, ...]

    def option(self, value: str) -> Option | None:
        return next((one for one in self.options if one.value == value), None)


class Choice(Document):
    envelope: str
    when: Mapping[str, str]
    reason_zh: str
    reason_en: str


class Shift(Document):
    envelope: str
    when: Mapping[str, str]
    from_: str
    to: str
    bp: int
    reason_zh: str
    reason_en: str


class Texts(Document):
    notice: Notice
    purposes: tuple[Purpose, ...]
    consultation_version: str
    questions: tuple[Question, ...]
    recommendation_version: str
    fallback: str
    choose: tuple[Choice, ...]
    shift: tuple[Shift, ...]

    @property
    def purpose_of(self) -> dict[str, str]:
        """The purpose that each question is asked for."""
        return {one.id: one.purpose for one in self.questions}

    def question(self, key: str) -> Question | None:
        return next((one for one in self.questions if one.id == key), None)

    def purpose(self, key: str) -> Purpose | None:
        return next((one for one in self.purposes if one.key == key), None)


class Reason(Document):
    """Why a component stands in the proposal: the answers that caused it (R-CON-07)."""

    product_id: str | None
    zh: str
    en: str


class Proposal(Document):
    envelope_id: str
    shares_bp: tuple[int, ...]
    reasons: tuple[Reason, ...]


def read(folder: Path) -> Texts:
    """Read consent.toml, consultation.toml and recommendation.toml. Raises ValidationError naming the field."""
    consent = tomllib.loads((folder / "consent.toml").read_text("utf-8"))
    consultation = tomllib.loads((folder / "consultation.toml").read_text("utf-8"))
    recommendation = tomllib.loads((folder / "recommendation.toml").read_text("utf-8"))
    shifts = [{"from_": one.pop("from"), **one} for one in recommendation["shift"]]
    return Texts.model_validate(
        {
            "notice": consent["notice"],
            "purposes": consent["purposes"],
            "consultation_version": consultation["version"],
            "questions": consultation["questions"],
            "recommendation_version": recommendation["version"],
            "fallback": recommendation["fallback"],
            "choose": recommendation["choose"],
            "shift": shifts,
        }
    )


def propose(texts: Texts, envelopes: Mapping[str, Envelope], answers: Mapping[str, list[str]]) -> Proposal | None:
    """Answers → envelope and shares inside its ranges; None when the proposed envelope is not in force.

    The same answers always give the same shares; every reason is one line of recommendation.toml.
    """
    chosen = next((one for one in texts.choose if _holds(one.when, answers)), None)
    envelope = envelopes.get(chosen.envelope if chosen else texts.fallback)
    if envelope is None:
        return None
    products = [one.product_id for one in envelope.components]
    shares = dict(zip(products, envelope.default_bp, strict=True))
    limits = {one.product_id: (one.min_bp, one.max_bp) for one in envelope.components}
    reasons = [Reason(product_id=None, zh=chosen.reason_zh, en=chosen.reason_en)] if chosen else []
    for one in texts.shift:
        if one.envelope != envelope.envelope_id or not _holds(one.when, answers):
            continue
        moved = min(one.bp, shares[one.from_] - limits[one.from_][0], limits[one.to][1] - shares[one.to])
        if moved <= 0:
            continue
        shares[one.from_] -= moved
        shares[one.to] += moved
        reasons.append(Reason(product_id=one.to, zh=one.reason_zh, en=one.reason_en))
    return Proposal(
        envelope_id=envelope.envelope_id, shares_bp=tuple(shares[one] for one in products), reasons=tuple(reasons)
    )


def _holds(when: Mapping[str, str], answers: Mapping[str, list[str]]) -> bool:
    return all(value in answers.get(key, []) for key, value in when.items())
