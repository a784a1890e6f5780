"""One consumer's visit. No personal data: references, versions, ticks, a verdict and a commitment."""

from store_service.records.event import UPCASTERS, Payload


class ServiceOpened(Payload, type="service.opened"):
    service_id: str
    consumer_ref: str


class NoticeShown(Payload, type="notice.shown"):
    service_id: str
    version: str


class ConsentRecorded(Payload, type="consent.recorded"):
    """One tick for one purpose (R-CON-03), given or declined."""

    service_id: str
    purpose: str
    version: str
    given: bool


class ConsultationRecorded(Payload, type="consultation.recorded"):
    """`commitment` is HMAC-SHA256(k_record, canonical answers); the answers stay in the vault."""

    service_id: str
    version: str
    path: str
    commitment: str
    guardian_consent: bool


class ConsultationChanged(Payload, type="consultation.changed"):
    """An answer was changed or taken back after the consultation was complete: it is to be finished again, and what was
    judged by it is to be judged again."""

    service_id: str


class AllergyDecided(Payload, type="allergy.decided"):
    """The officer's decision on an allergen that was not recognised or may hide in a collective name.

    `allergen` is HMAC-SHA256 under a key of this service in the vault: a bare hash of a name could be guessed.
    """

    service_id: str
    allergen: str
    decision: str
    officer_id: str


class VerdictGiven(Payload, type="verdict.given"):
    service_id: str
    units: tuple[str, ...]
    allowed: bool
    refusals: tuple[str, ...]
    warnings: tuple[str, ...]
    asked: tuple[str, ...]
    ruleset_version: str
    ruleset_sha256: str
    params_sha256: str
    allergy_result: str


class ServiceExplained(Payload, type="service.explained", v=2):
    """Told to the consumer before the hand-over, ticked one by one (R-CON-09): `items` of `explained_items`."""

    service_id: str
    by: str
    items: tuple[str, ...]


UPCASTERS["service.explained", 1] = lambda data: {**data, "items": []}


class ServiceHandedOver(Payload, type="service.handed_over", v=2):
    """`recall_card`: who left no contact was given a card with the batch numbers (R-REC-03 as amended)."""

    service_id: str
    units: tuple[str, ...]
    contact_left: bool
    by: str
    recall_card: bool


UPCASTERS["service.handed_over", 1] = lambda data: {**data, "recall_card": False}


class ServiceCancelled(Payload, type="service.cancelled"):
    service_id: str
    reason: str
