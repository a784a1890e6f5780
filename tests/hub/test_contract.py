"""What a shop and head office hold each other to, over HTTP, on both engines."""

from __future__ import annotations

import base64
import gzip
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from store_service.catalogue.queries import registers
from store_service.database.engines import Database
from store_service.evidence.checkpoint import Checkpoint, open_checkpoint
from store_service.evidence.merkle import leaf_hash, rebuild
from store_service.evidence.wire import AddCheckpoint, AddEntries, MirrorInfo
from store_service.hub import board
from store_service.hub.api import routers
from store_service.hub.feed import follow
from store_service.hub.hub import Hub, token_digest
from store_service.records.events.site import ShiftOpened
from store_service.records.ledger import Ledger
from store_service.sync.link import Link
from store_service.sync.log import entries_of, newest_ack
from store_service.sync.outcome import Acked, Pulled, Refused
from tests.sync.world import (
    MIRROR,
    Dial,
    enrol_shop,
    link,
    log_key,
    make_hub,
    make_ledger,
    publish_all,
    puller,
    pusher,
    sqlite_database,
    work,
)


@dataclass
class World:
    dial: Dial
    hub: Hub
    shop: Ledger
    token: str
    http: TestClient

    def through(self, request: httpx.Request) -> httpx.Response:
        """The shop's client, answered by the application."""
        answer = self.http.request(
            request.method, request.url.raw_path.decode(), content=request.content, headers=dict(request.headers)
        )
        return httpx.Response(answer.status_code, content=answer.content, headers=_plain(dict(answer.headers)))

    def link(self) -> Link:
        return link(self.through, self.token)

    def push(self) -> object:
        return pusher(self.shop, self.link()).step()

    def post(self, path: str, body: bytes, token: str | None = None) -> tuple[int, str, bytes]:
        answer = self.http.post(
            f"/api/v1/sync/{path}", content=body, headers={"Authorization": f"Bearer {token or self.token}"}
        )
        return answer.status_code, answer.headers.get("content-type", ""), answer.content

    def bodies(self) -> list[bytes]:
        with self.shop.read() as connection:
            return entries_of(connection, self.shop.site, 0, 1 << 30)


def _plain(headers: dict[str, str]) -> dict[str, str]:
    return {name: value for name, value in headers.items() if name.lower() not in ("content-encoding",)}


@pytest.fixture
def world(database: Database, tmp_path: Path) -> Iterator[World]:
    dial = Dial()
    hub = make_hub(database, dial)
    hub.readers = {token_digest("reader"): "qa system"}
    hub.admins = {token_digest("admin-1"): "qa-1", token_digest("admin-2"): "qa-2"}
    own = sqlite_database(tmp_path / "shop.db")
    shop = make_ledger(own, dial)
    app = FastAPI()
    for router in routers(hub):
        app.include_router(router)
    with TestClient(app) as http:
        yield World(dial, hub, shop, enrol_shop(hub, shop), http)
    own.close()


def note_of(entries: list[bytes], store_id: str = "SH0042") -> str:
    key = log_key(store_id)
    return Checkpoint.of(key.name, rebuild(map(leaf_hash, entries))).sign(key)


def test_push_and_cosign(world: World) -> None:
    work(world.shop, 700)
    assert world.push() == Acked(700)
    work(world.shop, 3)
    assert world.push() == Acked(703)
    with world.shop.read() as connection:
        ack = newest_ack(connection, world.shop.site)
    assert (ack.size, ack.at) == (703, world.dial.clock.now())
    with world.hub.database.read() as connection:
        assert entries_of(connection, "SH0042", 0, 1 << 30) == world.bodies()


def test_the_cosigned_checkpoint_is_served_and_verifies(world: World) -> None:
    assert world.http.get("/api/v1/sync/checkpoint", headers=_bearer(world.token)).status_code == 204
    work(world.shop, 5)
    world.push()
    served = world.http.get("/api/v1/sync/checkpoint", headers=_bearer(world.token))
    signed = open_checkpoint(served.text, [world.shop.key.verifier], [MIRROR.verifier])
    assert signed.checkpoint.size == 5
    assert [one.key for one in signed.cosignatures] == [MIRROR.verifier]
    assert served.headers["content-type"] == "text/plain; charset=utf-8"


