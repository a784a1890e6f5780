"""Key texts and key files."""

from pathlib import Path

import pytest

from store_service.evidence.errors import KeyRefused
from store_service.evidence.keys import Cosigner, SigningKey, VerifierKey, load, load_or_create
from tests.evidence.samples import LOG, MIRROR, ORIGIN

PETER_PRIVATE = "PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz"
PETER_PUBLIC = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
"""The published test key of golang.org/x/mod/sumdb/note."""


def write(path: Path, text: str, mode: int = 0o600) -> Path:
    path.write_text(text)
    path.chmod(mode)
    return path


def test_the_published_key_file_gives_the_published_verifier_key(tmp_path: Path) -> None:
    key = load(write(tmp_path / "peter.key", PETER_PRIVATE + "\n"), SigningKey)
    assert str(key.verifier) == PETER_PUBLIC


@pytest.mark.parametrize("key", [LOG.verifier, MIRROR.verifier])
def test_a_verifier_key_survives_its_text(key: VerifierKey) -> None:
    assert VerifierKey.parse(f" {key}\n") == key


@pytest.mark.parametrize(
    "text",
    [
        "",
        "name",
        PETER_PUBLIC.replace("c74f20a3", "c74f20a4"),
        PETER_PUBLIC.replace("c74f20a3", "C74F20A3"),
        PETER_PUBLIC.replace("Peter", "Pater"),
        PETER_PUBLIC.replace("ARpc", "ARpd"),
        PETER_PUBLIC.replace("ARpc", "Bhpc"),
        PETER_PUBLIC[:-4],
        PETER_PUBLIC + "=",
        PETER_PUBLIC.replace("Peter", "Peter "),
    ],
)
def test_damaged_verifier_keys_are_refused(text: str) -> None:
    with pytest.raises(KeyRefused):
        VerifierKey.parse(text)


def test_a_key_made_once_is_the_key_for_ever(tmp_path: Path) -> None:
    path = tmp_path / "store.key"
    first = load_or_create(path, ORIGIN, SigningKey)
    assert path.stat().st_mode & 0o777 == 0o600
    assert load_or_create(path, ORIGIN, SigningKey).verifier == first.verifier == load(path, SigningKey).verifier
    assert list(tmp_path.iterdir()) == [path], "no draft is left behind"


def test_randomness_is_injected(tmp_path: Path) -> None:
    key = load_or_create(tmp_path / "k", MIRROR.name, Cosigner, seed=lambda size: b"\x02" * size)
    assert key.verifier == MIRROR.verifier


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o610])
def test_a_key_that_others_may_read_is_refused_with_the_remedy(tmp_path: Path, mode: int) -> None:
    path = write(tmp_path / "store.key", PETER_PRIVATE, mode)
    with pytest.raises(KeyRefused, match=f"mode {mode:04o}.*chmod 600 .*store.key"):
        load(path, SigningKey)


def test_a_read_only_credential_is_good(tmp_path: Path) -> None:
    assert load(write(tmp_path / "store.key", PETER_PRIVATE, 0o400), SigningKey).name == "PeterNeumann"


def test_a_key_serves_one_use_and_one_name(tmp_path: Path) -> None:
    path = write(tmp_path / "store.key", PETER_PRIVATE)
    with pytest.raises(KeyRefused, match="type 0x01, type 0x04 is needed"):
        load(path, Cosigner)
    with pytest.raises(KeyRefused, match="the key of PeterNeumann, not of"):
        load_or_create(path, ORIGIN, SigningKey)


@pytest.mark.parametrize(
    "text",
    ["", PETER_PUBLIC, PETER_PRIVATE[:-4], PETER_PRIVATE.replace("AYEK", "AYEL"), PETER_PRIVATE + "\n\n", "\0" * 99],
)
def test_damaged_key_files_are_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(KeyRefused):
        load(write(tmp_path / "store.key", text), SigningKey)


@pytest.mark.parametrize(("name", "seed"), [("", b"1" * 32), ("a b", b"1" * 32), ("a+b", b"1" * 32), ("a", b"1" * 31)])
def test_names_and_seeds_that_cannot_be_keys(name: str, seed: bytes) -> None:
    with pytest.raises(KeyRefused):
        SigningKey.from_seed(name, seed)


def test_a_truncated_signature_does_not_verify() -> None:
    assert not LOG.verifier.verify(b"x", b"short")
