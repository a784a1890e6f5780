"""What happened to personal data, without any of it: references, kinds, reasons from a list, commitments."""

from datetime import date, datetime

from store_service.records.event import UPCASTERS, Payload


class ConsentWithdrawn(Payload, type="consent.withdrawn"):
    """One purpose was taken back (R-CON-06). `erased` names the kinds of records that went with it."""

    service_id: str
    purpose: str
    erased: tuple[str, ...]


class RecommendationMade(Payload, type="recommendation.made"):
    """The system proposed shares (R-CON-07). Its reasons follow from the answers: they stay in the vault."""

    service_id: str
    model_version: str
    envelope_id: str
    commitment: str


class ReviewRequested(Payload, type="review.requested"):
    """The consumer asked for a person's decision on the proposal."""

    service_id: str


class ReviewDecided(Payload, type="review.decided"):
    """A person looked at the proposal. `decision`: kept, changed or declined."""

    service_id: str
    decision: str
    officer_id: str


class ImageKept(Payload, type="image.kept"):
    """A picture of the skin is in the vault until `keep_until` (R-CON-11)."""

    service_id: str
    pia_ref: str
    keep_until: date
    commitment: str


class RightsRequested(Payload, type="rights.requested"):
    """A consumer asks to see, copy, correct, erase, have explained or close. `identified_by`: batch, label, member."""

    request_id: str
    consumer_ref: str
    kind: str
    identified_by: str
    due: date


class RightsAnswered(Payload, type="rights.answered"):
    """`outcome`: done, partly or refused; `kept` are the kinds that the law keeps, the longest until `kept_until`."""

    request_id: str
    outcome: str
    reason: str
    kept: tuple[str, ...]
    kept_until: date | None
    by: str


class PersonalShown(Payload, type="personal.shown"):
    """Somebody opened personal records: who, of which subject, what for."""

    subject: str
    kinds: tuple[str, ...]
    purpose: str
    by: str


class PersonalCorrected(Payload, type="personal.corrected"):
    """A record in the vault was replaced on the person's request."""

    subject: str
    kind: str
    commitment: str
    by: str


class PersonalErased(Payload, type="personal.erased"):
    """Keys were destroyed. `why`: request, withdrawal, retention or orphan."""

    subject: str
    kinds: tuple[str, ...]
    why: str


class LegalHoldSet(Payload, type="legal_hold.set"):
    """A case is open: nothing of the subject goes until the hold is lifted."""

    hold_id: str
    subject: str
    reason: str
    by: str


class LegalHoldLifted(Payload, type="legal_hold.lifted", v=2):
    """`second` is empty where one person lifted it: before version 2."""

    hold_id: str
    reason: str
    by: str
    second: str


UPCASTERS["legal_hold.lifted", 1] = lambda data: {**data, "second": ""}


class BreachRecorded(Payload, type="breach.recorded"):
    """Personal data leaked, was lost or altered (R-PRV-07)."""

    breach_id: str
    aware_at: datetime
    kinds: str
    by: str


class BreachClosed(Payload, type="breach.closed"):
    breach_id: str
    cause: str
    harm: str
    measures: str
    contact: str
    authority_ref: str
    persons_told: str
    by: str


class DataSent(Payload, type="data.sent", v=2):
    """An export left the shop (R-PRV-08): to whom, whether personal, on which request. v2 names the inspection that it
    was made for, where there was one."""

    sending_id: str
    recipient: str
    country: str
    personal: bool
    request_ref: str
    day_from: date
    day_to: date
    sha256: str
    by: str
    inspection_id: str


UPCASTERS["data.sent", 1] = lambda data: {**data, "inspection_id": ""}


class RecordCorrected(Payload, type="record.corrected"):
    """A correction beside what stands (R-REC-05): the entry itself is never changed."""

    subject: str
    field: str
    value: str
    reason: str
    by: str
