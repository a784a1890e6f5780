"""The courier keeps both directions going, seals in time, and knows when to stop the shop."""

from __future__ import annotations

import threading
from collections.abc import Callable

import httpx
import pytest

from store_service.hub.commands import lift_freeze
from store_service.hub.feed import Follower, follow
from store_service.records.events.site import SecondAsked, SecondGiven
from store_service.records.projections.quality import deviation
from store_service.sync import push
from store_service.sync.courier import HURRIED_S, HURRIES_FOR, PERIOD_S, Backoff, Courier
from store_service.sync.freeze import FORKED, LOST
from store_service.sync.log import newest_seal
from store_service.sync.outcome import Away, Pulled, Refused
from store_service.sync.sealer import Sealer
from tests.sync.conftest import Pair
from tests.sync.world import Handler, publish_all, work


def courier(pair: Pair, handler: Handler | None = None, stop: threading.Event | None = None) -> Courier:
    return Courier(
        pair.pusher(handler), pair.puller(handler), pair.shop, stop=stop or threading.Event(), random=lambda: 1.0
    )


def sealed(pair: Pair) -> int:
    with pair.shop.read() as connection:
        found = newest_seal(connection, pair.shop.site)
    return found.size if found else 0


def test_one_beat_pushes_and_pulls(pair: Pair) -> None:
    publish_all(pair.hub)
    work(pair.shop, 2)
    one = courier(pair)
    assert one.beat() == PERIOD_S
    status = one.status()
    assert (status.acked_size, status.size, status.behind) == (2, 8, 6)
    assert (status.last_ack_at, status.pulled_at) == (pair.dial.clock.now(), pair.dial.clock.now())
    assert status.away_since is None
    assert isinstance(status.last, Pulled)


def test_a_long_backlog_goes_in_several_beats(pair: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(push, "CALLS_A_STEP", 1)
    work(pair.shop, 5_000)
    one = courier(pair)
    waits: list[float] = []
    while not waits or waits[-1] == 0.0:
        waits.append(one.beat())
    assert waits == [0.0, PERIOD_S]
    assert one.status().behind == 0


def test_while_head_office_is_away_it_knocks_less_and_less(pair: Pair) -> None:
    answers: list[Callable[[httpx.Request], httpx.Response]] = [lambda r: httpx.Response(503)]
    one = courier(pair, lambda r: answers[0](r))
    work(pair.shop, 1)
    began = pair.dial.clock.now()
    waits = []
    for _ in range(7):
        waits.append(one.beat())
        pair.dial.seconds += waits[-1]
    assert waits == [1.0, 2.0, 4.0, 8.0, 16.0, 20.0, 20.0]
    assert one.status().away_since == began
    assert isinstance(one.status().last, Away)
    answers[0] = lambda r: httpx.Response(503, headers={"Retry-After": "90"})
    assert one.beat() == 90.0
    answers[0] = pair.answers
    assert one.beat() == PERIOD_S
    assert one.status().away_since is None
    answers[0] = lambda r: httpx.Response(503)
    assert one.beat() == 1.0


def test_a_request_for_a_second_person_hurries_it_for_a_while(pair: Pair) -> None:
    """A consumer waits: every two seconds for ten minutes. Who asked nothing, or has its answer, asks no more often."""
    one = courier(pair)
    work(pair.shop, 1)
    assert one.beat() == PERIOD_S
    with pair.shop.act("s-01") as act:
        act.record(SecondAsked(gate="sign", subject="u-1", rule="R-PPL-07", reason="", by="s-01", zh="甲", en="a"))
        act.seal = True
    assert one.beat() == HURRIED_S
    pair.dial.seconds += HURRIES_FOR.total_seconds() + 1
    assert one.beat() == PERIOD_S
    pair.dial.seconds -= HURRIES_FOR.total_seconds()
    assert one.beat() == HURRIED_S
    with pair.shop.act("s-02") as act:
        act.record(SecondGiven(subject="u-1", rule="R-PPL-07", by="s-02"))
    assert one.beat() == PERIOD_S


@pytest.mark.parametrize(("dice", "delay"), [(0.0, 0.5), (0.5, 0.75), (1.0, 1.0)])
def test_delays_are_spread(dice: float, delay: float) -> None:
    assert Backoff(lambda: dice).failed(None) == delay


def test_entries_are_sealed_within_a_minute_and_never_when_frozen(pair: Pair) -> None:
    one = Sealer(pair.shop, threading.Event())
    work(pair.shop, 1, seal=False)
    one.seal_if_due()
    assert sealed(pair) == 0
    pair.dial.seconds += 40
    one.seal_if_due()
    assert sealed(pair) == 1
    work(pair.shop, 1, seal=False)
    pair.dial.seconds += 40
    pair.shop.frozen = LOST
    one.seal_if_due()
    assert sealed(pair) == 1


def test_a_fork_stops_the_shop_with_an_alarm_until_head_office_lifts_it(pair: Pair) -> None:
    work(pair.shop, 3)
    one = courier(pair)
    one.beat()
    with pair.hub.database.write() as connection:
        connection.exec_driver_sql("UPDATE mirror SET frozen_at = 1, frozen_why = 'two histories'")
    work(pair.shop, 1)
    one.beat()
    one.beat()
    assert pair.shop.frozen == FORKED
    assert isinstance(one.status().last, Refused)
    with pair.shop.read() as connection:
        assert [row.open for row in connection.execute(deviation.select())] == [True]
    lift_freeze(pair.hub, pair.shop.site, by="qa-1", second="qa-2")
    one.beat()
    assert pair.shop.frozen is None
    with pair.shop.read() as connection:
        assert [row.open for row in connection.execute(deviation.select())] == [False]


def test_head_office_ahead_of_the_shop_stops_it(pair: Pair) -> None:
    work(pair.shop, 3)
    one = courier(pair, lambda r: httpx.Response(409, text="99\n", headers={"Content-Type": "text/x.tlog.size"}))
    one.beat()
    assert pair.shop.frozen == LOST


def test_the_threads_carry_and_stop(pair: Pair) -> None:
    stop = threading.Event()
    arrived = threading.Event()

    def handler(request: httpx.Request) -> httpx.Response:
        answer = pair.answers(request)
        if request.url.path.endswith("add-entries") and answer.status_code == 200:
            arrived.set()
        return answer

    one = courier(pair, handler, stop)
    follower = Follower(pair.hub, stop)
    one.start()
    follower.start()
    work(pair.shop, 5)
    try:
        assert arrived.wait(20)
    finally:
        stop.set()
        one.join()
        follower.join()
    follow(pair.hub)
    assert one.status().behind == 0


def test_a_broken_disk_does_not_end_the_courier(pair: Pair, caplog: pytest.LogCaptureFixture) -> None:
    one = courier(pair)
    pair.shop.database.close()

    def broken() -> float:
        raise OSError("no space left")

    one.beat = broken  # type: ignore[method-assign]  # a disk that fails
    assert one._guarded() == 1.0
