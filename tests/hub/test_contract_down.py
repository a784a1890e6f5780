"""What a shop and head office hold each other to, over HTTP, on both engines: what comes back."""

from __future__ import annotations

from store_service.catalogue.queries import registers
from store_service.sync.outcome import Pulled
from tests.hub.world import World, bearer
from tests.sync.world import (
    publish_all,
    puller,
)


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
    assert world.http.post("/api/v1/hub/holds", json=asked, headers=bearer("reader")).status_code == 401
    slip = asked | {"lot_no": "NONE"}
    assert world.http.post("/api/v1/hub/holds", json=slip, headers=bearer("admin-1")).status_code == 404
    assert world.http.post("/api/v1/hub/holds", json=asked, headers=bearer("admin-1")).status_code == 204
    assert pull.step() == Pulled(("lots",))
    with world.shop.read() as connection:
        assert registers(connection, "SH0042", world.dial.clock.now()).lots[product_id, lot_no].hold == "odour"
    both = bearer("admin-1") | {"Second-Authorization": "Bearer admin-2"}
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
    etags = world.http.get("/api/v1/sync/snapshots", headers=bearer(world.token)).json()["snapshots"]
    first = world.http.get("/api/v1/sync/snapshots/lots", headers=bearer(world.token))
    assert first.headers["etag"] == f'"{etags["lots"]}"'
    again = world.http.get(
        "/api/v1/sync/snapshots/lots", headers=bearer(world.token) | {"If-None-Match": first.headers["etag"]}
    )
    assert (again.status_code, again.content) == (304, b"")
    assert world.http.get("/api/v1/sync/snapshots/nothing", headers=bearer(world.token)).status_code == 404


def test_blobs_are_kept_under_their_own_digest(world: World) -> None:
    digest = "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824"
    asked = {"sha256": [digest]}
    missing = world.http.post("/api/v1/sync/blobs/missing", json=asked, headers=bearer(world.token))
    assert missing.json() == {"missing": [digest]}
    path = f"/api/v1/sync/blobs/{digest}"
    assert world.http.get(path, headers=bearer(world.token)).status_code == 404
    assert world.http.put(path, content=b"other", headers=bearer(world.token)).status_code == 400
    assert world.http.put(path, content=b"hello", headers=bearer(world.token)).status_code == 204
    assert world.http.put(path, content=b"hello", headers=bearer(world.token)).status_code == 204
    missing = world.http.post("/api/v1/sync/blobs/missing", json=asked, headers=bearer(world.token))
    assert missing.json() == {"missing": []}
    assert world.http.get(path, headers=bearer(world.token)).content == b"hello"
    assert world.http.post("/api/v1/sync/blobs/missing", json=[1], headers=bearer(world.token)).status_code == 400
