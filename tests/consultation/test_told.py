"""Nothing that the program tells a consumer holds a forbidden word (R-CON-10): every text that it can generate."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from kiosk_ui.words import LANGUAGES, load
from store_service.consultation.proposals import told
from store_service.consultation.texts import Choice, Proposal, Reason, read
from store_service.records.desk import NeedsReason
from store_service.rules.refusal import Refused
from store_service.rules.words import lint
from tests.kiosk_ui.test_kiosk_door import Hand
from tests.shops import BLENDER, CONSENTS, PrivateShop, private_shop

DEMO = Path(__file__).parents[2] / "config" / "demo"
TEXTS = read(DEMO)
# Asking about a treatment, or sending somebody to a doctor, claims nothing.
ASKED = {"治疗", "皮肤科", "treatment", "therapy", "medical"}
FACES = ("trace", "reaction", "handover", "consent", "consultation", "formula")


def shown() -> Iterator[tuple[str, str]]:
    """(where, text) of everything that may reach a consumer: the filer's texts, reasons, pages."""
    yield from (("notice zh", TEXTS.notice.zh), ("notice en", TEXTS.notice.en))
    for one in TEXTS.purposes:
        yield from ((f"purpose {one.key}", text) for text in (one.title_zh, one.title_en, one.zh, one.en))
    for question in TEXTS.questions:
        texts = (question.zh, question.en, question.why_zh, question.why_en)
        yield from ((f"question {question.id}", text) for text in texts)
        yield from ((f"option {question.id}", text) for option in question.options for text in (option.zh, option.en))
    for rule in (*TEXTS.choose, *TEXTS.shift):
        yield from (("reason", text) for text in (rule.reason_zh, rule.reason_en))
    for language in LANGUAGES:
        yield from (
            (f"{language} {key}", text) for key, text in load(language).items() if key.partition(".")[0] in FACES
        )


def test_nothing_shown_holds_a_forbidden_word() -> None:
    texts = list(shown())
    assert len(texts) > 300
    hits = {(where, hit.word) for where, text in texts for hit in lint(text) if hit.outcome == "refuse"}
    assert {(where, word) for where, word in hits if word not in ASKED} == set()
    asked = {where for where, word in hits if word in ASKED}
    assert all(where.startswith(("notice", "purpose allergy", "question", "option condition")) for where in asked), (
        asked
    )


def test_the_lint_hears_it_in_a_reason() -> None:
    reason = Reason(product_id="X", zh="可治疗湿疹", en="It cures eczema")
    texts = told(TEXTS, Proposal(envelope_id="E", shares_bp=(10_000,), reasons=(reason,)))
    assert {name for name in texts if name.startswith("reason")} == {"reason 1 zh", "reason 1 en"}
    assert lint(texts["reason 1 zh"])


def test_every_question_and_its_answers_are_screened_with_the_proposal() -> None:
    texts = set(told(TEXTS, None).values())
    for question in TEXTS.questions:
        assert {question.zh, question.en, *(one.zh for one in question.options)} <= texts
    assert {TEXTS.notice.zh, *(one.zh for one in TEXTS.purposes)} <= texts


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PrivateShop]:
    with private_shop(tmp_path_factory.mktemp("told")) as opened:
        yield opened


def visit(shop: PrivateShop) -> str:
    counter = shop.shop.counter
    service_id = counter.open(BLENDER)
    counter.show_notice(BLENDER, service_id, counter.texts.notice.version)
    counter.consent(BLENDER, service_id, CONSENTS)
    for question, value in {"condition": "none", "age": "25_34", "allergy": "none", "texture": "milky"}.items():
        counter.answer(BLENDER, service_id, question, [value])
    return service_id


def swap(shop: PrivateShop, **changes: Any) -> None:
    object.__setattr__(shop.shop.counter, "texts", shop.shop.counter.texts.model_copy(update=changes))


def test_a_proposal_with_medical_talk_is_not_told(shop: PrivateShop) -> None:
    service_id = visit(shop)
    known = shop.shop.counter.texts
    swap(shop, choose=tuple(one.model_copy(update={"reason_zh": "可治疗皮炎。"}) for one in known.choose))
    with pytest.raises(Refused) as no:
        shop.shop.counter.finish(BLENDER, service_id)
    assert [one.rule for one in no.value.verdict.refusals] == ["R-CON-10"]
    swap(shop, choose=known.choose)
    shop.shop.counter.finish(BLENDER, service_id)


