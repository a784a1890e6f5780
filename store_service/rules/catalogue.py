"""The catalogue: rules and their words out of config/rules, provinces and their parameters out of
config/provinces.toml."""

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

Outcome = Literal["refuse", "warn", "record", "organisational", "note"]
Overrides = Mapping[str, Mapping[str, int | bool | str | None]]

ANYWHERE = "*"
"""Key of overrides that apply to every province."""


class Next(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    zh: str
    en: str
    act: str | None = None


class Saying(BaseModel):
    """One way in which a rule says no. `zh` and `en` are str.format templates over the facts."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    outcome: Literal["refuse", "warn"] = "refuse"
    zh: str
    en: str
    next: tuple[Next, ...] = Field(min_length=1)


class Rule(BaseModel):
    """One rule. `asked` (its gates) comes from the checks that are registered for it, the rest from config/rules.

    `does` tells what the software does where its sayings do not; `parameters` are names of `Parameters`.
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

    def finding(self, rule_id: str, no: No) -> Finding:
        """The words for one "no". Raises KeyError when config/rules lacks the rule, the saying or a fact."""
        rule = self.rules[rule_id]
        saying = rule.no[no.saying]
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
        )


def load(rules_dir: Path, provinces_file: Path) -> RuleSet:
    """Read the catalogue. Raises ValueError for a rule defined twice, OSError and tomllib/pydantic errors as they
    are."""
    version = ""
    raw_rules: dict[str, Any] = {}
    terms: dict[str, Any] = {}
    for path in sorted(rules_dir.glob("*.toml")):
        document = tomllib.loads(path.read_text("utf-8"))
        version = document.pop("version", version)
        terms |= document.pop("terms", {})
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
        "provinces": raw_provinces,
        "lexicon": lexicon_document(),
    }
    canonical = json.dumps(content, sort_keys=True, ensure_ascii=False, separators=(",", ":"), default=str)
    return RuleSet(
        version=version,
        digest=hashlib.sha256(canonical.encode()).hexdigest(),
        rules={key: Rule(id=key, asked=_asked(key), **raw) for key, raw in sorted(raw_rules.items())},
        provinces={key: Province(letters=key, **raw) for key, raw in provinces.items()},
        defaults=defaults,
        terms=Terms({key: (word["zh"], word["en"]) for key, word in (provinces | terms).items()}),
    )


def _asked(rule_id: str) -> tuple[str, ...]:
    return tuple(gate for gate, checks in CHECKS.items() if any(rule == rule_id for rule, _ in checks))


def _plain(name: str, value: object) -> object:
    """TOML has no null and a snapshot no lists: "" means not set, and a list parameter may come as one line."""
    if value == "":
        return None
    field = Parameters.model_fields.get(name)
    if isinstance(value, str) and field is not None and str(field.annotation).startswith("tuple"):
        return tuple(part.strip() for part in value.split(",") if part.strip())
    return value
