"""The consumer's `.record` file: `{entry, record}`, the release as it was sealed and the record that it sealed."""

import base64
from dataclasses import dataclass

from store_service.evidence.canonical import Json, canonical, parse_entry, sha256_hex
from store_service.evidence.errors import ProofFails
from store_service.evidence.note import decode_base64

RELEASED = "unit.released"


@dataclass(frozen=True, slots=True)
class RecordFile:
    """The canonical bytes of a `unit.released` entry and the public record whose digest it carries."""

    entry: bytes
    record: Json

    def to_json(self) -> dict[str, Json]:
        """What is served: the entry in base64, the record as it is."""
        return {"entry": base64.b64encode(self.entry).decode(), "record": self.record}

    @classmethod
    def of(cls, file: object) -> "RecordFile":
        """The parts of a parsed file, with the record checked against the entry; raises ProofFails or NotCanonical."""
        if not isinstance(file, dict) or set(file) != {"entry", "record"} or not isinstance(file["entry"], str):
            raise ProofFails("a record file holds `entry` and `record`, nothing else")
        try:
            entry = decode_base64(file["entry"])
        except ValueError as error:
            raise ProofFails(f"the entry is not base64: {error}") from error
        event = parse_entry(entry)
        data = event.get("data")
        if event.get("type") != RELEASED or not isinstance(data, dict):
            raise ProofFails("the entry is not the release of a unit")
        if sha256_hex(canonical(file["record"])) != data.get("public_sha256"):
            raise ProofFails("the record is not the one that was sealed when the unit was released")
        return cls(entry, file["record"])
