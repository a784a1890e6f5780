"""A hub that answers anything at all: the shop neither falls over nor believes it."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterator

import httpx
import pytest

from store_service.evidence.checkpoint import cosign
from store_service.evidence.keys import Cosigner
from store_service.evidence.wire import MirrorInfo
from store_service.sync.log import newest_ack, newest_seal
from store_service.sync.outcome import Acked, Away, Nonsense, Outcome, Pulled, Refused
from store_service.sync.restore import restore
from tests.sync.conftest import Pair
from tests.sync.world import MIRROR, publish_all, truncated_gzip, work

HTML = {"Content-Type": "text/html"}
SIZE = {"Content-Type": "text/x.tlog.size"}
PROBLEM = {"Content-Type": "application/problem+json"}


def _gone(request: httpx.Request) -> httpx.Response:
    raise httpx.ConnectError("no route", request=request)


ANSWERS: list[tuple[str, Callable[[httpx.Request], httpx.Response], type[Outcome]]] = [
    ("portal", lambda r: httpx.Response(200, text="<html>Log in</html>", headers=HTML), Nonsense),
    ("redirect", lambda r: httpx.Response(302, headers={"Location": "http://portal.example/"}), Nonsense),
    ("portal 403", lambda r: httpx.Response(403, text="<html>no</html>", headers=HTML), Nonsense),
    ("portal 422", lambda r: httpx.Response(422, text="/fork", headers=HTML), Nonsense),
    ("odd problem", lambda r: httpx.Response(422, text='{"type": "x/else"}', headers=PROBLEM), Nonsense),
    ("broken problem", lambda r: httpx.Response(422, text="{", headers=PROBLEM), Nonsense),
    ("list problem", lambda r: httpx.Response(422, text="[1]", headers=PROBLEM), Nonsense),
    (
        "broken gzip",
        lambda r: httpx.Response(200, stream=_Bytes(b"\x1f\x8b\x08broken"), headers={"Content-Encoding": "gzip"}),
        Nonsense,
    ),
    (
        "cut gzip",
        lambda r: httpx.Response(200, stream=_Bytes(truncated_gzip()), headers={"Content-Encoding": "gzip"}),
        Nonsense,
    ),
    ("500", lambda r: httpx.Response(500, text="oops"), Away),
    ("503", lambda r: httpx.Response(503, headers={"Retry-After": "7"}), Away),
    ("429", lambda r: httpx.Response(429), Away),
    ("gone", _gone, Away),
    ("401", lambda r: httpx.Response(401, text='{"type": "x/unauthorised"}', headers=PROBLEM), Refused),
    ("huge", lambda r: httpx.Response(200, stream=_Bytes(bytes(2**20), 40)), Nonsense),
    (
        "not utf-8",
        lambda r: httpx.Response(409, content=b"\xff\n", headers=SIZE),
        Nonsense,
    ),
    ("no size", lambda r: httpx.Response(409, text="-1\n", headers=SIZE), Nonsense),
]


class _Bytes(httpx.SyncByteStream):
    def __init__(self, part: bytes, times: int = 1) -> None:
        self._part, self._times = part, times

    def __iter__(self) -> Iterator[bytes]:
        for _ in range(self._times):
            yield self._part


@pytest.mark.parametrize(("name", "answer", "kind"), ANSWERS, ids=[one[0] for one in ANSWERS])
def test_no_answer_is_believed_or_raises(
    pair: Pair, name: str, answer: Callable[[httpx.Request], httpx.Response], kind: type[Outcome]
) -> None:
    work(pair.shop, 3)
    assert isinstance(pair.pusher(answer).step(), kind)
    assert isinstance(restore(pair.shop, pair.link(answer), [MIRROR.verifier]), kind)
    pulled = pair.puller(answer).step()
    assert not isinstance(pulled, Pulled)
    with pair.shop.read() as connection:
        assert newest_ack(connection, pair.shop.site).size == 0
    assert pair.shop.frozen is None
    assert pair.pusher().step() == Acked(3)


def test_retry_after_is_read(pair: Pair) -> None:
    work(pair.shop, 1)
    outcome = pair.pusher(lambda r: httpx.Response(503, headers={"Retry-After": "7"})).step()
    assert outcome == Away("status 503", 7.0)
    outcome = pair.pusher(lambda r: httpx.Response(503, headers={"Retry-After": "soon"})).step()
    assert outcome == Away("status 503", None)


def _mirror_says(pair: Pair, answer: httpx.Response) -> Outcome:
    def handler(request: httpx.Request) -> httpx.Response:
        return answer if request.url.path.endswith("add-entries") else pair.answers(request)

    work(pair.shop, 3)
    return pair.pusher(handler).step()


def test_a_cosignature_by_another_key_is_no_acknowledgement(pair: Pair) -> None:
    with pair.shop.act("clerk") as act:
        act.seal = True
    stranger = Cosigner.from_seed("someone.example/mirror", b"\x09" * 32)
    impostor = Cosigner.from_seed(MIRROR.name, b"\x09" * 32)
    for key in (stranger, impostor):
        work(pair.shop, 1)
        with pair.shop.read() as connection:
            seal = newest_seal(connection, pair.shop.site)
        assert seal is not None
        line = cosign(seal.note, key, 1)

        def handler(request: httpx.Request, line: str = line) -> httpx.Response:
            return httpx.Response(200, text=line) if request.url.path.endswith("entries") else pair.answers(request)

        assert isinstance(pair.pusher(handler).step(), Nonsense)
    with pair.shop.read() as connection:
        assert newest_ack(connection, pair.shop.site).size == 0


def test_a_cosignature_over_another_checkpoint_is_refused(pair: Pair) -> None:
    work(pair.shop, 2)
    with pair.shop.read() as connection:
        seal = newest_seal(connection, pair.shop.site)
    assert seal is not None
    assert isinstance(_mirror_says(pair, httpx.Response(200, text=cosign(seal.note, MIRROR, 1))), Nonsense)


@pytest.mark.parametrize("info", [MirrorInfo(3, 0), MirrorInfo(3, 9), MirrorInfo(4, 1), MirrorInfo(3, 3)])
@pytest.mark.parametrize("status", [202, 409])
def test_a_mirror_that_does_not_move_on_is_left(pair: Pair, info: MirrorInfo, status: int) -> None:
    headers = {"Content-Type": "text/x.tlog.mirror-info"}
    answer = httpx.Response(status, content=info.body(), headers=headers)
    assert isinstance(_mirror_says(pair, answer), Nonsense)


@pytest.mark.parametrize(
    "listing",
    [b"[]", b'{"snapshots": 3}', b"nothing", b'{"snapshots": {"lots": 5}}'],
)
def test_odd_listings_put_nothing_into_force(pair: Pair, listing: bytes) -> None:
    def handler(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, content=listing)

    assert isinstance(pair.puller(handler).step(), Nonsense)


@pytest.mark.parametrize(
    "body",
    [
        b"[]",
        json.dumps({"note": "x"}).encode(),
        json.dumps({"note": "x", "payload": "%"}).encode(),
        json.dumps({"note": "x", "payload": base64.b64encode(b"{}").decode()}).encode(),
    ],
)
def test_an_odd_register_stops_no_other(pair: Pair, body: bytes) -> None:
    publish_all(pair.hub)

    def handler(request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith("/products"):
            return httpx.Response(200, content=body, headers={"Content-Type": "application/json"})
        return pair.answers(request)

    assert isinstance(pair.puller(handler).step(), Nonsense | Refused)
    assert pair.puller().step() == Pulled(("products",))
