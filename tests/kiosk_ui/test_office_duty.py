"""The desk's forms of recalls, complaints, duties and what is destroyed, in both languages; the same by API."""

from __future__ import annotations

import re

import pytest

from kiosk_ui.words import Book
from store_service.catalogue.queries import registers
from store_service.rules.refusal import Refused
from store_service.rules.rounds import PACKAGE, RECALL_STEPS
from tests.shops import BLENDER, PrivateShop

from .office import SECOND, Office, newest


def test_the_new_options_have_their_words() -> None:
    book = Book()
    words = {*RECALL_STEPS, "decided", "not_asked", "first_check"}
    assert {one for one in words if not book.has(f"office.o_{one}")} == set()


def test_the_desk_holds_a_lot_that_nothing_points_at(office: Office, shop: PrivateShop) -> None:
    lot = newest(shop, "lot.received")
    form: dict[str, str | list[str]] = {"signal": f"{lot['product_id']}/{lot['lot_no']}", "reason": "异味"}
    assert f'<option value="{form["signal"]}">' in office.read("reactions")
    assert Office(shop, "s-01").send("reactions", "hold", form)[0] == 409
    assert office.send("reactions", "hold", form)[0] == 303
    assert newest(shop, "lot.held")["lot_no"] == lot["lot_no"]


def test_an_officer_holds_an_envelope_until_two_lift_it(office: Office, shop: PrivateShop) -> None:
    form: dict[str, str | list[str]] = {"envelope": "ENV-TONER", "reason": "分层"}
    status, text = Office(shop, "s-01").send("reactions", "hold_envelope", form)
    assert status == 409 and "R-ADR-08" in text
    assert office.send("reactions", "hold_envelope", {**form, "reason": " "})[0] == 409
    waiting = shop.planned_unit("ENV-TONER")
    assert office.send("reactions", "hold_envelope", form)[0] == 303
    assert newest(shop, "envelope.held") == {"envelope_id": "ENV-TONER", "reason": "分层", "by": "s-02"}
    assert '<option value="ENV-TONER">' not in hold_form(office), "it is held already"
    with pytest.raises(Refused) as no:
        shop.cup_unit(waiting)
    (found,) = no.value.verdict.refusals
    assert (found.rule, found.facts["envelope_status"]) == ("R-BLD-01", "held") and "本店已扣留" in found.message_zh
    lift = {**form, "reason": "复检合格"}
    assert office.send("reactions", "free_envelope", lift)[0] == 409, "one person is not enough"
    assert office.send("reactions", "free_envelope", {**lift, **SECOND})[0] == 303
    assert newest(shop, "envelope.freed")["second"] == "s-01"
    assert "reactions/free_envelope" not in office.read("reactions")

    shop.cup_unit(waiting)
    with shop.shop.desk.read() as connection:
        others = registers(connection, shop.shop.desk.site_id, shop.shop.desk.now()).envelopes
    assert office.send("reactions", "hold_envelope", form)[0] == 303
    with pytest.raises(Refused) as no:
        shop.station.doser.begin(BLENDER, waiting)
    assert "R-BLD-01" in [one.rule for one in no.value.verdict.refusals], "also one under way"
    with shop.shop.desk.read() as connection:
        now = registers(connection, shop.shop.desk.site_id, shop.shop.desk.now()).envelopes
    assert {key for key in others if now[key] != others[key]} == {"ENV-TONER"}
    assert office.send("reactions", "free_envelope", {**lift, **SECOND})[0] == 303
    shop.dosed_unit(waiting)
    shop.bench.gross_mg = 0
    assert office.send("reactions", "hold_envelope", {**form, "envelope": "ENV-NONE"})[0] == 409


def hold_form(office: Office) -> str:
    return office.read("reactions").partition("reactions/hold_envelope")[2].partition("</form>")[0]


def test_a_recall_on_the_desk(office: Office, shop: PrivateShop) -> None:
    lot = newest(shop, "lot.received")
    form: dict[str, str | list[str]] = {"lot": f"{lot['product_id']}/{lot['lot_no']}", "reason": "污染"}
    status, text = Office(shop, "s-01").send("recalls", "draw_up", form)
    assert status == 409 and "R-ADR-09" in text
    assert office.send("recalls", "draw_up", form)[0] == 303
    recall = str(newest(shop, "recall.opened")["recall_id"])
    status, text = office.send("recalls", "close_recall", {"recall": recall})
    assert status == 409 and "省级药监局报告回执" in text
    bare: dict[str, str | list[str]] = {"recall": recall, "recall_step": "mpa_reported"}
    status, text = office.send("recalls", "tell_recall", bare)
    assert status == 409 and "请填写回执" in text
    for step in RECALL_STEPS:
        told: dict[str, str | list[str]] = {
            "recall": recall,
            "recall_step": step,
            "ref": "回执 7",
            "detail": "两人销毁",
        }
        assert office.send("recalls", "tell_recall", told)[0] == 303
    assert "已通知备案人" in office.read("recalls") and "filer told" in office.read("recalls", "en")
    assert office.send("recalls", "close_recall", {"recall": recall})[0] == 303


