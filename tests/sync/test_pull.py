"""Signed registers: only head office's, only newer, only what was signed."""

from __future__ import annotations

import base64
import json
from datetime import timedelta

import httpx
import pytest

from store_service.catalogue.commands import publish_register
from store_service.catalogue.queries import registers, render
from store_service.evidence.keys import SigningKey
from store_service.evidence.snapshot import sign_snapshot
from store_service.hub.commands import free, hold
from store_service.hub.snapshots import Registry
from store_service.records.events.stock import ContainerRegistered
from store_service.rules.dossier import LotRegister
from store_service.stock.queries import all_containers
from store_service.sync.outcome import Nonsense, Pulled, Refused
from store_service.sync.pull import Puller
from tests.config.documents import snapshot
from tests.sync.conftest import Pair
from tests.sync.world import NOW, SNAPSHOTS, publish_all, puller


def in_force(pair: Pair) -> dict[str, int]:
    with pair.shop.read() as connection:
        return {kind: one.version for kind, one in registers(connection, pair.shop.site, NOW).standing.items()}


def recorded(pair: Pair, kind: str) -> httpx.Response:
    """An answer as it went over the wire, to be played back later."""
    return pair.answers(
        httpx.Request(
            "GET", f"https://hub/api/v1/sync/snapshots/{kind}", headers={"Authorization": f"Bearer {pair.token}"}
        )
    )


def playing(pair: Pair, old: httpx.Response) -> Puller:
    """A puller before which somebody replays an old answer for the lots."""

    def handler(request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith("/lots"):
            return httpx.Response(200, content=old.content, headers=old.headers)
        return pair.answers(request)

    return pair.puller(handler)


def test_a_replayed_older_register_is_refused(pair: Pair) -> None:
    publish_all(pair.hub)
    assert isinstance(pair.puller().step(), Pulled)
    old = recorded(pair, "lots")
    register = snapshot("lots")
    assert isinstance(register, LotRegister)
    lot = register.lots[0]
    hold(pair.hub, lot.product_id, lot.lot_no, reason="odour", by="qa-1")
    assert pair.puller().step() == Pulled(("lots",))
    refused = playing(pair, old).step()
    assert isinstance(refused, Refused)
    assert "older" in refused.detail
    with pair.shop.read() as connection:
        assert registers(connection, pair.shop.site, NOW).lots[lot.product_id, lot.lot_no].hold == "odour"


def test_versions_rise_with_every_change_and_survive_a_restart(pair: Pair) -> None:
    publish_all(pair.hub)
    pair.puller().step()
    register = snapshot("lots")
    assert isinstance(register, LotRegister)
    lot = register.lots[0]
    hold(pair.hub, lot.product_id, lot.lot_no, reason="odour", by="qa-1")
    pair.puller().step()
    pair.answers.registry = Registry(pair.hub)
    assert pair.puller().step() == Pulled(())
    free(pair.hub, lot.product_id, lot.lot_no, reason="tested", by="qa-1", second="qa-2")
    pair.puller().step()
    publish_register(pair.hub.desk, LotRegister(lots=register.lots[1:]), by="qa-1", second="qa-2", reason="gone")
    pair.puller().step()
    assert in_force(pair)["lots"] == 4
    assert in_force(pair)["products"] == 1


def test_another_key_and_another_payload_are_refused(pair: Pair) -> None:
    publish_all(pair.hub)
    stranger = SigningKey.from_seed("hub.chengrang.example/snapshots", b"\x08" * 32)
    theirs = puller(pair.shop, pair.link())
    theirs._keys = (stranger.verifier,)
    assert isinstance(theirs.step(), Refused)
    assert in_force(pair) == {}


def test_a_register_under_another_name_is_refused(pair: Pair) -> None:
    publish_all(pair.hub)
    refused = playing(pair, recorded(pair, "roster")).step()
    assert isinstance(refused, Refused)
    assert set(in_force(pair)) == {"products", "envelopes", "roster", "staff", "rules"}


def test_malformed_content_under_a_right_signature_is_refused(pair: Pair) -> None:
    publish_all(pair.hub)
    payload = b'{"lots": [{"unknown": 1}]}'
    note = sign_snapshot(payload, "lots", 9, NOW, NOW + timedelta(hours=1), SNAPSHOTS)
    body = json.dumps({"note": note, "payload": base64.b64encode(payload).decode()}).encode()
    refused = playing(pair, httpx.Response(200, content=body)).step()
    assert isinstance(refused, Refused)
    assert "lots" not in in_force(pair)


def test_a_stale_register_is_in_force_no_longer(pair: Pair) -> None:
    publish_all(pair.hub)
    pair.puller().step()
    with pair.shop.read() as connection:
        fresh = registers(connection, pair.shop.site, NOW + timedelta(hours=71))
        stale = registers(connection, pair.shop.site, NOW + timedelta(hours=72))
    assert fresh.lots
    assert not stale.lots
    pair.dial.seconds += 72 * 3600
    assert isinstance(pair.puller().step(), Pulled)
    with pair.shop.read() as connection:
        assert registers(connection, pair.shop.site, pair.dial.clock.now()).lots


def test_a_forged_answer_stops_no_register_and_is_told(pair: Pair) -> None:
    publish_all(pair.hub)

    def meddling(request: httpx.Request) -> httpx.Response:
        answer = pair.answers(request)
        if not request.url.path.endswith("/snapshots"):
            return answer
        return httpx.Response(200, json=answer.json() | {"seconds": ["second/v1\nnot signed\n"]})

    refused = pair.puller(meddling).step()
    assert isinstance(refused, Refused) and refused.word == "second"
    assert len(in_force(pair)) == 6


@pytest.mark.parametrize("answers", [{}, [1], "note", None])
def test_a_list_of_answers_that_is_none_is_nonsense(pair: Pair, answers: object) -> None:
    listing = httpx.Response(200, json={"snapshots": {}, "seconds": answers})
    assert isinstance(pair.puller(lambda _: listing).step(), Nonsense)


def test_render_is_the_same_twice() -> None:
    assert render(snapshot("lots")) == render(snapshot("lots"))


def test_the_shelf_follows_a_filing_that_head_office_ends(pair: Pair) -> None:
    publish_all(pair.hub)
    pair.puller().step()
    register = snapshot("products", {"products[product_id=SRC-HAND].filing_status": "revoked"})
    with pair.shop.act("s-02") as act:
        for code, product_id in (("C-1", "SRC-HAND"), ("C-2", "SRC-TONER")):
            act.record(
                ContainerRegistered(
                    container_id=code, product_id=product_id, lot_no="HC2608A", kind="retail_pack", net_mg=1, heel_mg=0
                )
            )
    publish_register(pair.hub.desk, register, by="qa-1", second="qa-2", reason="revoked")
    assert pair.puller().step() == Pulled(("products",))
    with pair.shop.read() as connection:
        states = {one.container_id: one.state for one in all_containers(connection, pair.shop.site)}
    assert states == {"C-1": "quarantined", "C-2": "closed"}
