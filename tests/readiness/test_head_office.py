"""Head office's answer in the shop: it settles exactly the request that it names, once, and only if it comes first."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from itertools import count

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from store_service.evidence.errors import NoteRefused
from store_service.evidence.keys import SigningKey
from store_service.evidence.second import Answer, sign_answer
from store_service.readiness import commands
from store_service.readiness.head_office import take_answer
from store_service.records import seconds
from store_service.records.desk import Desk, OutOfStep
from store_service.records.events.blending import UnitDiscarded, UnitPlanned
from store_service.records.events.site import SecondAsked
from store_service.records.projections.site import SECOND_DECLINED, SECOND_GIVEN, finding
from tests.shops import PrivateShop, private_shop

KEY = SigningKey.from_seed("hub.chengrang.example/snapshots", b"\x04" * 32)
KEYS = [KEY.verifier]
RULE = "R-PPL-07"
SETTLING = (SECOND_GIVEN, SECOND_DECLINED)
numbers = count(1)


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PrivateShop]:
    with private_shop(tmp_path_factory.mktemp("office")) as found:
        yield found


@pytest.fixture(scope="module")
def desk(shop: PrivateShop) -> Desk:
    return shop.shop.desk


def ask(desk: Desk, subject: str = "", by: str = "s-01") -> Answer:
    """A unit waits for a second signature; the answer that agrees."""
    subject = subject or f"u-{next(numbers)}"
    with desk.act(by) as act:
        act.record(
            UnitPlanned(
                unit_id=subject, service_id="v-1", kind="blend", envelope_id="ENV-TONER", envelope_version=1,
                gtin="09520000000103", name_zh="专属", target_mg=30_000, pack_sku="PK-30", shares=(),
            )
        )  # fmt: skip
        asked = SecondAsked(gate="sign", subject=subject, rule=RULE, reason="", by=by, zh="手工录入", en="typed")
        idx = act.record(asked)
    with desk.read() as connection:
        leaf = seconds.leaf_of(connection, desk.site_id, idx)
    assert leaf is not None
    at = desk.now().replace(microsecond=0)
    return Answer(desk.ledger.key.name, idx, leaf, RULE, subject, True, "hq-01", "", at)


def no(answer: Answer) -> Answer:
    return replace(answer, agreed=False, reason="重量不符")


def take(desk: Desk, answer: Answer) -> str | None:
    return take_answer(desk, sign_answer(answer, KEY), KEYS)


def discard(desk: Desk, answer: Answer) -> None:
    with desk.act("s-01") as act:
        act.record(UnitDiscarded(unit_id=answer.subject, reason="spilt", gross_mg=None, deviation_id="d-1"))


def ended(desk: Desk, answer: Answer) -> seconds.Ended | None:
    with desk.read() as connection:
        asked = seconds.request_at(connection, desk.site_id, answer.asked_idx)
        assert asked is not None
        return seconds.ended(connection, asked)


def size(desk: Desk) -> int:
    with desk.ledger.act("count") as act:
        return act.size


def test_it_settles_as_a_signature_given_here(desk: Desk) -> None:
    answer = ask(desk)
    assert take(desk, answer) == "settled"
    with desk.read() as connection:
        assert desk.second_for(connection, answer.subject, RULE) == "hq-01"
        waiting = seconds.waiting(connection, desk.site_id, desk.now() - seconds.WAITS)
    assert answer.subject not in [one.subject for one in waiting]
    end = ended(desk, answer)
    assert end is not None and (end.kind, end.by, end.place) == ("signed", "hq-01", "head_office")


def test_a_replay_leaves_no_trace(desk: Desk) -> None:
    answer = ask(desk)
    take(desk, answer)
    before = size(desk)
    assert take(desk, answer) is None
    assert take(desk, no(answer)) is None, "a request has one answer from head office"
    assert size(desk) == before


def test_forged_and_foreign_answers_are_refused_and_not_recorded(desk: Desk) -> None:
    answer, other = ask(desk), ask(desk)
    stranger = SigningKey.from_seed(KEY.name, b"\x09" * 32)
    before = size(desk)
    with pytest.raises(NoteRefused, match="no known key"):
        take_answer(desk, sign_answer(answer, stranger), KEYS)
    with pytest.raises(NoteRefused, match="is wrong"):
        take_answer(desk, sign_answer(no(answer), KEY).replace("declined", "signed"), KEYS)
    for foreign in (
        replace(answer, origin="sh0043.chengrang.example/log"),
        replace(answer, asked_idx=other.asked_idx),
        replace(answer, asked_sha256=other.asked_sha256),
        replace(answer, subject=other.subject),
        replace(answer, rule="R-SCP-16"),
        replace(answer, asked_idx=answer.asked_idx - 1),
        replace(answer, asked_idx=10**9),
        replace(answer, by="s-01"),
    ):
        with pytest.raises(ValueError, match=r"answer|another person"):
            take(desk, foreign)
    assert size(desk) == before
    assert ended(desk, answer) is None and ended(desk, other) is None


def test_what_is_discarded_or_a_day_old_is_gone(shop: PrivateShop, desk: Desk) -> None:
    thrown, old = ask(desk), ask(desk)
    discard(desk, thrown)
    assert take(desk, thrown) == "gone"
    shop.dial.seconds += seconds.WAITS / timedelta(seconds=1) + 1
    try:
        assert take(desk, old) == "gone"
    finally:
        shop.dial.seconds = 0
    assert ended(desk, thrown) is None and ended(desk, old) is None


def test_after_a_no_nobody_here_signs_until_head_office_does(desk: Desk) -> None:
    answer = ask(desk)
    assert take(desk, no(answer)) == "settled"
    with desk.read() as connection:
        assert desk.second_for(connection, answer.subject, RULE) is None
    with pytest.raises(ValueError, match="head office"):
        commands.second(desk, "s-02", answer.subject, RULE)
    again = ask(desk, answer.subject)
    with pytest.raises(ValueError, match="head office"):
        commands.second(desk, "s-02", answer.subject, RULE)
    assert take(desk, again) == "settled"
    with desk.read() as connection:
        assert desk.second_for(connection, answer.subject, RULE) == "hq-01"


def test_one_s_own_signature_for_another_answers_not_one_s_own_request(desk: Desk) -> None:
    """Two ask for the same thing: what the one gives the other is not his own second signature."""
    first = ask(desk)
    second = ask(desk, first.subject, by="s-02")
    commands.second(desk, "s-03", first.subject, RULE)
    end = ended(desk, first)
    assert end is not None and end.by == "s-03"
    assert take(desk, second) == "late"


ACTS = st.permutations(["s-02", "s-04", "yes", "discard"]) | st.permutations(["s-02", "no", "s-03"])


@settings(max_examples=40, deadline=None)
@given(order=ACTS, left=st.integers(0, 2))
def test_in_any_order_exactly_one_settles(desk: Desk, order: list[str], left: int) -> None:
    """Whatever comes first settles it, signature or no; nothing after it has an effect."""
    answer, effects = ask(desk), list[str]()
    for one in order[: len(order) - left]:
        if one == "discard":
            discard(desk, answer)
            effects.append("gone")
        elif one in ("yes", "no"):
            effects.append(take(desk, answer if one == "yes" else no(answer)) or "")
        else:
            try:
                commands.second(desk, one, answer.subject, RULE)
                effects.append("settled")
            except (OutOfStep, ValueError):
                effects.append("late")
    with desk.read() as connection:
        query = select(finding.c.actor).where(
            finding.c.store_id == desk.site_id, finding.c.subject == answer.subject, finding.c.kind.in_(SETTLING)
        )
        names = list(connection.execute(query).scalars())
    first = order[0]
    assert effects.count("settled") == len(names) == (first != "discard")
    if first != "discard":
        assert effects[0] == "settled"
        assert names == [{"yes": "hq-01", "no": "hq-01"}.get(first, first)]