def test_duties_are_chosen_from_lists_and_told_in_the_reader_s_language(office: Office, shop: PrivateShop) -> None:
    text = office.read("duties")
    assert "自动到期的事项" in text and "召回演练" in text and "2027-05-22" in text
    report: dict[str, str | list[str]] = {"report_product": "SRC-TONER", "report_year": "2025", "receipt": "回执 9"}
    assert Office(shop, "s-01").send("duties", "report_annual", report)[0] == 409
    assert office.send("duties", "report_annual", report)[0] == 303
    assert office.send("duties", "open_duty", {"kind": "pilot_application", "subject": "SH0042"})[0] == 303
    application = str(newest(shop, "duty.opened")["duty_id"])
    step: dict[str, str | list[str]] = {"duty": application, "step": "submitted", "ref": "沪药监 1"}
    status, said = office.send("duties", "step", step)
    assert status == 409 and "R-ANN-07" in said and "试点方案" in said
    for count, part in enumerate(PACKAGE[:-1]):
        assert package(office)[count][2] == "需另附"
        assert office.send("duties", "add_part", {"duty": application, "part": part, "ref": f"文 {count}"})[0] == 303
    listed = ["申请表", "试点方案", "产品清单", "制度文件清单", "质量安全员简历"]
    assert [row[::2] for row in package(office)] == [[one, f"文 {n}"] for n, one in enumerate(listed)]
    assert [row[0] for row in package(office, "en")][:2] == ["the form", "the plan"]
    assert office.send("duties", "step", step)[0] == 303
    assert office.send("duties", "open_duty", {"kind": "major_issue", "subject": "SH0042"})[0] == 303
    issue = str(newest(shop, "duty.opened")["duty_id"])
    decision: dict[str, str | list[str]] = {"duty": issue, "decided_by": "hq-01", "detail": "停用", "ref": "决定 1"}
    assert office.send("duties", "decide_issue", decision)[0] == 303
    assert office.send("duties", "step", {"duty": issue, "step": "reported", "ref": "回执 1"})[0] == 303
    zh, en = office.read("duties"), office.read("duties", "en")
    row = zh[zh.index(f"<td>{issue}</td>") :].partition("</tr>")[0]
    assert "已决定" in row and "hq-01" in row and "已上报" in row and "reported" not in row
    assert "decided hq-01" in en[en.index(f"<td>{issue}</td>") :].partition("</tr>")[0]


def package(office: Office, lang: str = "zh-CN") -> list[list[str]]:
    """The list of what belongs into an application: part, what the registers hold, under which number it is entered."""
    (body,) = [
        one
        for one in office.read("duties", lang).split("<h2>")
        if one.startswith(("试点申请材料清单", "Pilot application: what"))
    ]
    rows = re.findall("<tr>(<td>.*?)</tr>", body)
    return [[re.sub("<[^>]+>", "", one).strip() for one in re.findall("<td>(.*?)</td>", row)] for row in rows]


def test_calls_and_reports_are_told_in_words(office: Office, shop: PrivateShop) -> None:
    unit = newest(shop, "unit.released")
    told: dict[str, str | list[str]] = {"code": str(unit["batch"]), "symptom": ["itch"], "channel": "counter"}
    assert office.send("reactions", "report", told)[0] == 303
    case = str(newest(shop, "reaction.reported")["case_id"])
    grave: dict[str, str | list[str]] = {"case": case, "severity": "general", "reason": "轻微"}
    assert office.send("reactions", "classify", grave)[0] == 303
    assert office.send("reactions", "submit", {"case": case, "kind": "supplement", "receipt": "SU-1"})[0] == 303
    row = office.read("reactions").partition(f"<td>{case}</td>")[2].partition("</tr>")[0]
    assert "SU-1" in row and "supplement" not in row and Book().text("zh-CN", "office.o_supplement") in row


def test_a_complaint_keeps_its_words_in_the_vault(office: Office, shop: PrivateShop) -> None:
    said: dict[str, str | list[str]] = {
        "kind": "smell",
        "words": "酸味很重",
        "contact": "13900001234",
        "photo": "7-3",
    }
    assert office.send("returns", "complain", said)[0] == 303
    complaint = str(newest(shop, "complaint.recorded")["complaint_id"])
    assert "酸味很重" not in office.read("returns")
    status, text = office.send("returns", "open_complaint", {"complaint": complaint})
    assert status == 200 and "酸味很重" in text and "7-3" in text
    assert newest(shop, "personal.shown")["subject"] == complaint