def _bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def test_add_checkpoint_answers_as_written(world: World) -> None:
    entries = [b"entry %d" % n for n in range(8)]
    first, longer = note_of(entries[:5]), note_of(entries)
    assert world.post("add-checkpoint", b"old x\n\n")[0] == 400
    assert world.post("add-checkpoint", AddCheckpoint(9, (), longer).body())[0] == 400
    stranger = note_of(entries, "SH0099")
    assert world.post("add-checkpoint", AddCheckpoint(0, (), stranger).body())[0] == 404
    other = make_ledger(world.shop.database, world.dial, "SH0043")
    enrol_shop(world.hub, other)
    assert world.post("add-checkpoint", AddCheckpoint(0, (), note_of(entries, "SH0043")).body())[0] == 403
    unsigned = longer.replace("\n\n— ", "\n\n— someone.example/") + "\n"
    assert world.post("add-checkpoint", AddCheckpoint(0, (), unsigned.rstrip("\n") + "\n").body())[0] == 403
    assert world.post("add-checkpoint", AddCheckpoint(0, (), first).body(), token="wrong")[0] == 401
    assert world.post("add-checkpoint", AddCheckpoint(3, (), first).body()) == (409, "text/x.tlog.size", b"0\n")
    assert world.post("add-checkpoint", AddCheckpoint(0, (), first).body())[0] == 200
    assert world.post("add-checkpoint", AddCheckpoint(5, (), first).body())[0] == 200
    assert world.post("add-checkpoint", AddCheckpoint(0, (), first).body()) == (409, "text/x.tlog.size", b"5\n")
    status, media, body = world.post("add-checkpoint", AddCheckpoint(5, (b"\0" * 32,), longer).body())
    assert (status, media) == (422, "application/problem+json")
    assert b"/proof-fails" in body
    [shop] = [one for one in board.shops(world.hub) if one.store_id == "SH0042"]
    assert (shop.frozen_at, shop.open_alarms) == (None, 1)


def test_two_roots_at_one_size_are_a_fork(world: World) -> None:
    entries = [b"entry %d" % n for n in range(5)]
    world.post("add-checkpoint", AddCheckpoint(0, (), note_of(entries)).body())
    status, _, body = world.post("add-checkpoint", AddCheckpoint(5, (), note_of([*entries[:4], b"other"])).body())
    assert (status, b"/fork" in body) == (422, True)
    assert world.post("add-checkpoint", AddCheckpoint(5, (), note_of(entries)).body())[0] == 422
    [alarm] = board.alarms(world.hub)
    assert alarm.kind == "fork"


def test_add_entries_answers_as_written(world: World) -> None:
    entries = [b"entry %d" % n for n in range(600)]
    origin = world.shop.key.name
    world.post("add-checkpoint", AddCheckpoint(0, (), note_of(entries)).body())
    upload = AddEntries(origin, 0, 600, tuple(entries[:256]))
    assert world.post("add-entries", b"\0")[0] == 400
    assert world.post("add-entries", AddEntries(origin, 0, 600, ()).body())[0] == 400
    assert world.post("add-entries", AddEntries("other.example/log", 0, 600, ()).body())[0] == 404
    info = (409, "text/x.tlog.mirror-info", MirrorInfo(600, 0).body())
    assert world.post("add-entries", AddEntries(origin, 256, 600, tuple(entries[256:])).body()) == info
    assert world.post("add-entries", AddEntries(origin, 0, 599, tuple(entries[:599])).body()) == info
    status, _, body = world.post("add-entries", upload.body())
    assert (status, MirrorInfo.parse(body)) == (202, MirrorInfo(600, 256))
    whole = AddEntries(origin, 0, 600, tuple(entries)).body()
    status, media, line = world.post("add-entries", whole)
    assert (status, media) == (200, "text/plain; charset=utf-8")
    again = world.post("add-entries", AddEntries(origin, 600, 600, ()).body())
    assert again == (200, media, line)


def test_a_gzip_bomb_is_too_large(world: World) -> None:
    bomb = gzip.compress(bytes(33 * 2**20))
    answer = world.http.post(
        "/api/v1/sync/add-entries", content=bomb, headers=_bearer(world.token) | {"Content-Encoding": "gzip"}
    )
    assert answer.status_code == 413


