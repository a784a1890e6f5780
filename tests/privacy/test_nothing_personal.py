"""Nothing personal in the log, and what is erased is gone (RECORD.md §4)."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from store_service.demo import play as demo
from store_service.evidence.canonical import canonical
from store_service.evidence.personal import commitment
from store_service.privacy.vault import Erased, sealed
from store_service.records.events.consultation import AllergyDecided, ConsultationRecorded
from store_service.records.tables import blob, entry
from tests.benches import CONFIG
from tests.desks import Desked, desk
from tests.faults.laws import log_of
from tests.shops import EXPLAINED

ANSWERS = {
    "condition": ["pregnant", "reaction_before"],
    "age": ["35_49"],
    "allergy": ["collagen", "bee"],
    "feel": ["shiny"],
    "goal": ["moisture"],
    "texture": ["milky"],
}
TYPED = ["芒果提取物", "Zanzibar gum"]
PHONE = "13900001234"
REASONS = {"R-CON-08": "officer", "R-BLD-24": "checked"}


def reasons_for(kiosk: Any, path: str) -> None:
    """Answer for every warning, as a kiosk's reason sheet does."""
    answer = kiosk.ask(path)
    if answer.status_code == 409 and answer.json()["type"].endswith("needs-reason"):
        given = {one["rule"]: "officer" for one in answer.json()["warnings"]}
        answer = kiosk.ask(path, {"reasons": given})
    assert answer.is_success, answer.text


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Desked, str]]:
    """A whole visit of a consumer with much to tell, from the notice to the hand-over."""
    with desk(tmp_path_factory.mktemp("desk")) as at_desk:
        kiosk = at_desk.kiosk
        service_id = kiosk.do("/services")["service_id"]
        at = f"/services/{service_id}"
        kiosk.do(f"{at}/notice", {"version": kiosk.get("/texts")["notice"]["version"]})
        kiosk.do(f"{at}/consents", {"purposes": {"allergy": True, "questionnaire": True, "contact": True}})
        for question, values in ANSWERS.items():
            text = TYPED if question == "allergy" else []
            kiosk.do(f"{at}/answers", {"question": question, "values": values, "text": text})
        kiosk.do(f"{at}/consultation")
        for name in TYPED:
            officer = {"badge": "B-1002", "pin": "246801"}
            kiosk.do(f"{at}/allergen", {"allergen": name, "decision": "allow", **officer})
        unit_id = kiosk.plan("ENV-TONER", service=service_id)
        reasons_for(kiosk, f"{at}/verdict")
        kiosk.do(f"/units/{unit_id}/clearance", {"items": ["labels", "lots", "hands"]})
        kiosk.do(f"/units/{unit_id}/start")
        for step in (kiosk.scan, kiosk.cup, kiosk.dose, kiosk.check, kiosk.sign, kiosk.print, kiosk.release):
            step(unit_id)
        kiosk.do(f"{at}/explain", {"items": list(EXPLAINED)})
        kiosk.do(f"{at}/hand-over", {"contact": PHONE})
        yield at_desk, service_id


def secrets_of(at_desk: Desked) -> list[str]:
    staff = demo.read(CONFIG / "demo", "staff.toml", at_desk.shop.desk.now())["staff"]
    told = [value for values in ANSWERS.values() for value in values] + TYPED + [PHONE]
    told += [
        option.zh
        for question in at_desk.shop.counter.texts.questions
        for option in question.options
        if option.value in ANSWERS[question.id]
        if question.id in ("condition", "age", "allergy")
    ]
    return told + [one[key] for one in staff for key in ("name", "name_en", "badge", "pin")]


def bytes_of_the_log(at_desk: Desked) -> bytes:
    with at_desk.shop.desk.read() as connection:
        return b"\n".join(connection.execute(select(entry.c.body)).scalars())


def test_no_answer_name_badge_or_number_is_in_the_log(ran: tuple[Desked, str]) -> None:
    log = bytes_of_the_log(ran[0]).decode()
    assert log.count("service.handed_over") == 1
    words = [one for one in secrets_of(ran[0]) if one not in ("moisture", "milky")]
    assert [one for one in words if re.search(rf"\b{re.escape(one)}\b", log)] == []  # a digest may spell "bee"
    assert len(words) > 20


def test_nor_in_the_records_that_it_cites(ran: tuple[Desked, str]) -> None:
    """The whole record and the public one go to head office; a label's words about ingredients are no one's allergy."""
    with ran[0].shop.desk.read() as connection:
        query = select(blob.c.body).where(blob.c.media == "application/json")
        kept = b"\n".join(connection.execute(query).scalars())
    personal = [
        "35_49",
        "pregnant",
        "reaction_before",
        *TYPED,
        PHONE,
        "店员甲",
        "Clerk A",
        "B-1001",
        "135790",
        "246801",
    ]
    assert [one for one in personal if one.encode() in kept] == []


