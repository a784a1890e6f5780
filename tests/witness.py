"""Which test shows which rule refuse a command, and let the same kind of command pass.

Nobody writes it down: it is seen at work. Each command asks its gate inside an act of the ledger; a refusal is one that
rolled its act back, a pass is one whose act was committed. The command `label-lint` has no act: its answer counts.
tests/golden/commands.json keeps a pair for every rule that can refuse, and whenever such a test runs it is held to what
stands there (tests/conftest.py).

`python -m tests.witness [tests to run …]` plays them and fills what is missing or no longer holds; read its difference.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from store_service.records.desk import Desk, RefusedAct
from store_service.records.ledger import Act, Ledger
from store_service.rules.catalogue import Rule
from store_service.rules.covered import Pairs, covering, witnessed
from store_service.rules.refusal import Verdict

ROOT = Path(__file__).parents[1]
KEPT = ROOT / "tests" / "golden" / "commands.json"
Asked = tuple[str, str]
"""A rule, and the gate that asked it."""


@dataclass
class Heard:
    """What the commands of one test were told."""

    refused: set[Asked] = field(default_factory=set)
    passed: set[Asked] = field(default_factory=set)


_heard: list[Heard] = []
_waiting: dict[int, list[Asked]] = {}


def listen() -> None:
    """Hear every command of this process from now on."""
    from store_service import label_lint  # brings fastapi in, which pytest wants to see first

    _around_abide(Desk.abide)
    _around_act(Ledger.act)
    label_lint.judge = _around_lint(label_lint.judge)


def _around_abide(inner: Callable[..., None]) -> None:
    def abide(self: Desk, act: Act, verdict: Verdict, *rest: Any) -> None:
        inner(self, act, verdict, *rest)
        warned = {one.rule for one in verdict.warnings}
        _waiting.setdefault(id(act), []).extend((one, verdict.gate) for one in verdict.asked if one not in warned)

    Desk.abide = abide  # type: ignore[method-assign]


def _around_act(inner: Callable[..., Any]) -> None:
    @contextmanager
    def act(self: Ledger, actor: str) -> Iterator[Act]:
        mine = None
        try:
            with inner(self, actor) as made:
                mine = id(made)
                yield made
            for heard in _heard:
                heard.passed |= set(_waiting.get(mine, ()))
        except RefusedAct as no:
            for heard in _heard:
                heard.refused |= {(one.rule, no.verdict.gate) for one in no.verdict.refusals}
            raise
        finally:
            _waiting.pop(mine or 0, None)

    Ledger.act = act  # type: ignore[method-assign]


def _around_lint(inner: Callable[..., Verdict]) -> Callable[..., Verdict]:
    def judge(*told: Any) -> Verdict:
        verdict = inner(*told)
        said = {one.rule for one in (*verdict.refusals, *verdict.warnings)}
        for heard in _heard:
            heard.refused |= {(one.rule, verdict.gate) for one in verdict.refusals}
            if verdict.allowed:
                heard.passed |= {(one, verdict.gate) for one in verdict.asked if one not in said}
        return verdict

    return judge


@contextmanager
def hearing() -> Iterator[Heard]:
    heard = Heard()
    _heard.append(heard)
    try:
        yield heard
    finally:
        _heard.remove(heard)


def refusing(rules: Mapping[str, Rule]) -> list[str]:
    """The ids of the rules that can refuse: by their outcome, by one of their sayings, by a document or by a record."""
    return [
        rule.id
        for rule in rules.values()
        if rule.outcome == "refuse"
        or any(saying.outcome == "refuse" for saying in rule.no.values())
        or any(paper.governs for paper in rule.documents)
        or rule.records
    ]


def broken(nodeid: str, heard: Heard, pairs: Pairs) -> list[str]:
    """What a test no longer shows although the table says so."""
    return [
        f"{rule} {how} at {pair['gate']}"
        for rule, pair in pairs.items()
        for how, told in (("refuses", heard.refused), ("passes", heard.passed))
        if pair[how] == nodeid and (rule, pair["gate"]) not in told
    ]


class Collecting:
    """A pytest plugin that keeps what every test showed."""

    def __init__(self) -> None:
        self.found: dict[str, Heard] = {}

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_call(self, item: pytest.Item) -> Iterator[None]:
        with hearing() as heard:
            yield
        self.found[item.nodeid] = heard


def chosen(rule: str, found: Mapping[str, Heard], named: Collection[str]) -> dict[str, str] | None:
    """The nearest pair, at one gate: a refusing test that names the rule before one that meets it by the way, one test
    that shows both before two of one file, then the shortest names."""
    pairs = [
        (
            no.split("[")[0] not in named and rule.casefold() not in no.casefold(),
            no != yes,
            no.split("::")[0] != yes.split("::")[0],
            len(no) + len(yes),
            gate,
            no,
            yes,
        )
        for no, heard in found.items()
        for one, gate in heard.refused
        if one == rule
        for yes, other in found.items()
        if (rule, gate) in other.passed
    ]
    if not pairs:
        return None
    *_, gate, no, yes = min(pairs)
    return {"gate": gate, "refuses": no, "passes": yes}


def lost(rule: str, pair: Mapping[str, str], found: Mapping[str, Heard]) -> bool:
    """Whether a file that was played no longer shows its part of a pair, or is gone."""
    played = {nodeid.split("::")[0] for nodeid in found}

    def gone(nodeid: str) -> bool:
        if nodeid in found:
            return bool(broken(nodeid, found[nodeid], {rule: pair}))
        file = nodeid.split("::")[0]
        return file in played or not (ROOT / file).exists()

    return gone(pair["refuses"]) or gone(pair["passes"])


def main(paths: list[str]) -> int:
    from .rules.cases import RULES  # not for every test of the house

    collecting = Collecting()
    pytest.main(["-m", "not soak", *paths], plugins=[collecting])
    before = witnessed(ROOT) if KEPT.exists() else {}
    named = covering(ROOT)
    after: dict[str, Mapping[str, str]] = {}
    for rule in refusing(RULES.rules):
        pair = before.get(rule)
        if pair is None or lost(rule, pair, collecting.found):
            pair = chosen(rule, collecting.found, named.get(rule, ()))
        if pair is not None:
            after[rule] = pair
    rows = ",\n".join(f"{json.dumps(rule)}: {json.dumps(pair)}" for rule, pair in after.items())
    KEPT.write_text(f"{{\n{rows}\n}}\n", "utf-8")
    missing = [one for one in refusing(RULES.rules) if one not in after]
    sys.stdout.write(f"{len(after)} pairs; without one: {' '.join(missing) or 'none'}\n")
    return 1 if missing else 0


if __name__ == "__main__":
    from tests import witness  # the one that tests/conftest.py listens with

    sys.exit(witness.main(sys.argv[1:]))
