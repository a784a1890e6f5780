"""Commitments to personal data."""

import pytest

from store_service.evidence.personal import commitment


def test_a_commitment_is_hmac_sha256() -> None:
    """The text of RFC 4231's test case 1 under a key of 32 bytes; the value was computed with OpenSSL."""
    assert commitment(b"\x0b" * 32, b"Hi There") == "198a607eb44bfbc69903a0f1cf2bbdc5ba0aa3f3d9ae3c1c7a3b1696a0b68cf7"


def test_without_the_key_nothing_can_be_compared() -> None:
    assert commitment(b"\x01" * 32, b"data") != commitment(b"\x02" * 32, b"data")


@pytest.mark.parametrize("key", [b"", b"\x01" * 31, b"\x01" * 33])
def test_a_key_has_32_bytes(key: bytes) -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        commitment(key, b"data")
