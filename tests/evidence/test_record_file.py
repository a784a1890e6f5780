"""The consumer's record file."""

import base64

import pytest

from store_service.evidence.canonical import canonical, entry_bytes, sha256_hex
from store_service.evidence.errors import EvidenceError
from store_service.evidence.record_file import RecordFile
from tests.evidence.samples import RECORD, RELEASE


def test_a_record_file_survives_its_json() -> None:
    file = RecordFile(RELEASE, RECORD)
    assert RecordFile.of(file.to_json()) == file


@pytest.mark.parametrize(
    "file",
    [
        None,
        {},
        {"entry": base64.b64encode(RELEASE).decode()},
        {"entry": 7, "record": RECORD},
        {"entry": "?", "record": RECORD},
        {"entry": base64.b64encode(b"entry 3").decode(), "record": RECORD},
        {"entry": base64.b64encode(RELEASE).decode(), "record": RECORD, "note": "trust me"},
        {"entry": base64.b64encode(RELEASE).decode(), "record": {**RECORD, "net_mg": 30_001}},
        {"entry": base64.b64encode(RELEASE).decode(), "record": {**RECORD, "net_mg": 30_000.0}},
        {"entry": base64.b64encode(entry_bytes({"type": "unit.released", "data": None})).decode(), "record": RECORD},
        {
            "entry": base64.b64encode(
                entry_bytes({"type": "unit.signed", "data": {"public_sha256": sha256_hex(canonical(RECORD))}})
            ).decode(),
            "record": RECORD,
        },
    ],
)
def test_anything_else_is_refused(file: object) -> None:
    with pytest.raises(EvidenceError):
        RecordFile.of(file)
