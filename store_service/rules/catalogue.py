"""The catalogue: rules and their words out of config/rules, provinces and their parameters out of
config/provinces.toml, public holidays out of config/holidays.toml."""

from __future__ import annotations

import hashlib
import json
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from .checking import No
from .checks import CHECKS
from .params import Parameters
from .refusal import Finding, Step
from .wording import Terms
from .words import lexicon_document
from .workdays import Workdays, read_workdays

Outcome = Literal["refuse", "warn", "record", "organisational", "note"]
Said = Literal["refuse", "warn", "note"]
Overrides = Mapping[str, Mapping[str, int | bool | str | None]]

PARAMETER_BASES = ("law", "province", "default")
"""Where a parameter's value comes from."""
ANYWHERE = "*"
"""Key of overrides that apply to every province."""
DOCUMENT_GATES = ("open_service", "verdict", "start")
"""Where the readiness register is looked at; a warning is answered once a shift."""
RECORD_GATE = "release"
"""Where a record that a rule asks for must be there."""
EXPIRY_GATE = "open_service"
"""Where what ends soon is told."""


class Next(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    zh: str
    en: str
    act: str | None = None


class Saying(BaseModel):
    """One way in which a rule says no. `zh` and `en` are str.format templates over the facts."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    outcome: Said = "refuse"
    second_person: bool | None = None  # None: as the rule says of its warnings
    zh: str
    en: str
    next: tuple[Next, ...] = Field(min_length=1)


class Reason(BaseModel):
    """One entry of the list from which a warning's reason is chosen."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    zh: str
    en: str


class Paper(BaseModel):
    """A document that the readiness register must hold for a rule. One that `governs` blending refuses where it is
    missing or has lapsed, any other warns. `provinces` by letters; empty means everywhere."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    key: str = Field(pattern=r"^[a-z0-9-]+$")
    zh: str
    en: str
    governs: bool = False
    provinces: tuple[str, ...] = ()


class Rule(BaseModel):
    """One rule. `asked` (its gates) comes from the checks that are registered for it, the rest from config/rules.

    `does` tells what the software does where its sayings do not; `parameters` are names of `Parameters`; `documents`
    are asked of the readiness register; `records` are places of the unit's record that must be filled at its release;
    `second_person`: a warning of this rule wants a second name.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    title_zh: str
    title_en: str
    outcome: Outcome
    every: Literal["shift", "service", "unit", "dose"]
    basis: Literal["law", "default", "derived"]
    source: str
    confidence: Literal["H", "M", "L"]
    does_zh: str = ""
    does_en: str = ""
    parameters: tuple[str, ...] = ()
    documents: tuple[Paper, ...] = ()
    records: tuple[str, ...] = ()
    second_person: bool = False
    no: Mapping[str, Saying] = {}
    asked: tuple[str, ...] = ()


class Province(BaseModel):
    """A province. Its key is the second half of its ISO 3166-2:CN code; `prefix` begins its filing numbers."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    letters: str = Field(pattern=r"^[A-Z]{2}$")
    prefix: str = Field(min_length=1, max_length=1)
    zh: str
    en: str
    set: Mapping[str, Any] = {}

    @property
    def in_pilot(self) -> bool:
        return bool(self.set.get("in_pilot", False))


@dataclass(frozen=True, slots=True)
class RuleSet:
    """Everything that the gates need, as one immutable value. `digest` is the SHA-256 (hex) of its canonical
    content."""

    version: str
    digest: str
    rules: Mapping[str, Rule]
    provinces: Mapping[str, Province]
    defaults: Mapping[str, object]
    terms: Terms = field(repr=False)
    shared: Mapping[str, Saying] = field(default_factory=dict, repr=False)
    reasons: Mapping[str, Reason] = field(default_factory=dict, repr=False)
    bases: Mapping[str, str] = field(default_factory=dict, repr=False)
    workdays: Workdays = field(default_factory=Workdays, repr=False)

    def province(self, text: str) -> Province | None:
        """By letters (SH) or by filing prefix (沪); None for anything else."""
        return self.provinces.get(text) or next((p for p in self.provinces.values() if p.prefix == text), None)

    def params(self, province: str, overrides: Overrides | None = None) -> Mapping[str, object]:
        """Typed parameter values of one province: defaults, then the province's, then `overrides` under "*", the
        prefix or the letters. An unknown province gets the defaults and is not in the pilot. Raises ValueError
        (pydantic) for an unknown name or a value of the wrong type."""
        known = self.province(province)
        keys = (ANYWHERE, known.prefix, known.letters) if known else (ANYWHERE,)
        merged = dict(self.defaults) | dict(known.set if known else {})
        for key in keys:
            merged |= {name: _plain(name, value) for name, value in (overrides or {}).get(key, {}).items()}
        return dict(Parameters.model_validate(merged))

    def fill(self, params: Mapping[str, object]) -> Parameters:
        """The given values over the defaults, typed."""
        return Parameters.model_validate(dict(self.defaults) | dict(params))

    def saying(self, rule_id: str, name: str) -> Saying:
        """The rule's own saying, or the one that all rules share. Raises KeyError where there is neither."""
        return self.rules[rule_id].no.get(name) or self.shared[name]

    def outcome(self, rule_id: str, no: No) -> Said:
        """Whether this "no" refuses, warns or is only told."""
        said = self.saying(rule_id, no.saying).outcome
        return "warn" if no.milder and said == "refuse" else said

    def finding(self, rule_id: str, no: No) -> Finding:
        """The words for one "no". Raises KeyError when config/rules lacks the rule, the saying or a fact."""
        rule, saying = self.rules[rule_id], self.saying(rule_id, no.saying)
        second = saying.second_person
        return Finding(
            rule=rule.id,
            title_zh=rule.title_zh,
            title_en=rule.title_en,
            message_zh=self.terms.say(saying.zh, no.facts, "zh"),
            message_en=self.terms.say(saying.en, no.facts, "en"),
            facts=no.facts,
            next_steps=tuple(
                Step(self.terms.say(s.zh, no.facts, "zh"), self.terms.say(s.en, no.facts, "en"), s.act)
                for s in saying.next
            ),
            every=rule.every,
            per=no.per,
            saying=no.saying,
            second_person=rule.second_person and self.outcome(rule_id, no) == "warn" if second is None else second,
        )


def load(rules_dir: Path, provinces_file: Path) -> RuleSet:
    """Read the catalogue. Raises ValueError for a rule defined twice or a parameter that does not exist, OSError and
    tomllib/pydantic errors as they are."""
    version = ""
    raw_rules: dict[str, Any] = {}
    terms: dict[str, Any] = {}
    shared: dict[str, Any] = {}
    reasons: dict[str, Any] = {}
    bases: dict[str, list[str]] = {}
    for path in sorted(rules_dir.glob("*.toml")):
        document = tomllib.loads(path.read_text("utf-8"))
        version = document.pop("version", version)
        terms |= document.pop("terms", {})
        shared |= document.pop("shared", {})
        bases |= document.pop("parameters", {})
        reasons |= document.pop("reasons", {})
        if twice := raw_rules.keys() & document.keys():
            raise ValueError(f"{path.name}: defined twice: {', '.join(sorted(twice))}")
        raw_rules |= document
    raw_provinces = tomllib.loads(provinces_file.read_text("utf-8"))
    provinces = raw_provinces["provinces"]
    defaults = {name: _plain(name, value) for name, value in raw_provinces["defaults"].items()}
    Parameters.model_validate(defaults)
    content = {
        "version": version,
        "rules": raw_rules,
        "terms": terms,
        "shared": shared,
        "reasons": reasons,
        "parameters": bases,
        "provinces": raw_provinces,
        "lexicon": lexicon_document(),
    }
    canonical = json.dumps(content, sort_keys=True, ensure_ascii=False, separators=(",", ":"), default=str)
    return RuleSet(
        version=version,
        digest=hashlib.sha256(canonical.encode()).hexdigest(),
        rules={key: _rule(key, raw) for key, raw in sorted(raw_rules.items())},
        provinces={key: Province(letters=key, **raw) for key, raw in provinces.items()},
        defaults=defaults,
        terms=Terms({key: (word["zh"], word["en"]) for key, word in (provinces | terms).items()}),
        shared={key: Saying(**raw) for key, raw in shared.items()},
        reasons={key: Reason(**raw) for key, raw in reasons.items()},
        bases=_bases(bases),
        workdays=read_workdays(provinces_file.with_name("holidays.toml")),
    )


def _bases(raw: Mapping[str, list[str]]) -> Mapping[str, str]:
    """Parameter → where its value comes from. Raises ValueError for one that is none, or that stands twice."""
    told = [(name, basis) for basis, names in raw.items() for name in names]
    if wrong := [name for name, basis in told if name not in Parameters.model_fields or basis not in PARAMETER_BASES]:
        raise ValueError(f"parameters: no such parameter or basis: {', '.join(wrong)}")
    if len(dict(told)) < len(told):
        raise ValueError("parameters: one stands under two bases")
    return dict(told)


def _rule(rule_id: str, raw: Mapping[str, Any]) -> Rule:
    rule = Rule(id=rule_id, **raw)
    if strangers := set(rule.parameters) - set(Parameters.model_fields):
        raise ValueError(f"{rule_id}: no such parameter: {', '.join(sorted(strangers))}")
    return rule.model_copy(update={"asked": _asked(rule)})


def _asked(rule: Rule) -> tuple[str, ...]:
    by_checks = [gate for gate, checks in CHECKS.items() if any(one == rule.id for one, _ in checks)]
    by_data = [*(DOCUMENT_GATES if rule.documents else ()), *((RECORD_GATE,) if rule.records else ())]
    return tuple(dict.fromkeys(by_checks + by_data))


def _plain(name: str, value: object) -> object:
    """TOML has no null and a snapshot no lists: "" means not set, and a list parameter may come as one line."""
    if value == "":
        return None
    field = Parameters.model_fields.get(name)
    if isinstance(value, str) and field is not None and str(field.annotation).startswith("tuple"):
        return tuple(part.strip() for part in value.split(",") if part.strip())
    return value
