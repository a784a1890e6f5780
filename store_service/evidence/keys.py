"""Keys: Ed25519 signers and cosigners, their public verifier-key texts, and the 0600 files they live in.

Texts follow C2SP signed-note: `name+hex(key id)+base64(type ‖ public key)`; a key file holds one line
`PRIVATE+KEY+name+hex(key id)+base64(type ‖ 32-byte seed)`.
"""

import base64
import contextlib
import hashlib
import os
import stat
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from enum import IntEnum
from pathlib import Path
from typing import ClassVar, TypeVar

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from store_service.evidence.errors import KeyRefused
from store_service.evidence.note import Signature, decode_base64, is_key_name

SEED_BYTES = 32
PRIVATE_PREFIX = "PRIVATE+KEY+"


class KeyType(IntEnum):
    """C2SP signature types spoken here; lines of other types (ML-DSA-44, SM2) are unknown and ignored."""

    ED25519 = 0x01
    COSIGNATURE = 0x04


@dataclass(frozen=True, slots=True)
class VerifierKey:
    """A public key with the name and the one use that it is trusted for."""

    name: str
    kind: KeyType
    public: bytes

    @property
    def key_id(self) -> bytes:
        """The first 4 bytes of SHA-256(name ‖ 0x0A ‖ type ‖ public key)."""
        return hashlib.sha256(self.name.encode() + b"\n" + bytes([self.kind]) + self.public).digest()[:4]

    def __str__(self) -> str:
        return f"{self.name}+{self.key_id.hex()}+{base64.b64encode(bytes([self.kind]) + self.public).decode()}"

    @classmethod
    def parse(cls, text: str) -> "VerifierKey":
        """The key of a verifier-key text; raises KeyRefused if the text is damaged or of another type."""
        name, kind, material = _parse_text(text.strip())
        key = cls(name, kind, material)
        if text.strip() != str(key):
            raise KeyRefused(f"the verifier key of {name} does not carry its own key id")
        return key

    def made(self, signature: Signature) -> bool:
        """Whether a signature line claims to be by this key."""
        return signature.name == self.name and signature.key_id == self.key_id

    def verify(self, message: bytes, signature: bytes) -> bool:
        """Whether the 64 bytes are this key's Ed25519 signature over `message`."""
        try:
            Ed25519PublicKey.from_public_bytes(self.public).verify(signature, message)
        except (InvalidSignature, ValueError):
            return False
        return True


@dataclass(frozen=True, slots=True)
class PrivateKey:
    """A name and an Ed25519 private key for one use; the base of SigningKey and Cosigner."""

    kind: ClassVar[KeyType]

    name: str
    private: Ed25519PrivateKey

    @classmethod
    def from_seed(cls: type["Key"], name: str, seed: bytes) -> "Key":
        """The key of a 32-byte seed; raises KeyRefused for a name or seed that cannot be one."""
        if not is_key_name(name):
            raise KeyRefused(f"{name!r} cannot name a key: no spaces and no plus, please")
        if len(seed) != SEED_BYTES:
            raise KeyRefused(f"an Ed25519 seed has {SEED_BYTES} bytes, this one {len(seed)}")
        return cls(name, Ed25519PrivateKey.from_private_bytes(seed))

    @property
    def verifier(self) -> VerifierKey:
        """The public half."""
        return VerifierKey(self.name, self.kind, self.private.public_key().public_bytes_raw())


Key = TypeVar("Key", bound=PrivateKey)


class SigningKey(PrivateKey):
    """Signs note texts (type 0x01): a log its checkpoints, the hub its snapshots."""

    __slots__ = ()
    kind = KeyType.ED25519

    def sign(self, text: str) -> Signature:
        """The signature line over a note text."""
        return Signature(self.name, self.verifier.key_id, self.private.sign(text.encode()))


class Cosigner(PrivateKey):
    """Cosigns other logs' checkpoints with a time (type 0x04); `checkpoint.cosign` does it."""

    __slots__ = ()
    kind = KeyType.COSIGNATURE


def load(path: Path, kind: type[Key]) -> Key:
    """The key in a file that only its owner may read; raises KeyRefused with the remedy, OSError if unreadable."""
    with path.open("rb") as file:
        mode = stat.S_IMODE(os.fstat(file.fileno()).st_mode)
        text = file.read(4096)
    if mode & 0o077:
        raise KeyRefused(
            f"{path} can be read by other accounts (mode {mode:04o}), so the key may already be known to others. "
            f"Close it with: chmod 600 {path} and ask QA whether the key must be replaced"
        )
    line = text.decode("ascii", "replace").removesuffix("\n")
    if not line.startswith(PRIVATE_PREFIX):
        raise KeyRefused(f"{path} holds no private key")
    name, found, seed = _parse_text(line.removeprefix(PRIVATE_PREFIX))
    if found is not kind.kind:
        raise KeyRefused(f"{path} holds a key of type {found:#04x}, type {kind.kind:#04x} is needed here")
    key = kind.from_seed(name, seed)
    if line != _private_text(key):
        raise KeyRefused(f"{path} is damaged: the key does not match its own key id")
    return key


def load_or_create(path: Path, name: str, kind: type[Key], seed: Callable[[int], bytes] = os.urandom) -> Key:
    """The key in `path`, made on the first start; raises KeyRefused if the file's key has another name."""
    if not path.exists():
        _write_new(path, _private_text(kind.from_seed(name, seed(SEED_BYTES))) + "\n")
    key = load(path, kind)
    if key.name != name:
        raise KeyRefused(f"{path} holds the key of {key.name}, not of {name}")
    return key


def _write_new(path: Path, text: str) -> None:
    # A power cut must leave either no key or a whole one, and two starters must agree on the first: write, sync, link.
    handle, draft = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "w", encoding="ascii") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        with contextlib.suppress(FileExistsError):
            os.link(draft, path)
    finally:
        Path(draft).unlink()
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _private_text(key: PrivateKey) -> str:
    material = bytes([key.kind]) + key.private.private_bytes_raw()
    return f"{PRIVATE_PREFIX}{key.name}+{key.verifier.key_id.hex()}+{base64.b64encode(material).decode()}"


def _parse_text(text: str) -> tuple[str, KeyType, bytes]:
    name, _, rest = text.partition("+")
    _key_id, _, encoded = rest.partition("+")
    try:
        material = decode_base64(encoded)
    except ValueError as error:
        raise KeyRefused(f"not a key text: {error}") from error
    if not is_key_name(name) or len(material) != 1 + SEED_BYTES:
        raise KeyRefused("not a key text: name+key id+base64 of a type and 32 bytes")
    if material[0] not in set(KeyType):
        raise KeyRefused(f"the key of {name} has type {material[0]:#04x}, which is not spoken here")
    return name, KeyType(material[0]), material[1:]
