"""After the sale: reactions, complaints, what comes back, recalls. What a person told stays in the vault."""

from datetime import date, datetime

from store_service.records.event import Payload


class ReactionReported(Payload, type="reaction.reported"):
    """A case was opened (R-ADR-01). `unit_id` and `batch` are empty when the bottle is not known; `told` is the
    commitment of what was told, `notice_version` of what was read before. `channel`: page, counter, phone,
    authority."""

    case_id: str
    unit_id: str
    batch: str
    channel: str
    aware_at: datetime
    told: str
    notice_version: str
    contact_left: bool


class ReactionContactLeft(Payload, type="reaction.contact_left"):
    """Who reported left a way to be reached, after a notice of its own."""

    case_id: str
    notice_version: str


class ReactionAware(Payload, type="reaction.aware_earlier"):
    """Somebody here knew earlier than the record said: the clock starts there."""

    case_id: str
    aware_at: datetime
    by: str


class ReactionClassified(Payload, type="reaction.classified"):
    """`severity`: general, serious or social. `reason` is the officer's, without anything personal."""

    case_id: str
    severity: str
    reason: str
    by: str


class ReactionLinked(Payload, type="reaction.linked"):
    """The bottle was found later."""

    case_id: str
    unit_id: str
    batch: str
    by: str


class ReactionSupplemented(Payload, type="reaction.supplemented"):
    """New facts; `told` is the commitment of the record as it stands now."""

    case_id: str
    told: str
    by: str


class ReactionSubmitted(Payload, type="reaction.submitted"):
    """A report went out. `kind`: report, selfcheck or supplement."""

    case_id: str
    kind: str
    batch: str
    filing_numbers: tuple[str, ...]
    lots: tuple[str, ...]
    receipt: str
    by: str


class ReactionClosed(Payload, type="reaction.closed"):
    case_id: str
    conclusion: str
    by: str


class HoldConfirmed(Payload, type="hold.confirmed"):
    """A person said that a lot is held (R-ADR-08); `lot.held` follows in the same act."""

    product_id: str
    lot_no: str
    cases: tuple[str, ...]
    by: str


class ComplaintRecorded(Payload, type="complaint.recorded"):
    """`kind`: leak, smell, short_weight, wrong_label, appearance or other (R-ADR-13)."""

    complaint_id: str
    unit_id: str
    batch: str
    kind: str
    by: str


class ComplaintTold(Payload, type="complaint.told"):
    """What the consumer said of it is sealed: words, contact, a photo's number. `told` is the commitment."""

    complaint_id: str
    told: str
    contact_left: bool
    photo: bool


class ComplaintClosed(Payload, type="complaint.closed"):
    complaint_id: str
    outcome: str
    by: str


class UnitReturned(Payload, type="unit.returned"):
    """A unit came back: scanned, weighed, quarantined (R-ADR-14)."""

    return_id: str
    unit_id: str
    batch: str
    reason: str
    gross_mg: int | None
    place: str
    by: str


class ReturnedDestroyed(Payload, type="returned.destroyed"):
    return_id: str
    unit_id: str
    method: str
    by: str
    second: str


class RecallOpened(Payload, type="recall.opened"):
    """The list of a lot's units was drawn up. `drill`: nobody is called."""

    recall_id: str
    product_id: str
    lot_no: str
    reason: str
    drill: bool
    units: int
    consumers: int
    by: str


class RecallCalled(Payload, type="recall.called"):
    """One attempt. `outcome`: reached, no_answer, wrong_number, declined or returned."""

    recall_id: str
    consumer_ref: str
    channel: str
    outcome: str
    by: str


class RecallTold(Payload, type="recall.told"):
    """One of the things that a recall owes (R-ADR-09). `step`: filer_told, mpa_reported (`ref` is the receipt) or
    treated (`detail` is what was done with what came back)."""

    recall_id: str
    step: str
    ref: str
    detail: str
    by: str


class RecallClosed(Payload, type="recall.closed"):
    recall_id: str
    by: str


class WasteDestroyed(Payload, type="waste.destroyed"):
    """Two persons destroyed what failed or may not be used (R-BLD-18). `kind`: unit, container or lot; `subject` its
    id; `mass_mg` as weighed before."""

    waste_id: str
    kind: str
    subject: str
    product_id: str
    lot_no: str
    batch: str
    mass_mg: int
    method: str
    by: str
    second: str


class SampleKept(Payload, type="sample.kept"):
    """A sample went into the cabinet. `kind`: source or blend; a blend's names its unit or envelope."""

    sample_id: str
    kind: str
    product_id: str
    lot_no: str
    envelope_id: str
    unit_id: str
    container_id: str
    mass_mg: int
    expiry: date
    due: date
    place: str
    temp_c10: int | None
    by: str


class SamplePulled(Payload, type="sample.pulled"):
    """Some of it was taken out; an authority's receipt number belongs here."""

    sample_id: str
    mass_mg: int
    purpose: str
    receipt: str
    by: str


class SampleMoved(Payload, type="sample.moved"):
    sample_id: str
    place: str
    temp_c10: int | None
    by: str


class SampleDisposed(Payload, type="sample.disposed"):
    sample_id: str
    method: str
    by: str
    second: str


class BalanceStruck(Payload, type="balance.struck"):
    """A finished container's residue was weighed (R-REC-06). `lost_mg` is what nobody can account for, negative for a
    gain; `outcome`: balanced, loss or gain."""

    container_id: str
    product_id: str
    lot_no: str
    filled_mg: int
    dosed_mg: int
    purged_mg: int
    sampled_mg: int
    residue_mg: int
    unknown_doses: int
    lost_mg: int
    allowed_mg: int
    outcome: str