def test_another_entry_at_a_known_index_freezes_the_shop(world: World) -> None:
    work(world.shop, 300)
    world.push()
    entries = world.bodies()
    entries[7] = b"rewritten"
    upload = AddEntries(world.shop.key.name, 0, 300, tuple(entries)).body()
    status, _, body = world.post("add-entries", upload)
    assert (status, b"/fork" in body) == (422, True)
    work(world.shop, 1)
    refused = world.push()
    assert isinstance(refused, Refused)
    assert refused.word == "fork"
    assert world.http.post("/api/v1/hub/shops/SH0042/lift", headers=_bearer("admin-1")).status_code == 401
    both = _bearer("admin-1") | {"Second-Authorization": "Bearer admin-1"}
    assert world.http.post("/api/v1/hub/shops/SH0042/lift", headers=both).status_code == 409
    both["Second-Authorization"] = "Bearer admin-2"
    assert world.http.post("/api/v1/hub/shops/SH0042/lift", headers=both).status_code == 204
    assert world.push() == Acked(301)


def test_entries_that_are_not_under_the_signed_root_are_a_fork(world: World) -> None:
    entries = [b"entry %d" % n for n in range(5)]
    world.post("add-checkpoint", AddCheckpoint(0, (), note_of(entries)).body())
    wrong = AddEntries(world.shop.key.name, 0, 5, (*entries[:4], b"other")).body()
    status, _, body = world.post("add-entries", wrong)
    assert (status, b"/fork" in body) == (422, True)
    assert world.http.get("/api/v1/sync/checkpoint", headers=_bearer(world.token)).status_code == 204


def test_tables_follow_and_the_feed_says_so(world: World) -> None:
    work(world.shop, 300)
    world.push()
    assert follow(world.hub) == 300
    work(world.shop, 2)
    world.push()
    assert follow(world.hub) == 2
    assert follow(world.hub) == 0
    read = world.http.get("/api/v1/qa/feed?after=0", headers=_bearer("reader")).json()
    assert [(one["store_id"], one["first"], one["after"]) for one in read["ranges"]] == [
        ("SH0042", 0, 300),
        ("SH0042", 300, 302),
    ]
    after = read["next"]
    assert world.http.get(f"/api/v1/qa/feed?after={after}", headers=_bearer("reader")).json()["ranges"] == []
    [shop] = board.shops(world.hub)
    assert (shop.size, shop.projected, shop.parked) == (302, 302, 0)


def test_what_cannot_be_read_is_cosigned_and_parked(world: World) -> None:
    work(world.shop, 1)
    known = world.bodies()[0]
    entries = [
        known,
        b"not json",
        known,
        known.replace(b'"idx":0', b'"idx":3').replace(b"clock.confirmed", b"clock.imagined"),
        known.replace(b'"idx":0', b'"idx":4').replace(b'"SH0042"', b'"SH0043"'),
    ]
    world.post("add-checkpoint", AddCheckpoint(0, (), note_of(entries)).body())
    assert world.post("add-entries", AddEntries(world.shop.key.name, 0, 5, tuple(entries)).body())[0] == 200
    assert follow(world.hub) == 5
    [shop] = board.shops(world.hub)
    assert (shop.size, shop.projected, shop.parked) == (5, 5, 4)


def test_qa_pulls_every_entry_exactly_and_resumes(world: World) -> None:
    work(world.shop, 25)
    world.push()
    found, at = [], 0
    while at is not None:
        answer = world.http.get(f"/api/v1/qa/entries?store=SH0042&from={at}&limit=10", headers=_bearer("reader")).json()
        assert answer["size"] == 25
        found += [base64.b64decode(row["entry"]) for row in answer["entries"]]
        at = answer["next"]
    assert found == world.bodies()
    lines = world.http.get("/api/v1/qa/entries.jsonl?store=SH0042&limit=3", headers=_bearer("reader")).text
    assert len(lines.splitlines()) == 3
    table = world.http.get("/api/v1/qa/entries.csv?store=SH0042&limit=3", headers=_bearer("reader")).text
    assert table.splitlines()[0] == "idx,entry"
    assert world.http.get("/api/v1/qa/entries?store=SH0042", headers=_bearer(world.token)).status_code == 401
    assert world.http.get("/api/v1/qa/entries?store=SH9999", headers=_bearer("reader")).status_code == 404
    assert world.http.get("/api/v1/qa/checkpoint?store=SH0042", headers=_bearer("reader")).status_code == 200


