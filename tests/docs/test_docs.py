"""What is not documented does not exist: settings and commands are named in the docs, links lead somewhere."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.main import get_command

from store_service.cli import app

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted([ROOT / "README.md", *(ROOT / "docs").rglob("*.md")])
MANUAL = (ROOT / "docs" / "operating.md").read_text("utf-8")
LINK = re.compile(r"\]\(([^)\s]+)\)")
PATH = re.compile(r"`((?:tests|store_service|device_drivers|config|kiosk_ui|simulators|tools|docs)/[\w./-]+)`")
HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)
# Words of the workshop and of one machine, and words that promise what no program can keep.
BANNED = (
    "issue 2",
    "issue #2",
    "/tmp/",
    "helper",
    "TODO",
    "FIXME",
    "guarantees compliance",
    "fully compliant",
)
PARTS = ("**Context.**", "**Decision.**", "**Consequences.**", "**Alternatives.**", "**Kept by.**")


def names(table: dict[str, Any]) -> Iterator[str]:
    for key, value in table.items():
        yield key
        for inner in value if isinstance(value, list) else [value]:
            if isinstance(inner, dict):
                yield from names(inner)


def anchor(heading: str) -> str:
    """A heading's anchor as GitHub makes it."""
    return re.sub(r"[^\w\- ]", "", heading.strip().lower()).replace(" ", "-")


def settings(file: str) -> list[str]:
    return sorted(set(names(tomllib.loads((ROOT / "config" / file).read_text("utf-8")))))


def written(name: str, text: str) -> bool:
    """As code: `name`, the head of a section, or the first word of a command line."""
    return re.search(rf"`(\[+(\w+\.)*)?{re.escape(name)}[`\] ]", text) is not None


@pytest.mark.parametrize("file", ["store.toml", "hub.toml"])
def test_every_setting_is_in_the_manual(file: str) -> None:
    missing = [name for name in settings(file) if not written(name, MANUAL)]
    assert not missing, f"docs/operating.md says nothing of {missing}"


def test_every_parameter_is_in_the_rules_page() -> None:
    parameters = tomllib.loads((ROOT / "config" / "provinces.toml").read_text("utf-8"))["defaults"]
    text = (ROOT / "docs" / "rules.md").read_text("utf-8")
    missing = [name for name in parameters if not written(name, text)]
    assert not missing, f"docs/rules.md says nothing of {missing}: python -m store_service.rules.page"


def test_every_command_is_in_the_manual() -> None:
    commands = get_command(app).commands  # type: ignore[attr-defined]  # a click group, which typer does not say
    chapter = MANUAL[MANUAL.index("## 11. Every command") :]
    missing = [name for name, one in commands.items() if not one.hidden and not written(name, chapter)]
    assert not missing, f"docs/operating.md, chapter 11, says nothing of {missing}"


def test_the_manual_names_no_command_that_is_not_there() -> None:
    commands = get_command(app).commands  # type: ignore[attr-defined]  # a click group, which typer does not say
    named = set(re.findall(r"store-service ([a-z][a-z-]+)", MANUAL + (ROOT / "README.md").read_text("utf-8")))
    assert named <= set(commands), sorted(named - set(commands))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    text = page.read_text("utf-8")
    for link in LINK.findall(text):
        if link.startswith(("http://", "https://")):
            continue
        target, _, part = link.partition("#")
        found = (page.parent / target).resolve() if target else page
        assert found.exists(), f"{link} leads nowhere"
        if part:
            anchors = [anchor(one) for one in HEADING.findall(found.read_text("utf-8"))]
            assert part in anchors, f"{link}: no such heading"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_named_files_exist(page: Path) -> None:
    missing = [path for path in PATH.findall(page.read_text("utf-8")) if not (ROOT / path).exists()]
    assert not missing


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_no_banned_word(page: Path) -> None:
    text = page.read_text("utf-8").lower()
    assert not [word for word in BANNED if word.lower() in text]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_chinese_has_its_own_punctuation(page: Path) -> None:
    prose = re.sub(r"```.*?```|`[^`\n]*`", "", page.read_text("utf-8"), flags=re.DOTALL)
    assert not re.findall(r"[\u4e00-\u9fff][,;:?!][\u4e00-\u9fff]", prose)


def test_decisions_are_numbered_and_whole() -> None:
    pages = sorted((ROOT / "docs" / "decisions").glob("*.md"))
    assert [int(page.name[:4]) for page in pages] == list(range(1, len(pages) + 1))
    for page in pages:
        text = page.read_text("utf-8")
        assert text.startswith(f"# {page.name[:4]} · ")
        assert [text.count(part) for part in PARTS] == [1] * len(PARTS), page.name
        assert re.search(r"\*\*Decision\.\*\* \*[^*\n]+\*\n", text), f"{page.name}: one line that can be quoted"


def test_the_picture_is_small() -> None:
    assert (ROOT / "docs" / "kiosk.png").stat().st_size <= 120_000
