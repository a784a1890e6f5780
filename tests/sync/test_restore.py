"""A shop that comes back from an old backup fetches what it signed before it signs anything else."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest
from sqlalchemy import select

from store_service.catalogue.queries import registers
from store_service.evidence.canonical import sha256_hex
from store_service.records.events.blending import Share, UnitPlanned, UnitReleased
from store_service.records.events.catalogue import ListImported
from store_service.records.ledger import Act, Ledger
from store_service.records.projections.quality import deviation
from store_service.records.projections.site import site_state
from store_service.records.tables import blob
from store_service.sync.freeze import FORKED, LOST, recall_fork
from store_service.sync.log import entries_of, newest_ack, own_head
from store_service.sync.outcome import Acked, Away, Nonsense, Pulled
from store_service.sync.restore import InStep, MustNotSign, restore
from store_service.sync.startup import Verified, verify_log
from tests.sync.conftest import Pair
from tests.sync.world import MIRROR, link, make_ledger, publish_all, pusher, sqlite_database, work

KEYS = [MIRROR.verifier]


def bodies(ledger: Ledger) -> list[bytes]:
    with ledger.read() as connection:
        return entries_of(connection, ledger.site, 0, 1 << 30)


@pytest.fixture
def replaced(pair: Pair, tmp_path: Path) -> Ledger:
    """The same shop on a new machine with an empty database: the oldest backup there is."""
    return make_ledger(sqlite_database(tmp_path / "new.db"), pair.dial)


def test_a_new_shop_and_a_shop_in_step_have_nothing_to_fetch(pair: Pair) -> None:
    assert restore(pair.shop, pair.link(), KEYS) == InStep(0)
    work(pair.shop, 5)
    assert restore(pair.shop, pair.link(), KEYS) == InStep(0)
    assert pair.pusher().step() == Acked(5)
    assert restore(pair.shop, pair.link(), KEYS) == InStep(0)
    work(pair.shop, 5)
    assert restore(pair.shop, pair.link(), KEYS) == InStep(0)


def test_everything_comes_back_with_its_tables_and_registers(pair: Pair, replaced: Ledger) -> None:
    publish_all(pair.hub)
    assert isinstance(pair.puller().step(), Pulled)
    work(pair.shop, 1100)
    assert pair.pusher().step() == Acked(1106)
    outcome = restore(replaced, pair.link(), KEYS)
    assert outcome == InStep(1106)
    assert bodies(replaced) == bodies(pair.shop)
    assert verify_log(replaced, tuple(KEYS)) == Verified(1106, 1106)
    with replaced.read() as connection:
        assert newest_ack(connection, replaced.site).size == 1106
        assert connection.execute(select(site_state.c.clock_ok)).scalar_one() is True
        assert registers(connection, replaced.site, pair.dial.clock.now()).lots
    work(replaced, 2)
    assert pusher(replaced, pair.link()).step() == Acked(1108)


def test_sealed_and_announced_but_never_sent_is_lost(pair: Pair, replaced: Ledger) -> None:
    work(pair.shop, 4)
    assert pair.pusher().step() == Acked(4)
    work(pair.shop, 3)

    def cut(request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith("add-entries"):
            raise httpx.ReadTimeout("cut", request=request)
        return pair.answers(request)

    assert isinstance(pair.pusher(cut).step(), Away)
    outcome = restore(replaced, pair.link(), KEYS)
    assert isinstance(outcome, MustNotSign)
    assert replaced.frozen == LOST
    assert bodies(replaced) == bodies(pair.shop)[:4]
    assert restore(pair.shop, pair.link(), KEYS) == InStep(0)


def test_another_history_is_a_fork_and_stays_frozen_over_a_restart(pair: Pair, replaced: Ledger) -> None:
    work(pair.shop, 9)
    pair.pusher().step()
    pair.dial.seconds += 1
    work(replaced, 3)
    before = bodies(replaced)
    assert isinstance(restore(replaced, pair.link(), KEYS), MustNotSign)
    assert replaced.frozen == FORKED
    assert bodies(replaced)[: len(before)] == before
    with replaced.read() as connection:
        assert connection.execute(select(deviation.c.kind)).scalars().all() == ["log_forked"]
        assert own_head(connection, replaced.site).size == 4
    again = make_ledger(replaced.database, pair.dial)
    recall_fork(again)
    assert again.frozen == FORKED


def test_a_longer_other_history_is_a_fork_too(pair: Pair, replaced: Ledger) -> None:
    work(pair.shop, 3)
    pair.pusher().step()
    pair.dial.seconds += 1
    work(replaced, 9)
    assert isinstance(restore(replaced, pair.link(), KEYS), MustNotSign)
    assert replaced.frozen == FORKED


def test_entries_that_do_not_lead_to_the_cosigned_root_are_not_kept(pair: Pair, replaced: Ledger) -> None:
    work(pair.shop, 9)
    pair.pusher().step()

    def forging(request: httpx.Request) -> httpx.Response:
        answer = pair.answers(request)
        if request.url.path.endswith("/entries"):
            found = answer.json()
            found["entries"][3]["entry"] = found["entries"][4]["entry"]
            return httpx.Response(200, json=found)
        return answer

    assert isinstance(restore(replaced, pair.link(forging), KEYS), Nonsense)
    assert replaced.frozen is None
    assert bodies(replaced) == []


@pytest.mark.parametrize(
    "page",
    [
        {"size": 9, "entries": [], "next": None},
        {"size": 9, "entries": [{"idx": 1, "entry": ""}], "next": None},
        {"size": 9, "entries": [{"idx": 0, "entry": "%"}], "next": None},
        {"size": 9, "entries": 7},
        [],
    ],
)
def test_an_odd_page_leaves_the_log_as_it_was(pair: Pair, replaced: Ledger, page: object) -> None:
    work(pair.shop, 9)
    pair.pusher().step()

    def odd(request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith("/entries"):
            return httpx.Response(200, json=page)
        return pair.answers(request)

    assert isinstance(restore(replaced, pair.link(odd), KEYS), Nonsense)
    assert bodies(replaced) == []


def test_a_checkpoint_that_head_office_did_not_cosign_is_not_believed(pair: Pair, replaced: Ledger) -> None:
    work(pair.shop, 9)
    pair.pusher().step()

    def bare(request: httpx.Request) -> httpx.Response:
        answer = pair.answers(request)
        if request.url.path.endswith("/checkpoint"):
            text = "".join(line for line in answer.text.splitlines(True) if MIRROR.name not in line)
            return httpx.Response(200, text=text)
        return answer

    assert isinstance(restore(replaced, pair.link(bare), KEYS), Nonsense)
    assert bodies(replaced) == []


def test_head_office_away_leaves_the_log_as_it_is(pair: Pair) -> None:
    work(pair.shop, 2)

    def gone(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("no route", request=request)

    assert isinstance(restore(pair.shop, link(gone, "x"), KEYS), Away)
    assert pair.shop.frozen is None


def test_records_of_released_units_travel_and_come_back(pair: Pair, replaced: Ledger) -> None:
    whole, public = b'{"whole":1}', b'{"public":1}'
    released = UnitReleased(
        unit_id="u-1",
        batch="SH0042-261122-0001X",
        gtin="09521234500018",
        serial="SH0042-0000000000001",
        releaser_id="s-02",
        record_sha256=sha256_hex(whole),
        public_sha256=sha256_hex(public),
    )
    with pair.shop.act("s-02") as act:
        act.keep(whole, "application/json")
        act.keep(public, "application/json")
        plan_unit(act, "u-1")
        act.record(released)
        act.seal = True
    pushed = pair.pusher().step()
    assert isinstance(pushed, Acked)
    for body in (whole, public):
        answer = pair.link().ask("GET", f"/api/v1/sync/blobs/{sha256_hex(body)}")
        assert (answer.status, answer.body) == (200, body)
    assert restore(replaced, pair.link(), KEYS) == InStep(pushed.size)


def test_an_imported_list_travels_and_comes_back(pair: Pair, replaced: Ledger) -> None:
    """A shop that came back without its list of ingredients would screen allergens by nothing."""
    old, body = b"serial,cn_name,inci_name\n", b"serial,cn_name,inci_name\n1,\xe6\xb0\xb4,WATER\n"
    for text in (old, body):
        with pair.shop.act("clerk") as act:
            digest = act.keep(text, "text/plain")
            act.record(ListImported(kind="ingredients", version=1, sha256=digest, entries=1, by="s-02"))
            act.seal = True
        pushed = pair.pusher().step()
    assert isinstance(pushed, Acked)
    assert restore(replaced, pair.link(), KEYS) == InStep(pushed.size)
    with replaced.read() as connection:
        kept = connection.execute(select(blob.c.body).where(blob.c.sha256 == sha256_hex(body))).scalar()
    assert kept is not None and bytes(kept) == body


def plan_unit(act: Act, unit_id: str) -> None:
    """A unit must be planned before its row can be released."""
    share = Share(
        product_id="P",
        share_bp=10_000,
        target_mg=1,
        abs_tol_mg=1,
        rel_tol_bp=1,
        one_sided=False,
        dose_by="pump",
    )
    act.record(
        UnitPlanned(
            unit_id=unit_id,
            service_id="v-1",
            kind="decant",
            envelope_id="E",
            envelope_version=1,
            gtin="09521234500018",
            name_zh="虚构精华液",
            target_mg=1,
            pack_sku="K",
            shares=(share,),
        )
    )
