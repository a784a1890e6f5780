"""Deviations and their decisions."""

from store_service.records.event import Payload


class DeviationRecorded(Payload, type="deviation.recorded"):
    deviation_id: str
    subject: str
    kind: str
    detail: str
    by: str


class DeviationClosed(Payload, type="deviation.closed"):
    deviation_id: str
    subject: str
    decision: str
    by: str
    second: str
