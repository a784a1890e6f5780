"""R-CON and R-PRV: what a consumer need not tell, may take back, and may ask for."""

from __future__ import annotations

from collections.abc import Iterator

from store_service.rules.case import Case
from store_service.rules.checking import No, check, no
from store_service.rules.dates import beijing_date
from store_service.rules.matters import EvidenceWord, ImageRequest, RightsAnswer, Sending
from store_service.rules.params import Parameters
from store_service.rules.words import lint

HOME = "CN"
OPENERS = ("officer", "manager")


REASON = "reason"
"""How the names of a proposal's reasons begin among what is told."""


@check("R-CON-04", "consult", "verdict")
def nothing_forced(case: Case, params: Parameters) -> Iterator[No]:
    """R-CON-04: only what the service cannot do without may be a condition of it."""
    needed = case.consumer.needed_consents if case.consumer else frozenset()
    if forced := needed - set(params.necessary_purposes):
        yield no("forced", forced=forced, necessary=params.necessary_purposes)


@check("R-CON-06", "consult", "verdict")
def not_withdrawn(case: Case, params: Parameters) -> Iterator[No]:
    """R-CON-06: what was taken back is not used again."""
    if case.consumer and (gone := case.consumer.withdrawn & case.consumer.needed_consents):
        yield no("withdrawn", withdrawn=gone)


@check("R-CON-07", "verdict")
def reviewed_by_a_person(case: Case, params: Parameters) -> Iterator[No]:
    """R-CON-07: a consumer who asked for a person's decision gets it before anything is blended."""
    if case.consumer and case.consumer.review_open:
        yield no("review_open", review_open=True)


@check("R-CON-10", "consult", "verdict")
def no_medical_talk(case: Case, params: Parameters) -> Iterator[No]:
    """R-CON-10: nothing that is asked or proposed holds a medical or otherwise forbidden word; a doubtful word in a
    proposal's reasons goes to a person, one in a question ("皮肤科治疗") is what the question asks for."""
    for name, text in case.told.items():
        hits = lint(text)
        if refused := [hit.word for hit in hits if hit.outcome == "refuse"]:
            yield no("medical", told=name, words=refused)
        elif hits and name.startswith(REASON):
            yield no("doubtful", told=name, words=[hit.word for hit in hits])


@check("R-CON-11", "image")
def image_consented(case: Case, params: Parameters) -> Iterator[No]:
    """R-CON-11: no picture without the separate consent to a skin analysis."""
    matter = case.matter
    if not isinstance(matter, ImageRequest) or not matter.consent or matter.purpose != "skin_analysis":
        consent, purpose = (matter.consent, matter.purpose) if isinstance(matter, ImageRequest) else (None, None)
        yield no("no_consent", consent=consent, purpose=purpose)


@check("R-CON-12", "image")
def no_face_template(case: Case, params: Parameters) -> Iterator[No]:
    """R-CON-12: nobody is recognised by a face here."""
    matter = case.matter
    if isinstance(matter, ImageRequest) and (matter.template or matter.purpose == "identify"):
        yield no("template", template=matter.template, purpose=matter.purpose)


@check("R-PRV-02", "image")
def impact_assessed(case: Case, params: Parameters) -> Iterator[No]:
    """R-PRV-02: pictures need an impact assessment that is in force."""
    today = beijing_date(case.now)
    if not params.pia_ref or params.pia_valid_to is None or today > params.pia_valid_to:
        yield no("no_pia", pia_ref=params.pia_ref, pia_valid_to=params.pia_valid_to, today=today)


@check("R-PRV-04", "send")
def shared_by_right(case: Case, params: Parameters) -> Iterator[No]:
    """R-PRV-04: another controller only with separate consent, a processor only by contract."""
    matter = case.matter
    if not isinstance(matter, Sending):
        yield no("unknown", recipient=None)
        return
    if matter.personal and matter.recipient == "controller" and not matter.consent:
        yield no("no_consent", recipient=matter.recipient, consent=matter.consent)
    if matter.personal and matter.recipient == "processor" and not matter.contract_ref.strip():
        yield no("no_contract", recipient=matter.recipient)


@check("R-PRV-05", "send")
def stays_at_home(case: Case, params: Parameters) -> Iterator[No]:
    """R-PRV-05: nothing personal leaves the country without a legal route and separate consent."""
    matter = case.matter
    if not isinstance(matter, Sending) or not matter.personal or matter.country == HOME:
        return
    if not matter.route_ref.strip() or not matter.consent:
        yield no("abroad", country=matter.country, consent=matter.consent)


@check("R-PRV-08", "send")
def masked_for_the_regulator(case: Case, params: Parameters) -> Iterator[No]:
    """R-PRV-08: an inspector gets personal data on a written request only."""
    matter = case.matter
    if not isinstance(matter, Sending) or not matter.personal or matter.recipient != "authority":
        return
    if not matter.request_ref.strip():
        yield no("unasked", recipient=matter.recipient, personal=matter.personal)


@check("R-PRV-03", "rights", "send", "breach_close")
def least_privilege(case: Case, params: Parameters) -> Iterator[No]:
    """R-PRV-03: only an officer or the manager opens, answers, erases or sends what a consumer told, or says that a
    breach of it is over."""
    if isinstance(case.matter, Sending) and not case.matter.personal:
        return
    staff = case.person.staff if case.person else None
    if staff is None or not set(staff.roles) & set(OPENERS):
        yield no("role", staff_id=case.person.staff_id if case.person else None, roles=staff.roles if staff else [])


@check("R-SYN-06", "legal_hold")
def evidence_kept(case: Case, params: Parameters) -> Iterator[No]:
    """R-SYN-06: an officer or the manager sets a legal hold and says why; two persons lift it."""
    matter, staff = case.matter, case.person.staff if case.person else None
    if staff is None or not set(staff.roles) & set(OPENERS):
        yield no("role", staff_id=case.person.staff_id if case.person else None, roles=staff.roles if staff else [])
    if not isinstance(matter, EvidenceWord) or not matter.reason.strip():
        yield no("no_reason", subject=matter.subject if isinstance(matter, EvidenceWord) else None)
    elif matter.lifts and matter.second in (None, matter.by):
        yield no("alone", by=matter.by, second=matter.second)


@check("R-PRV-06", "rights")
def rightly_answered(case: Case, params: Parameters) -> Iterator[No]:
    """R-PRV-06: the person is known to be the one, and a refusal tells its reason."""
    matter = case.matter
    if not isinstance(matter, RightsAnswer) or not matter.identified:
        yield no("not_identified", identified=False)
        return
    if matter.outcome != "done" and not matter.reason.strip():
        yield no("no_reason", outcome=matter.outcome, request=matter.kind)
    if matter.hold and matter.kind in ("erase", "close") and matter.asked:
        yield no("legal_hold", hold=matter.hold)


@check("R-ADR-10", "rights")
def still_to_be_reached(case: Case, params: Parameters) -> Iterator[No]:
    """R-ADR-10: what a recall or a statutory record needs stays sealed until its day."""
    matter, today = case.matter, beijing_date(case.now)
    if isinstance(matter, RightsAnswer) and matter.kind in ("erase", "close"):
        for kind in matter.asked:
            if matter.kept is None or ((until := matter.kept.get(kind)) is not None and today <= until):
                yield no("kept", kind=kind, keep_until=(matter.kept or {}).get(kind))