def test_nor_in_the_database_beside_the_vault(ran: tuple[Desked, str]) -> None:
    data = ran[0].shop.data
    raw = b"".join(path.read_bytes() for path in data.glob("store.db*"))
    assert [one for one in [*TYPED, PHONE, "店员甲", "Clerk A", "reaction_before"] if one.encode() in raw] == []


def test_the_vault_holds_no_plain_text(ran: tuple[Desked, str]) -> None:
    raw = b"".join(path.read_bytes() for path in (ran[0].shop.data / "privacy").iterdir())
    assert [one for one in [*TYPED, PHONE, "店员甲", "reaction_before", "135790"] if one.encode() in raw] == []


def test_the_commitment_verifies_and_the_marks_are_of_this_service_only(ran: tuple[Desked, str]) -> None:
    at_desk, service_id = ran
    vault = at_desk.shop.vault
    (cited,) = [one.payload for one in log_of(at_desk.shop.desk) if isinstance(one.payload, ConsultationRecorded)]
    with vault.database.read() as connection:
        row = connection.execute(select(sealed).where(sealed.c.kind == "answers", sealed.c.ref == service_id)).one()
    opened = vault.get("answers", service_id)
    assert opened is not None
    assert opened["allergy_text"] == TYPED
    assert cited.commitment == commitment(row.k_record, canonical(opened)) == vault.commitment("answers", service_id)
    marks = [one.payload for one in log_of(at_desk.shop.desk) if isinstance(one.payload, AllergyDecided)]
    assert len({one.allergen for one in marks}) == len(TYPED)


def test_sealing_the_same_answers_again_leaves_the_commitment_true(ran: tuple[Desked, str]) -> None:
    at_desk, service_id = ran
    vault = at_desk.shop.vault
    opened, before = vault.get("answers", service_id), vault.commitment("answers", service_id)
    assert opened is not None
    assert vault.put("answers", service_id, opened, at_desk.shop.desk.now()) == before
    assert vault.put("answers", "another", opened, at_desk.shop.desk.now()) != before, "its own key for each"


def test_answers_changed_after_the_consultation_need_a_new_one(ran: tuple[Desked, str]) -> None:
    kiosk = ran[0].kiosk
    service_id = kiosk.visit()
    kiosk.plan("ENV-TONER", service=service_id)
    kiosk.do(f"/services/{service_id}/answers", {"question": "allergy", "values": ["oat"]})
    refused = kiosk.ask(f"/services/{service_id}/verdict").json()
    assert "R-CON-01" in [one["rule"] for one in refused["refusals"]]
    kiosk.do(f"/services/{service_id}/consultation")
    again = kiosk.ask(f"/services/{service_id}/verdict").json()
    assert "R-CON-01" not in [one["rule"] for one in again.get("refusals", [])]


def test_what_is_erased_is_gone_from_the_disk_too(ran: tuple[Desked, str]) -> None:
    at_desk = ran[0]
    kiosk, vault = at_desk.kiosk, at_desk.shop.vault
    service_id = kiosk.visit()
    with vault.database.read() as connection:
        rows = connection.execute(select(sealed).where(sealed.c.ref == service_id)).all()
    assert vault.erase(service_id) == len(rows) > 0
    with pytest.raises(Erased):
        vault.get("answers", service_id)
    with pytest.raises(Erased):
        vault.commitment("answers", service_id)
    assert vault.erase(service_id) == 0
    answer = kiosk.client.get(f"/services/{service_id}/proposal")
    assert (answer.status_code, answer.json()["type"].rsplit("/")[-1]) == (410, "erased")
    raw = b"".join(path.read_bytes() for path in (at_desk.shop.data / "privacy").glob("vault.db*"))
    assert [row.kind for row in rows if row.k_record in raw or row.body in raw] == []


def test_a_visit_that_is_over_proposes_nothing_any_more(ran: tuple[Desked, str]) -> None:
    """What was told is opened at the rights desk by those who may, on record; never again by whoever is signed in."""
    kiosk = ran[0].kiosk
    service_id = kiosk.visit()
    assert kiosk.client.get(f"/services/{service_id}/proposal").status_code == 200
    kiosk.do(f"/services/{service_id}/cancel", {"reason": "left"})
    assert kiosk.client.get(f"/services/{service_id}/proposal").status_code == 409


def test_the_vault_is_a_file_of_its_own_for_its_owner(ran: tuple[Desked, str]) -> None:
    data: Path = ran[0].shop.data
    with sqlite3.connect(data / "store.db") as plain:
        names = {name for (name,) in plain.execute("SELECT name FROM sqlite_master")}
    plain.close()
    assert not names & {"sealed", "staff", "session"}
    for folder in ("keys", "privacy"):
        assert oct((data / folder).stat().st_mode)[-3:] == "700", folder
    for key in (data / "keys").iterdir():
        assert oct(key.stat().st_mode)[-3:] == "600", key.name
