"""A case by the API alone: told, its bottle found, more told, and where several cases point."""

from __future__ import annotations

from pathlib import Path
from threading import Event

from fastapi.testclient import TestClient

from store_service import app
from store_service.privacy.vault import held
from tests.shops import private_shop


def test_a_case_and_its_signals_by_the_api(tmp_path: Path) -> None:
    with private_shop(tmp_path) as shop:
        units = [shop.hand_over(one) or one for one in (shop.released_unit("ENV-TONER"), shop.released_unit())]
        web = TestClient(app.shop_app(shop.shop, app.Line(None, Event())))
        told = web.post("/api/v1/sign-in", json={"badge": "B-1002", "pin": "246801"}).json()
        web.headers["authorization"] = f"Bearer {told['token']}"
        telling = {"symptoms": ["itch"], "words": "发痒", "channel": "phone"}
        cases = [web.post("/api/v1/reactions", json=telling).json()["reaction"] for _ in range(2)]
        assert web.get("/api/v1/reactions").json()["signals"] == [], "nobody knows of which bottles they are"
        for case, unit in zip(cases, (units[0], units[0]), strict=True):
            assert web.post(f"/api/v1/reactions/{case}/unit", json={"unit_id": unit}).is_success
        answer = web.get("/api/v1/reactions").json()
        assert {one["unit_id"] for one in answer["cases"]} == {units[0]}
        *lots, envelope = answer["signals"]
        assert lots and all(one["lot_no"] and not one["envelope_id"] for one in lots)
        assert (envelope["envelope_id"], sorted(envelope["cases"])) == ("ENV-TONER", sorted(cases))

        assert web.post(f"/api/v1/reactions/{cases[1]}/unit", json={"unit_id": units[1]}).is_success
        assert "ENV-TONER" not in {one["envelope_id"] for one in web.get("/api/v1/reactions").json()["signals"]}
        more = {"symptoms": ["swelling"], "words": "夜里肿起来"}
        assert web.post(f"/api/v1/reactions/{cases[0]}/facts", json=more).is_success
        whole = held(shop.shop.vault, "reaction", cases[0]) or {}
        assert whole["symptoms"] == ["itch", "swelling"] and whole["words"] == "发痒\n夜里肿起来"
        assert web.post(f"/api/v1/reactions/{cases[0]}/facts", json={"symptoms": ["fever"]}).status_code == 422
        for path, body in (("facts", more), ("unit", {"unit_id": units[0]})):
            assert web.post(f"/api/v1/reactions/r-none/{path}", json=body).status_code == 404
        assert web.post(f"/api/v1/reactions/{cases[0]}/unit", json={"unit_id": "u-none"}).status_code == 404
