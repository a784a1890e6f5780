"""Every rule that can refuse was seen to refuse a command, and to let the same kind of command pass.

A new refusing rule without its pair fails here; a pair that is no longer true fails in the test that it names
(tests/conftest.py). `python -m tests.witness <tests>` fills both.
"""

from __future__ import annotations

import ast

import pytest

from store_service.rules.covered import witnessed
from store_service.rules.gates import ask
from tests.witness import Heard, broken, chosen, hearing, lost, refusing

from .cases import ROOT, RULES, changed, passing

PAIRS = witnessed(ROOT)
TESTS = sorted({pair[how] for pair in PAIRS.values() for how in ("refuses", "passes")})
CRIES, SHRUGS = "tests/x.py::cries", "tests/x.py::shrugs"
PAIR = {"gate": "cup", "refuses": CRIES, "passes": SHRUGS}


def test_every_rule_that_can_refuse_has_its_pair_and_no_other_has() -> None:
    assert sorted(PAIRS) == sorted(refusing(RULES.rules))


@pytest.mark.parametrize("rule", PAIRS)
def test_a_pair_is_of_a_gate_that_asks_the_rule(rule: str) -> None:
    assert PAIRS[rule]["gate"] in RULES.rules[rule].asked


@pytest.mark.parametrize("nodeid", TESTS)
def test_a_test_of_a_pair_is_there(nodeid: str) -> None:
    file, name = nodeid.split("[")[0].split("::")
    found = ast.parse((ROOT / file).read_text("utf-8")).body
    assert name in {one.name for one in found if isinstance(one, ast.FunctionDef)}


def test_the_tests_of_the_pairs_are_played(request: pytest.FixtureRequest) -> None:
    """Those of the files that this run has; a soak test does not stand for a rule."""
    if request.config.option.keyword or any("::" in one for one in request.config.args):
        return
    played = {item.nodeid for item in request.session.items}
    files = {one.split("::")[0] for one in played}
    assert [one for one in TESTS if one.split("::")[0] in files and one not in played] == []


def test_a_check_alone_is_no_witness() -> None:
    with hearing() as heard:
        assert not ask("cup", changed(passing("cup"), {"cup.own_container": True}), RULES).allowed
        assert ask("cup", passing("cup"), RULES).allowed
    assert heard == Heard()


def test_a_test_that_shows_its_rule_no_longer_is_told() -> None:
    pairs = {"R-BLD-15": PAIR}
    assert broken(CRIES, Heard(refused={("R-BLD-15", "cup")}), pairs) == []
    assert broken(CRIES, Heard(passed={("R-BLD-15", "cup")}), pairs) == ["R-BLD-15 refuses at cup"]
    assert broken(CRIES, Heard(refused={("R-BLD-15", "weigh")}), pairs) == ["R-BLD-15 refuses at cup"]
    assert broken(SHRUGS, Heard(refused={("R-BLD-15", "cup")}), pairs) == ["R-BLD-15 passes at cup"]
    assert broken("tests/x.py::another", Heard(), pairs) == []


def test_a_pair_is_of_one_gate_and_the_nearest() -> None:
    rule = "R-BLD-15"
    found = {CRIES: Heard(refused={(rule, "cup")}), SHRUGS: Heard(passed={(rule, "weigh")})}
    assert chosen(rule, found, ()) is None
    found["tests/y.py::far"] = Heard(passed={(rule, "cup")})
    assert chosen(rule, found, ()) == PAIR | {"passes": "tests/y.py::far"}
    found["tests/x.py::near"] = Heard(passed={(rule, "cup")})
    assert chosen(rule, found, ()) == PAIR | {"passes": "tests/x.py::near"}
    found["tests/z.py::both_of_them"] = Heard({(rule, "cup")}, {(rule, "cup")})
    both = dict.fromkeys(("refuses", "passes"), "tests/z.py::both_of_them")
    assert chosen(rule, found, ()) == {"gate": "cup", **both}
    assert chosen(rule, found, (CRIES,)) == PAIR | {"passes": "tests/x.py::near"}, "it names the rule"


def test_a_pair_is_lost_with_its_file_or_in_it() -> None:
    held = {CRIES: Heard(refused={("R-BLD-15", "cup")}), SHRUGS: Heard(passed={("R-BLD-15", "cup")})}
    assert not lost("R-BLD-15", PAIR, held)
    assert lost("R-BLD-15", PAIR, {CRIES: held[CRIES]}), "renamed"
    assert lost("R-BLD-15", PAIR, {**held, SHRUGS: Heard()})
    assert lost("R-BLD-15", PAIR, {}), "there is no such file"
    assert not lost("R-BLD-15", dict.fromkeys(PAIR, "tests/rules/test_pairs.py::x"), {}), "was not played"
