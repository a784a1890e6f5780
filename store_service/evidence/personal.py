"""Commitments to personal data: what an event may say about data that it must never hold."""

import hashlib
import hmac

RECORD_KEY_BYTES = 32


def commitment(k_record: bytes, canonical_data: bytes) -> str:
    """HMAC-SHA256 of canonical personal data under its record's own 32-byte key, in lower-case hexadecimal.

    Destroying the key makes the commitment meaningless for ever. A bare hash would not do: a telephone number can be
    guessed.
    """
    if len(k_record) != RECORD_KEY_BYTES:
        raise ValueError(f"a record key has {RECORD_KEY_BYTES} bytes, this one {len(k_record)}")
    return hmac.new(k_record, canonical_data, hashlib.sha256).hexdigest()
