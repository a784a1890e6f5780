"""What a shop and head office hold each other to, over HTTP, on both engines: the log on its way up."""

from __future__ import annotations

import base64
import gzip

from store_service.evidence.checkpoint import Checkpoint, open_checkpoint
from store_service.evidence.merkle import leaf_hash, rebuild
from store_service.evidence.wire import AddCheckpoint, AddEntries, MirrorInfo
from store_service.hub import board
from store_service.hub.feed import follow
from store_service.records.events.site import ShiftOpened
from store_service.sync.log import entries_of, newest_ack
from store_service.sync.outcome import Acked, Refused
from tests.hub.world import World, bearer
from tests.sync.world import (
    MIRROR,
    enrol_shop,
    log_key,
    make_ledger,
    work,
)


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
    assert world.http.get("/api/v1/sync/checkpoint", headers=bearer(world.token)).status_code == 204
    work(world.shop, 5)
    world.push()
    served = world.http.get("/api/v1/sync/checkpoint", headers=bearer(world.token))
    signed = open_checkpoint(served.text, [world.shop.key.verifier], [MIRROR.verifier])
    assert signed.checkpoint.size == 5
    assert [one.key for one in signed.cosignatures] == [MIRROR.verifier]
    assert served.headers["content-type"] == "text/plain; charset=utf-8"


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
        "/api/v1/sync/add-entries", content=bomb, headers=bearer(world.token) | {"Content-Encoding": "gzip"}
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
    assert world.http.post("/api/v1/hub/shops/SH0042/lift", headers=bearer("admin-1")).status_code == 401
    both = bearer("admin-1") | {"Second-Authorization": "Bearer admin-1"}
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
    assert world.http.get("/api/v1/sync/checkpoint", headers=bearer(world.token)).status_code == 204


def test_tables_follow_and_the_feed_says_so(world: World) -> None:
    work(world.shop, 300)
    world.push()
    assert follow(world.hub) == 300
    work(world.shop, 2)
    world.push()
    assert follow(world.hub) == 2
    assert follow(world.hub) == 0
    read = world.http.get("/api/v1/qa/feed?after=0", headers=bearer("reader")).json()
    assert [(one["store_id"], one["first"], one["after"]) for one in read["ranges"]] == [
        ("SH0042", 0, 300),
        ("SH0042", 300, 302),
    ]
    after = read["next"]
    assert world.http.get(f"/api/v1/qa/feed?after={after}", headers=bearer("reader")).json()["ranges"] == []
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
        answer = world.http.get(f"/api/v1/qa/entries?store=SH0042&from={at}&limit=10", headers=bearer("reader")).json()
        assert answer["size"] == 25
        found += [base64.b64decode(row["entry"]) for row in answer["entries"]]
        at = answer["next"]
    assert found == world.bodies()
    lines = world.http.get("/api/v1/qa/entries.jsonl?store=SH0042&limit=3", headers=bearer("reader")).text
    assert len(lines.splitlines()) == 3
    table = world.http.get("/api/v1/qa/entries.csv?store=SH0042&limit=3", headers=bearer("reader")).text
    assert table.splitlines()[0] == "idx,entry"
    assert world.http.get("/api/v1/qa/entries?store=SH0042", headers=bearer(world.token)).status_code == 401
    assert world.http.get("/api/v1/qa/entries?store=SH9999", headers=bearer("reader")).status_code == 404
    assert world.http.get("/api/v1/qa/checkpoint?store=SH0042", headers=bearer("reader")).status_code == 200


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
