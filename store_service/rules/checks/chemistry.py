"""R-BLD-02, R-BLD-19: what a mixture does that its sources did not: less preservative, another pH, more of a restricted
ingredient for this use; and the filer's evidence that it holds."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from store_service.rules.case import Case, PlannedUnit
from store_service.rules.checking import No, check, named, no, units_of
from store_service.rules.chemistry import use_of
from store_service.rules.dates import beijing_date
from store_service.rules.dossier import Envelope, Microbiology
from store_service.rules.merge import Formula, preservative_ppm
from store_service.rules.numbers import parse_class_code
from store_service.rules.params import Parameters
from store_service.rules.restricted import exceeded, on_hair

EYE_OR_LIP = frozenset({"06", "07"})


def _formula(unit: PlannedUnit) -> Formula:
    return [(source.product, source.share_bp) for source in unit.sources if source.product is not None]


@check("R-BLD-02", "verdict", "reratio")
def evidence_in_the_envelope(case: Case, params: Parameters) -> Iterator[No]:
    """R-BLD-02: challenge test for all; for a blend also a pH window, and the least preservative that was tested."""
    for unit in units_of(case):
        envelope = unit.envelope
        if envelope is None:
            continue
        needed: dict[str, object] = {"challenge_test": envelope.challenge_test_ref}
        if unit.kind == "blend":
            needed |= {
                "ph_window": envelope.ph_min_x100 and envelope.ph_max_x100,
                "preservative_floor": envelope.min_preservative_ppm,
            }
        if missing := [name for name, value in needed.items() if value is None or value == ""]:
            yield no("no_evidence", **_of(unit, envelope), missing=missing)
        if unit.kind == "blend":
            yield from _preserved(unit, envelope)
            yield from _ph(unit, envelope)


def _of(unit: PlannedUnit, envelope: Envelope) -> dict[str, object]:
    return {"unit_id": unit.unit_id, "envelope_id": envelope.envelope_id, "version": envelope.version}


def _preserved(unit: PlannedUnit, envelope: Envelope) -> Iterator[No]:
    found_ppm, least_ppm = preservative_ppm(_formula(unit)), envelope.min_preservative_ppm
    if least_ppm is not None and found_ppm < least_ppm:
        yield no("diluted", **_of(unit, envelope), found_ppm=found_ppm, least_ppm=least_ppm)


def _ph(unit: PlannedUnit, envelope: Envelope) -> Iterator[No]:
    """A blend's pH is never reckoned: the filer's window speaks for it, and only where every source's pH is known."""
    for source in unit.sources:
        if source.product is not None and source.product.ph_min_x100 is None:
            yield no("ph_unknown", **_of(unit, envelope), **named(source))


@check("R-BLD-02", "verdict", "reratio")
def restricted_within_limits(case: Case, params: Parameters) -> Iterator[No]:
    """R-BLD-02: no restricted ingredient above its limit for this use, at its concentration in this unit."""
    for unit in units_of(case):
        formula = _formula(unit)
        hair = on_hair([product for product, _ in formula])
        for over in exceeded(formula, case.restrictions, use_of(formula), hair=hair):
            saying = "restricted" if over.exact else "restricted_judge"
            yield no(
                saying if over.known else "restricted_unknown",
                unit_id=unit.unit_id,
                ingredient=over.cn_name,
                entry=over.entry,
                found_ppm=over.found_ppm,
                max_ppm=over.max_ppm,
            )


@check("R-BLD-19", "verdict")
def sampled_lately(case: Case, params: Parameters) -> Iterator[No]:
    """R-BLD-19 as amended: each envelope's last sample passed, and is not older than a quarter."""
    for unit in units_of(case):
        envelope = unit.envelope
        if envelope is None:
            continue
        sample, facts = envelope.microbiology, _of(unit, envelope)
        due = sample.sampled + timedelta(days=params.micro_every_days) if sample else None
        if sample is None or due is None or due < beijing_date(case.now):
            yield no("due", **facts, sampled=sample.sampled if sample else None, due=due)
        if sample is not None and (failed := _failed(unit, sample, params)):
            yield no("failed", **facts, sampled=sample.sampled, report=sample.report, failed=failed)


def _failed(unit: PlannedUnit, sample: Microbiology, params: Parameters) -> list[str]:
    codes = [parse_class_code(s.product.class_code) for s in unit.sources if s.product is not None]
    strict = any(code is None or EYE_OR_LIP.intersection(code.site) for code in codes)
    most = params.micro_max_cfu_lip_eye_g if strict else params.micro_max_cfu_g
    passed = {
        "total_count": sample.cfu_per_g <= most,
        "moulds": sample.moulds_per_g <= params.micro_max_moulds_g,
        "pathogens": sample.pathogens_absent,
    }
    return [name for name, good in passed.items() if not good]
