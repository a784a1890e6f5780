"""The stand-alone verifier: it needs nothing of ours, and agrees with us on every file."""

import ast
import base64
import importlib.util
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from store_service.evidence.canonical import canonical
from store_service.evidence.keys import SigningKey
from store_service.evidence.record_file import RecordFile
from tests.evidence.samples import LOG, MIRROR, ORIGIN, RECORD, RELEASE, RELEASED_AT_3, sealed
from tests.evidence.test_canonical import values

TOOL = Path("tools/verify.py")
spec = importlib.util.spec_from_file_location("verify_tool", TOOL)
assert spec is not None
assert spec.loader is not None
tool = importlib.util.module_from_spec(spec)
spec.loader.exec_module(tool)

KEYS = f"# trusted\n{LOG.verifier}\n{MIRROR.verifier}\n"
PROOF = str(sealed(RELEASED_AT_3, 3))
FILE = json.dumps(RecordFile(RELEASE, RECORD).to_json(), ensure_ascii=False, indent=1)

Run = Callable[..., tuple[int, dict[str, Any]]]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    def verify(
        proof: str = PROOF, record: str | bytes = FILE, keys: str = KEYS, *more: str
    ) -> tuple[int, dict[str, Any]]:
        (tmp_path / "p").write_text(proof)
        (tmp_path / "r").write_bytes(record.encode() if isinstance(record, str) else record)
        (tmp_path / "k").write_text(keys)
        files = ["verify.py", str(tmp_path / "p"), "--record", str(tmp_path / "r"), "--keys", str(tmp_path / "k")]
        monkeypatch.setattr(sys, "argv", [*files, "--json", *more])
        code = tool.main()
        return code, json.loads(capsys.readouterr().out)

    return verify


def test_it_stands_alone() -> None:
    source = TOOL.read_text()
    imported = {
        (node.module if isinstance(node, ast.ImportFrom) else node.names[0].name) or ""
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Import | ast.ImportFrom)
    }
    assert {name.split(".")[0] for name in imported} - set(sys.stdlib_module_names) == {"cryptography"}
    assert len(source.splitlines()) < 200


def test_as_a_program_it_says_what_it_checked(tmp_path: Path) -> None:
    for name, text in (("p", PROOF), ("r", FILE), ("k", KEYS)):
        (tmp_path / name).write_text(text)
    command = [sys.executable, "-I", str(TOOL.resolve()), "p", "--record", "r", "--keys", "k"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    cosigned = f"{MIRROR.name} cosigned it at 2026-11-03T06:21:07+00:00"
    assert done.stdout.splitlines() == [
        "  holds   the record is, to the byte, the one sealed when the unit was released",
        "  holds   the entry is number 3 of the 5 entries that the log's root covers",
        f"  holds   the log {ORIGIN} signed that root",
        f"  holds   {cosigned}: this and everything before it was fixed by then",
        "VERIFIED: unaltered since it was sealed",
    ]


def test_raw_entries_verify_too(run: Run) -> None:
    golden = Path("tests/golden/tlog_entry_3.tlog-proof").read_text()
    assert run(golden, b"entry 3")[0] == 0
    assert run(golden, b"entry 4")[0] == 1
    code, result = run(PROOF, RELEASE)
    assert code == 0
    assert (result["origin"], result["index"], result["size"]) == (ORIGIN, 3, 5)
    assert result["cosigned"] == {MIRROR.name: "2026-11-03T06:21:07+00:00"}


def test_an_uncosigned_proof_fails_where_a_cosigner_is_trusted(run: Run) -> None:
    bare = str(sealed(RELEASED_AT_3, 3, cosigned=False))
    code, result = run(bare)
    assert code == 1
    assert "0 trusted parties have cosigned, 1 wanted" in result["failed"]
    code, result = run(bare, FILE, KEYS, "--cosigners", "0")
    assert code == 0
    assert "nobody but the shop itself" in result["checked"][-1]
    assert run(bare, FILE, f"{LOG.verifier}\n")[0] == 0
    assert run(PROOF, FILE, KEYS, "--cosigners", "2")[0] == 1


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("30000", "30001", "has been altered"),
        ("定制", "定做", "has been altered"),
        ("30000", "30000.0", "not a plain integer"),
        ('"net_mg"', '"net_mg": 1, "net_mg"', "given twice"),
        ('"entry": "', '"entry": "!', "form it should have"),
        ('"entry": "', '"entry": 5, "was": "', "has been altered"),
    ],
)
def test_an_altered_record_fails(run: Run, old: str, new: str, words: str) -> None:
    assert old in FILE
    code, result = run(PROOF, FILE.replace(old, new))
    assert code == 1
    assert words in result["failed"]


def test_an_entry_out_of_its_place_fails(run: Run) -> None:
    moved = [b"entry 0", RELEASE]
    code, result = run(str(sealed(moved, 1)))
    assert code == 1
    assert result["failed"] == "the entry calls itself number 3, the proof says 1"


def test_an_unknown_log_and_damaged_keys_fail(run: Run) -> None:
    stranger = SigningKey.from_seed(ORIGIN, b"\x07" * 32)
    assert "no trusted key" in run(PROOF, FILE, f"{stranger.verifier}\n")[1]["failed"]
    assert "damaged" in run(PROOF, FILE, KEYS.replace("+b58e32e7", "+b58e32e8"))[1]["failed"]
    assert run(PROOF, FILE, "not a key\n")[0] == 1
    assert run(PROOF, FILE, "")[0] == 1


def test_missing_files_fail_in_words(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Path, "read_bytes", Path("/nowhere/at/all").read_bytes)
    assert "No such file" in run()[1]["failed"]


def check(proof: str, record: bytes) -> dict[str, Any]:
    result: dict[str, Any] = {"checked": []}
    tool.verify(proof.encode(), record, KEYS, None, result)
    return result


@given(st.integers(0, 8 * len(PROOF.encode()) - 1))
def test_no_flipped_bit_of_a_proof_verifies(bit: int) -> None:
    bent = bytearray(PROOF.encode())
    bent[bit // 8] ^= 1 << bit % 8
    result: dict[str, Any] = {"checked": []}
    with pytest.raises((tool.Failed, ValueError)):
        tool.verify(bytes(bent), FILE.encode(), KEYS, None, result)


@given(st.integers(0, 8 * len(RELEASE) - 1))
def test_no_flipped_bit_of_an_entry_verifies(bit: int) -> None:
    bent = bytearray(RELEASE)
    bent[bit // 8] ^= 1 << bit % 8
    file = json.dumps({"entry": base64.b64encode(bent).decode(), "record": RECORD})
    for record in (bytes(bent), file.encode()):
        with pytest.raises((tool.Failed, ValueError)):
            check(PROOF, record)


@given(values)
def test_its_canonical_bytes_are_ours(value: object) -> None:
    assert tool.canonical(value) == canonical(value)