def test_a_doubtful_reason_of_a_proposal_is_answered_for_at_the_kiosk_and_by_the_api(shop: PrivateShop) -> None:
    """R-CON-10: a person judges it; the same answer is sent again with the reason."""
    hand = Hand(shop)
    hand.sign_in()
    known = shop.shop.counter.texts
    swap(shop, shift=(), choose=(Choice(**{**dict(known.choose[0]), "when": {}, "reason_zh": "消炎"}),))
    place = hand.service()
    status, _, sheet = hand.answered(
        place, purposes=("allergy", "questionnaire"), feel="tight", goal="moisture", texture="milky"
    )
    assert (status, "R-CON-10" in sheet) == (409, True)
    last = {"question": "texture", "answer": "milky"}
    status, to, _ = hand.post(f"{place}/consultation", f"{place}/consultation?q=texture", **last, reason="checked")
    assert (status, to) == (200, f"{place}/formula")
    service_id = visit(shop)
    with pytest.raises(NeedsReason):
        shop.shop.counter.finish(BLENDER, service_id)
    token = hand.web.post("/api/v1/sign-in", json={"badge": "B-1001", "pin": "135790"}).json()["token"]
    hand.web.headers["authorization"] = f"Bearer {token}"
    answer = hand.web.post(
        f"/api/v1/services/{service_id}/consultation",
        json={"reasons": {"R-CON-10": "checked"}},
        headers={"idempotency-key": "doubtful-1"},
    )
    assert answer.status_code == 200
    swap(shop, shift=known.shift, choose=known.choose)


def test_a_tick_that_is_not_needed_may_not_be_a_condition(shop: PrivateShop) -> None:
    service_id = visit(shop)
    known = shop.shop.counter.texts
    forced = tuple(one.model_copy(update={"required": one.required or one.key == "contact"}) for one in known.purposes)
    swap(shop, purposes=forced)
    shop.shop.counter.consent(BLENDER, service_id, {"contact": True})
    with pytest.raises(Refused) as no:
        shop.shop.counter.finish(BLENDER, service_id)
    assert [one.rule for one in no.value.verdict.refusals] == ["R-CON-04"]
    swap(shop, purposes=known.purposes)
    shop.shop.counter.finish(BLENDER, service_id)


def test_a_questionnaire_may_be_declined_and_no_photo_is_asked(shop: PrivateShop) -> None:
    """R-CON-04: the allergy check alone is enough, and nothing is proposed out of answers that were not given."""
    counter = shop.shop.counter
    service_id = counter.open(BLENDER)
    counter.show_notice(BLENDER, service_id, counter.texts.notice.version)
    counter.consent(BLENDER, service_id, {"allergy": True, "questionnaire": False, "skin_image": False})
    for question, value in {"condition": "none", "age": "25_34", "allergy": "none"}.items():
        counter.answer(BLENDER, service_id, question, [value])
    counter.finish(BLENDER, service_id)
    assert shop.shop.vault.get("recommendation", service_id) is None
    shop.planned_unit("ENV-LOTION", service_id)
    assert counter.verdict(BLENDER, shop.station.settings, shop.shop.settings.public_base, service_id).allowed


def test_a_minor_comes_with_a_guardian_where_the_province_lets_minors_come(shop: PrivateShop) -> None:
    counter, desk = shop.shop.counter, shop.shop.desk
    service_id = visit(shop)
    counter.answer(BLENDER, service_id, "age", ["14_17"])
    ruleset = desk.ruleset
    for min_age, guardian, allowed in ((18, True, False), (14, False, False), (14, True, True)):
        desk.ruleset = replace(ruleset, defaults={**ruleset.defaults, "min_age": min_age})
        counter.consent(BLENDER, service_id, {"guardian": guardian})
        if allowed:
            counter.finish(BLENDER, service_id)
            continue
        with pytest.raises(Refused) as no:
            counter.finish(BLENDER, service_id)
        assert [one.rule for one in no.value.verdict.refusals] == ["R-CON-05"]
    desk.ruleset = ruleset
