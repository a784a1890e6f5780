"""What a real shop and a real head office are set up with."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from store_service.cli import app
from store_service.clock import Clock
from store_service.people import credentials
from store_service.shop import open_vault
from tests.faults.laws import all_hold, log_of
from tests.shops import private_shop

ADD = ["staff", "add", "s-09", "--name", "店员戊", "--name-en", "Clerk E", "--badge", "B-2009"]


def run(data: Path, *words: str, typed: str = "") -> tuple[int, str, BaseException | None]:
    done = CliRunner().invoke(app, [*words, "--data", str(data)], input=typed)
    return done.exit_code, done.output, done.exception


@pytest.fixture(autouse=True)
def begun(tmp_path: Path) -> None:
    """A shop that was started once."""
    with private_shop(tmp_path, opened_for_the_day=False):
        pass


def told(tmp_path: Path) -> list[tuple[str, str, dict[str, object]]]:
    """What the log says of the staff."""
    with private_shop(tmp_path, opened_for_the_day=False) as shop:
        found = [one for one in log_of(shop.shop.desk) if one.type.startswith("staff.")]
        all_hold(shop.shop.desk)
    return [(one.type, one.actor, dict(one.data)) for one in found]


def test_who_set_whom_is_on_record_by_id_alone(tmp_path: Path) -> None:
    for by in ("s-02", "setup"):
        assert run(tmp_path, *ADD, *(("--by", by) if by != "setup" else ()), typed="482915\n482915\n")[0] == 0
    assert run(tmp_path, "staff", "remove", "s-09", "--by", "s-02")[0] == 0
    first = {"staff_id": "s-09", "roles": [], "anew": False, "by": "s-02"}
    assert told(tmp_path) == [
        ("staff.enrolled", "s-02", first),
        ("staff.enrolled", "setup", {**first, "anew": True, "by": "setup"}),
        ("staff.removed", "s-02", {"staff_id": "s-09", "roles": [], "by": "s-02"}),
    ]


def test_what_was_refused_is_not_on_record(tmp_path: Path) -> None:
    code, _, nobody = run(tmp_path, "staff", "remove", "s-09")
    assert code != 0 and "s-09" in str(nobody)
    assert run(tmp_path, *ADD, typed="123456\n123456\n")[0] != 0
    assert told(tmp_path) == []


def test_a_shop_that_never_began_is_started_first(tmp_path: Path) -> None:
    """An entry before head office was asked could be the first of a fork."""
    code, _, no = run(tmp_path / "new", *ADD, typed="482915\n482915\n")
    assert code != 0 and "start the shop once" in str(no)


def test_a_person_set_in_the_shop_may_sign_in(tmp_path: Path) -> None:
    code, _, _ = run(tmp_path, *ADD, typed="482915\n482915\n")
    assert code == 0
    vault = open_vault(tmp_path)
    assert credentials.check_pin(vault, "B-2009", "482915", Clock().now()) == "s-09"
    assert credentials.name_of(vault, "s-09") == ("店员戊", "Clerk E")
    vault.database.close()


def test_a_pin_that_everybody_tries_is_refused(tmp_path: Path) -> None:
    code, _, wrong = run(tmp_path, *ADD, typed="123456\n123456\n")
    assert code != 0 and isinstance(wrong, ValueError)
    assert "s-09" not in run(tmp_path, "staff", "list")[1]


def test_a_badge_belongs_to_one_person(tmp_path: Path) -> None:
    run(tmp_path, *ADD, typed="482915\n482915\n")
    code, _, wrong = run(tmp_path, *[*ADD[:2], "s-10", *ADD[3:]], typed="593026\n593026\n")
    assert code != 0 and "s-09" in str(wrong)


def test_who_leaves_leaves_no_name(tmp_path: Path) -> None:
    run(tmp_path, *ADD, typed="482915\n482915\n")
    run(tmp_path, "staff", "remove", "s-09")
    vault = open_vault(tmp_path)
    assert credentials.roll(vault) == []
    assert credentials.name_of(vault, "s-09") == ("s-09", "s-09")
    vault.database.close()
