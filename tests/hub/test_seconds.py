"""A shop's request for a second person at head office and back: over HTTP, on both engines."""

from __future__ import annotations

from typing import Any

import pytest

from store_service.evidence.merkle import leaf_hash
from store_service.hub import seconds, seconds_queue
from store_service.hub.feed import follow
from store_service.records import seconds as record
from store_service.records.events.blending import UnitDiscarded, UnitPlanned
from store_service.records.events.site import SecondAsked, SecondGiven
from store_service.sync.outcome import Pulled
from tests.hub.world import World, bearer
from tests.sync.world import puller

ASKED = {
    "gate": "sign",
    "subject": "u-1",
    "rule": "R-PPL-07",
    "reason": "",
    "by": "s-01",
    "zh": "手工录入",
    "en": "typed",
}

PLANNED = UnitPlanned(
    unit_id="u-1", service_id="v-1", kind="blend", envelope_id="ENV-TONER", envelope_version=1, gtin="09520000000103",
    name_zh="专属", target_mg=30_000, pack_sku="PK-30", shares=(),
)  # fmt: skip


def ask(world: World, **other: str) -> int:
    """A clerk asks, and head office has it in its tables; the entry's index."""
    with world.shop.act("s-01") as act:
        idx = act.record(SecondAsked(**(ASKED | other)))
        act.seal = True
    world.push()
    follow(world.hub)
    return idx


def waiting(world: World) -> list[dict[str, Any]]:
    return world.http.get("/api/v1/qa/seconds", headers=bearer("reader")).json()["waiting"]


def answer(world: World, idx: int, token: str = "admin-1", store: str = "SH0042", **body: Any) -> int:
    told = {"asked_sha256": leaf_hash(world.bodies()[idx]).hex(), "agreed": True} | body
    return world.http.post(f"/api/v1/hub/seconds/{store}/{idx}", json=told, headers=bearer(token)).status_code


def standing(world: World, idx: int) -> str:
    with world.shop.read() as connection:
        asked = record.request_at(connection, "SH0042", idx)
        assert asked is not None
        return record.standing(connection, asked)


def test_a_request_is_signed_there_and_settled_here(world: World) -> None:
    idx = ask(world)
    (one,) = waiting(world)
    assert {name: one[name] for name in ("store_id", "idx", "subject", "rule", "by", "en")} == {
        "store_id": "SH0042", "idx": idx, "subject": "u-1", "rule": "R-PPL-07", "by": "s-01", "en": "typed"
    }  # fmt: skip
    assert one["asked_sha256"] == leaf_hash(world.bodies()[idx]).hex()
    assert answer(world, idx) == 204
    assert waiting(world) == []
    pull = puller(world.shop, world.link())
    assert pull.step() == Pulled(())
    assert standing(world, idx) == "signed"
    with world.shop.read() as connection:
        asked = record.request_at(connection, "SH0042", idx)
        assert asked is not None
        end = record.ended(connection, asked)
    assert end is not None and (end.kind, end.by, end.place) == ("signed", "qa-1", "head_office")
    size = len(world.bodies())
    pull.step()
    assert len(world.bodies()) == size, "what is on record is not recorded again"
    assert [one.effect for one in seconds_queue.given(world.hub)] == [None]
    world.push()
    follow(world.hub)
    assert [one.effect for one in seconds_queue.given(world.hub)] == ["second_given"]
    shop = world.hub.by_store("SH0042")
    assert shop is not None and seconds.notes(world.hub, shop) == []


def test_a_no_takes_a_reason_and_reaches_the_shop(world: World) -> None:
    idx = ask(world)
    assert answer(world, idx, agreed=False) == 422
    assert answer(world, idx, agreed=False, reason="净重不对") == 204
    puller(world.shop, world.link()).step()
    assert standing(world, idx) == "declined"
    with world.shop.read() as connection:
        assert record.declined(connection, "SH0042", "u-1", "R-PPL-07")
    again = ask(world)
    (one,) = waiting(world)
    assert (one["idx"], one["refused_before"]) == (again, ["净重不对"])
    assert answer(world, again) == 204
    puller(world.shop, world.link()).step()
    with world.shop.read() as connection:
        assert not record.declined(connection, "SH0042", "u-1", "R-PPL-07")


def test_who_may_not_sign_does_not(world: World) -> None:
    idx = ask(world)
    assert answer(world, idx, token="reader") == 401
    assert answer(world, idx, token="admin-2") == 401, "an admin who is not of the quality people"
    assert answer(world, idx, token="twin") == 409, "the one who asked, also when he works in both places"
    assert world.http.get("/api/v1/qa/seconds", headers=bearer(world.token)).status_code == 401
    assert [one["idx"] for one in waiting(world)] == [idx]


def test_only_exactly_what_was_looked_at_is_answered(world: World) -> None:
    idx = ask(world)
    assert answer(world, idx, asked_sha256="0" * 64) == 404
    assert answer(world, idx, store="SH0043") == 404
    assert answer(world, idx - 1) == 404, "an entry that asks nothing"
    newer = ask(world, reason="checked")
    assert answer(world, idx) == 404, "it was asked again, otherwise"
    assert answer(world, newer) == 204
    assert answer(world, newer) == 409, "a colleague was faster"


@pytest.mark.parametrize("event", ["given", "discarded", "old"])
def test_what_the_shop_settled_leaves_the_queue(world: World, event: str) -> None:
    idx = ask(world)
    if event == "old":
        world.dial.seconds += 86_401
    else:
        with world.shop.act("s-02") as act:
            if event == "given":
                act.record(SecondGiven(subject="u-1", rule="R-PPL-07", by="s-02"))
            else:
                act.record(PLANNED)
                act.record(UnitDiscarded(unit_id="u-1", reason="spilt", gross_mg=None, deviation_id="d-1"))
            act.seal = True
        world.push()
        follow(world.hub)
    assert waiting(world) == []
    assert answer(world, idx) == 404


def test_the_newest_of_all_shops_comes_first(world: World) -> None:
    first = ask(world)
    world.dial.seconds += 1
    second = ask(world, subject="u-2")
    assert [one["idx"] for one in waiting(world)] == [second, first]
