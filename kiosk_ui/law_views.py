"""What the quality desk reads of the rules: each with its words, its basis, and the values in force in this shop."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from store_service.rules.catalogue import Rule, RuleSet, Saying
from store_service.rules.page import BASIS, EVERY, OUTCOME, PARAMETER_BASIS
from store_service.rules.params import Parameters
from store_service.rules.reads import parameters_of

from .models import Words

TONE = {"refuse": "brick", "warn": "amber", "record": "sage", "organisational": "", "note": ""}


@dataclass(frozen=True, slots=True)
class Choice:
    """What was typed above the list; nothing typed shows every rule."""

    text: str = ""
    outcome: str = ""
    basis: str = ""
    differs: bool = False


@dataclass(frozen=True, slots=True)
class Value:
    """A parameter as it stands here. `usual` is the default where the province or head office set another."""

    name: str
    meaning: str
    here: str
    usual: str | None
    basis: Words


@dataclass(frozen=True, slots=True)
class SayingCard:
    outcome: Words
    tone: str
    words: Words
    steps: tuple[Words, ...]


@dataclass(frozen=True, slots=True)
class RuleCard:
    id: str
    title: Words
    does: Words | None
    outcome: Words
    tone: str
    every: Words
    basis: Words
    source: str
    confidence: str
    asked: tuple[str, ...]
    second_person: bool
    sayings: tuple[SayingCard, ...]
    papers: tuple[tuple[Words, bool], ...]
    records: tuple[str, ...]
    values: tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class LawView:
    version: str
    digest: str
    total: int
    families: tuple[tuple[str, tuple[RuleCard, ...]], ...]
    choice: Choice
    outcomes: tuple[tuple[str, Words], ...]
    bases: tuple[tuple[str, Words], ...]


def law_view(ruleset: RuleSet, here: Parameters, choice: Choice) -> LawView:
    cards = [_card(ruleset, rule, here) for rule in ruleset.rules.values()]
    shown = [card for card in cards if _chosen(ruleset.rules[card.id], card, choice)]
    families = dict.fromkeys(card.id.split("-")[1] for card in shown)
    return LawView(
        ruleset.version,
        ruleset.digest,
        len(shown),
        tuple((key, tuple(card for card in shown if card.id.split("-")[1] == key)) for key in families),
        choice,
        tuple((key, Words(*pair)) for key, pair in OUTCOME.items()),
        tuple((key, Words(*pair)) for key, pair in BASIS.items()),
    )


def _chosen(rule: Rule, card: RuleCard, choice: Choice) -> bool:
    told = " ".join((rule.id, rule.title_zh, rule.title_en, rule.source)).casefold()
    return (
        all(word in told for word in choice.text.casefold().split())
        and choice.outcome in ("", rule.outcome)
        and choice.basis in ("", rule.basis)
        and (not choice.differs or any(one.usual is not None for one in card.values))
    )


def _card(ruleset: RuleSet, rule: Rule, here: Parameters) -> RuleCard:
    return RuleCard(
        id=rule.id,
        title=Words(rule.title_zh, rule.title_en),
        does=Words(rule.does_zh, rule.does_en) if rule.does_zh else None,
        outcome=Words(*OUTCOME[rule.outcome]),
        tone=TONE[rule.outcome],
        every=Words(*EVERY[rule.every]),
        basis=Words(*BASIS[rule.basis]),
        source=rule.source,
        confidence=rule.confidence,
        asked=rule.asked,
        second_person=rule.second_person,
        sayings=tuple(map(_saying, rule.no.values())),
        papers=tuple((Words(one.zh, one.en), one.governs) for one in rule.documents),
        records=rule.records,
        values=tuple(_values(ruleset, rule, here)),
    )


def _saying(one: Saying) -> SayingCard:
    steps = tuple(Words(step.zh, step.en) for step in one.next)
    return SayingCard(Words(*OUTCOME[one.outcome]), TONE[one.outcome], Words(one.zh, one.en), steps)


def _values(ruleset: RuleSet, rule: Rule, here: Parameters) -> Iterator[Value]:
    usual = ruleset.fill({})
    for name in parameters_of(rule):
        told, default = _told(getattr(here, name)), _told(getattr(usual, name))
        meaning = Parameters.model_fields[name].description or ""
        basis = Words(*PARAMETER_BASIS[ruleset.bases[name]])
        yield Value(name, meaning, told, None if told == default else default, basis)


def _told(value: object) -> str:
    match value:
        case None:
            return "—"
        case bool():
            return "✓" if value else "✕"
        case list() | tuple():
            return "、".join(map(str, value)) or "—"
        case _:
            return str(value)
