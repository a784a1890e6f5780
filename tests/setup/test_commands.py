"""What a real shop and a real head office are set up with."""

from __future__ import annotations

from pathlib import Path

from typer.testing import CliRunner

from store_service.cli import app
from store_service.clock import Clock
from store_service.people import credentials
from store_service.shop import open_vault

ADD = ["staff", "add", "s-09", "--name", "店员戊", "--name-en", "Clerk E", "--badge", "B-2009"]


def run(data: Path, *words: str, typed: str = "") -> tuple[int, str, BaseException | None]:
    done = CliRunner().invoke(app, [*words, "--data", str(data)], input=typed)
    return done.exit_code, done.output, done.exception


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