def test_a_hold_reaches_the_shop(world: World) -> None:
    publish_all(world.hub)
    pull = puller(world.shop, world.link())
    first = pull.step()
    assert isinstance(first, Pulled)
    assert set(first.accepted) == {"products", "lots", "envelopes", "roster", "staff", "rules"}
    assert pull.step() == Pulled(())
    with world.shop.read() as connection:
        lots = registers(connection, "SH0042", world.dial.clock.now()).lots
    (product_id, lot_no), lot = next(iter(lots.items()))
    assert lot.hold is None
    asked = {"product_id": product_id, "lot_no": lot_no, "reason": "odour"}
    assert world.http.post("/api/v1/hub/holds", json=asked, headers=_bearer("reader")).status_code == 401
    slip = asked | {"lot_no": "NONE"}
    assert world.http.post("/api/v1/hub/holds", json=slip, headers=_bearer("admin-1")).status_code == 404
    assert world.http.post("/api/v1/hub/holds", json=asked, headers=_bearer("admin-1")).status_code == 204
    assert pull.step() == Pulled(("lots",))
    with world.shop.read() as connection:
        assert registers(connection, "SH0042", world.dial.clock.now()).lots[product_id, lot_no].hold == "odour"
    both = _bearer("admin-1") | {"Second-Authorization": "Bearer admin-2"}
    assert world.http.post("/api/v1/hub/holds/free", json=asked, headers=both).status_code == 204
    assert world.http.post("/api/v1/hub/holds/free", json=asked, headers=both).status_code == 404
    assert pull.step() == Pulled(("lots",))
    with world.shop.read() as connection:
        assert registers(connection, "SH0042", world.dial.clock.now()).lots[product_id, lot_no].hold is None


def test_registers_are_renewed_without_a_new_version(world: World) -> None:
    publish_all(world.hub)
    pull = puller(world.shop, world.link())
    pull.step()
    world.dial.seconds += 7 * 3600
    assert pull.step() == Pulled(())
    world.dial.seconds += 3600
    renewed = pull.step()
    assert isinstance(renewed, Pulled)
    assert len(renewed.accepted) == 6
    with world.shop.read() as connection:
        standing = registers(connection, "SH0042", world.dial.clock.now()).standing
    assert {one.version for one in standing.values()} == {1}


def test_conditional_get(world: World) -> None:
    publish_all(world.hub)
    etags = world.http.get("/api/v1/sync/snapshots", headers=_bearer(world.token)).json()["snapshots"]
    first = world.http.get("/api/v1/sync/snapshots/lots", headers=_bearer(world.token))
    assert first.headers["etag"] == f'"{etags["lots"]}"'
    again = world.http.get(
        "/api/v1/sync/snapshots/lots", headers=_bearer(world.token) | {"If-None-Match": first.headers["etag"]}
    )
    assert (again.status_code, again.content) == (304, b"")
    assert world.http.get("/api/v1/sync/snapshots/nothing", headers=_bearer(world.token)).status_code == 404


def test_blobs_are_kept_under_their_own_digest(world: World) -> None:
    digest = "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824"
    asked = {"sha256": [digest]}
    missing = world.http.post("/api/v1/sync/blobs/missing", json=asked, headers=_bearer(world.token))
    assert missing.json() == {"missing": [digest]}
    path = f"/api/v1/sync/blobs/{digest}"
    assert world.http.get(path, headers=_bearer(world.token)).status_code == 404
    assert world.http.put(path, content=b"other", headers=_bearer(world.token)).status_code == 400
    assert world.http.put(path, content=b"hello", headers=_bearer(world.token)).status_code == 204
    assert world.http.put(path, content=b"hello", headers=_bearer(world.token)).status_code == 204
    missing = world.http.post("/api/v1/sync/blobs/missing", json=asked, headers=_bearer(world.token))
    assert missing.json() == {"missing": []}
    assert world.http.get(path, headers=_bearer(world.token)).content == b"hello"
    assert world.http.post("/api/v1/sync/blobs/missing", json=[1], headers=_bearer(world.token)).status_code == 400


def test_a_shop_silent_while_open_is_seen(world: World) -> None:
    with world.shop.act("s-04") as act:
        act.record(ShiftOpened(officer_id="s-04"))
        act.seal = True
    world.push()
    follow(world.hub)
    assert [one.silent for one in board.shops(world.hub)] == [False]
    world.dial.seconds += 16 * 60
    assert [one.silent for one in board.shops(world.hub)] == [True]
    world.push()
    assert [one.silent for one in board.shops(world.hub)] == [True]
    work(world.shop, 1)
    world.push()
    assert [one.silent for one in board.shops(world.hub)] == [False]
