"""What a consumer may ask of a visit: take a consent back, have a person decide, allow a picture."""

from __future__ import annotations

import base64
from dataclasses import replace
from datetime import timedelta
from typing import Any

from store_service.blending.cases import View
from store_service.privacy.retention import hold_of_consumer
from store_service.privacy.vault import held
from store_service.records.desk import Actor, OutOfStep
from store_service.records.events.privacy import (
    ConsentWithdrawn,
    ImageKept,
    PersonalErased,
    ReviewDecided,
    ReviewRequested,
)
from store_service.rules.dates import beijing_date
from store_service.rules.matters import ImageRequest

from .commands import Counter
from .proposals import review_open
from .queries import Service, find_service, withdrawn

REVIEWS = ("kept", "changed", "declined")
IMAGE_BYTES = 2_000_000


def withdraw(counter: Counter, actor: Actor, service_id: str, purpose: str) -> tuple[str, ...]:
    """Take one consent back (R-CON-06), before or after the hand-over; returns the kinds of records that went.

    A recall contact stays sealed for its statutory time (R-ADR-10), and everything while a legal hold stands.
    Raises OutOfStep for a consent that is not given.
    """
    desk = counter.desk
    with desk.act(actor.staff_id, {"service": service_id}) as act:
        found = find_service(act.connection, desk.site_id, service_id)
        if not found.given(purpose):
            raise OutOfStep("not given", "given")
        kept = hold_of_consumer(act.connection, desk.site_id, found.consumer_ref) is not None
        going = () if kept else _going(counter, found, purpose)
        act.record(ConsentWithdrawn(service_id=service_id, purpose=purpose, erased=going))
    _forget(counter, found, purpose, going)  # on record first: `forget_withdrawn` makes up for what ends in between
    return going


def forget_withdrawn(counter: Counter) -> int:
    """Let go what a consent that was taken back still leaves: a process ended between record and erasure, a vault came
    out of a backup, or a legal hold has been lifted since. Returns how many visits."""
    desk, done = counter.desk, 0
    with desk.read() as connection:
        gone = [
            (find_service(connection, desk.site_id, service_id), purpose)
            for service_id, purpose in withdrawn(connection, desk.site_id)
        ]
        kept = {found.consumer_ref: hold_of_consumer(connection, desk.site_id, found.consumer_ref) for found, _ in gone}
    for found, purpose in gone:
        going = () if kept[found.consumer_ref] else _going(counter, found, purpose)
        if going:
            with desk.act("retention", keyed=False) as act:
                act.record(PersonalErased(subject=found.consumer_ref, kinds=going, why="withdrawal"))
            _forget(counter, found, purpose, going)
            done += 1
    return done


def _going(counter: Counter, found: Service, purpose: str) -> tuple[str, ...]:
    """The kinds of records that a purpose takes with it and that are there."""
    goes_whole = {"skin_image": ("image",), "questionnaire": ("recommendation",), "allergy": ("mark_key",)}
    there = [one for one in goes_whole.get(purpose, ()) if held(counter.vault, one, found.service_id) is not None]
    kept = held(counter.vault, "answers", found.service_id) or {}
    return (*(("answers",) if _left(counter, purpose, kept) != kept else ()), *there)


def _left(counter: Counter, purpose: str, answers: dict[str, Any]) -> dict[str, Any]:
    mine = {one.id for one in counter.texts.questions if one.purpose == purpose}
    return {key: value for key, value in answers.items() if key.removesuffix("_text") not in mine}


def _forget(counter: Counter, found: Service, purpose: str, going: tuple[str, ...]) -> None:
    vault = counter.vault
    if "answers" in going:
        left = _left(counter, purpose, held(vault, "answers", found.service_id) or {})
        vault.put("answers", found.service_id, left, counter.desk.now())
        vault.database.forget()
    if whole := tuple(one for one in going if one != "answers"):
        vault.erase(found.service_id, whole)


def request_review(counter: Counter, actor: Actor, service_id: str) -> None:
    """The consumer wants a person to decide on the proposal (R-CON-07)."""
    with counter.desk.act(actor.staff_id, {"service": service_id}) as act:
        found = find_service(act.connection, counter.desk.site_id, service_id)
        if found.state != "open":
            raise OutOfStep(found.state, "open")
        act.record(ReviewRequested(service_id=service_id))


def decide_review(counter: Counter, actor: Actor, service_id: str, decision: str, officer_id: str) -> None:
    """A person has looked at proposal and reasons; the PIN was checked before. Raises OutOfStep when nobody asked."""
    if decision not in REVIEWS:
        raise ValueError(f"decision: one of {', '.join(REVIEWS)}")
    with counter.desk.act(actor.staff_id, {"service": service_id}) as act:
        if not review_open(act.connection, counter.desk.site_id, service_id):
            raise OutOfStep("not asked", "asked for")
        act.record(ReviewDecided(service_id=service_id, decision=decision, officer_id=officer_id))


def keep_image(
    counter: Counter, actor: Actor, service_id: str, body: bytes, purpose: str, *, template: bool = False
) -> None:
    """Seal a picture of the skin for some days. Gate `image`. It identifies nobody, and no face template is made."""
    desk = counter.desk
    if not 0 < len(body) <= IMAGE_BYTES:
        raise ValueError(f"image: at most {IMAGE_BYTES} bytes")
    with desk.act(actor.staff_id, {"service": service_id}) as act:
        found = find_service(act.connection, desk.site_id, service_id)
        view = View.at(desk, act.connection)
        wish = ImageRequest(found.given("skin_image"), purpose, template)
        desk.require(act, "image", replace(view.standing(actor.staff_id), matter=wish), service_id)
        params = desk.ruleset.fill(view.known.params(desk))
        sealed = {"picture": base64.b64encode(body).decode(), "purpose": purpose}
        act.record(
            ImageKept(
                service_id=service_id,
                pia_ref=params.pia_ref or "",
                keep_until=beijing_date(desk.now()) + timedelta(days=params.image_days),
                commitment=counter.vault.put("image", service_id, sealed, desk.now()),
            )
        )