def test_what_is_set_apart_is_destroyed_by_two(office: Office, shop: PrivateShop) -> None:
    office.client.post("/api/v1/containers/C-101/quarantine", json={"reason": "异味"})
    assert newest(shop, "container.quarantined")["container_id"] == "C-101"
    form: dict[str, str | list[str]] = {"waste": "container C-101", "waste_g": "12.5", "method": "焚烧"}
    status, text = office.send("waste", "destroy_waste", form)
    assert status == 409 and "R-BLD-18" in text
    assert office.send("waste", "destroy_waste", {**form, **SECOND})[0] == 303
    assert newest(shop, "waste.destroyed")["mass_mg"] == 12_500
    assert "C-101" in office.read("waste", "en").partition("Destroyed")[2]


API = "/api/v1"


def test_the_same_by_api(office: Office, shop: PrivateShop) -> None:
    door = office.client
    assert {one["kind"] for one in door.get(f"{API}/duty-rounds").json()} == {"self_inspection", "recall_drill"}
    body = {"product_id": "SRC-LOTION", "year": 2025, "receipt": " "}
    refused = door.post(f"{API}/annual-reports", json=body)
    assert refused.status_code == 409 and refused.json()["refusals"][0]["rule"] == "R-ANN-10"
    assert door.post(f"{API}/annual-reports", json={**body, "receipt": "回执 1"}).status_code == 201
    issue = door.post(f"{API}/duties", json={"kind": "major_issue"}).json()["duty"]
    decided = {"decided_by": "hq-01", "decision": "停用", "ref": "决定 1"}
    assert door.post(f"{API}/duties/{issue}/decision", json=decided).status_code == 200
    assert door.post(f"{API}/duties/{issue}/parts", json={"part": "form", "ref": "1"}).status_code == 409
    assert door.post(f"{API}/containers/C-102/quarantine", json={"reason": "异味"}).status_code == 200
    waste = {"kind": "container", "subject": "C-102", "mass_mg": 1_000, "method": "焚烧"}
    assert {"container C-102"} <= {
        f"{one['kind']} {one['subject']}" for one in door.get(f"{API}/waste").json()["waiting"]
    }
    assert door.post(f"{API}/waste", json=waste).status_code == 409
    assert door.post(f"{API}/waste", json={**waste, **SECOND}).status_code == 201
    lot = newest(shop, "lot.received")
    drawn = {"product_id": lot["product_id"], "lot_no": lot["lot_no"], "reason": "污染"}
    recall = door.post(f"{API}/recalls", json=drawn).json()["recall"]
    assert door.post(f"{API}/recalls/{recall}/steps", json={"step": "mpa_reported"}).status_code == 422
    assert door.post(f"{API}/recalls/{recall}/steps", json={"step": "treated", "detail": "无"}).status_code == 200


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/reactions", {"symptoms": ["itch"], "batch": "SH0042-261122-0001X"}),
        ("/complaints", {"kind": "leak", "batch": "SH0042-261122-0001X"}),
        ("/lots", {"containers": [{"container_id": "C-9", "colour": "red"}]}),
        ("/benches/bench-1/check-weigh", {"nominal_mg": 20_000, "unit": "g"}),
    ],
)
def test_a_field_that_nobody_asked_for_is_malformed(office: Office, path: str, body: dict[str, object]) -> None:
    answer = office.client.post(f"{API}{path}", json=body)
    assert answer.status_code == 422, answer.text
    named = {one["field"].rpartition(".")[2] for one in answer.json()["fields"]}
    assert {"batch", "colour", "unit"} & named


def test_every_body_of_the_shop_is_closed(office: Office) -> None:
    """Whatever a route takes, nested things too, refuses a field that it does not know."""
    described = office.client.get("/openapi.json").json()
    schemas, wanted = described["components"]["schemas"], set[str]()

    def follow(part: object) -> None:
        if isinstance(part, dict):
            name = str(part.get("$ref", "")).rpartition("/")[2]
            if name and name not in wanted:
                wanted.add(name)
                follow(schemas[name])
            for one in part.values():
                follow(one)
        elif isinstance(part, list):
            for one in part:
                follow(one)

    for methods in described["paths"].values():
        for operation in methods.values():
            follow(operation.get("requestBody", {}))
    assert len(wanted) > 60
    assert {one for one in wanted if schemas[one].get("additionalProperties") is not False} == set()
