"""Forbidden words are found however they are written, and innocent texts are left alone."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from store_service.rules.words import lint


def hits(text: str) -> list[tuple[str, str, str]]:
    return [(hit.family, hit.word, hit.outcome) for hit in lint(text)]


@pytest.mark.parametrize(
    ("text", "family", "word"),
    [
        ("最佳", "W1", "最佳"),
        ("顶级", "W1", "顶级"),
        ("药妆", "W2", "药妆"),
        ("抗炎", "W2", "抗炎"),
        ("治疗", "W2", "治疗"),
        ("美白", "W3", "美白"),
        ("防晒", "W3", "防晒"),
        ("染发", "W3", "染发"),
        ("烫发", "W3", "烫发"),
        ("祛斑", "W3", "祛斑"),
        ("防脱发", "W3", "防脱发"),
        ("新功效", "W3", "新功效"),
        ("白皙", "W4", "白皙"),
        ("改善脱发", "W4", "改善脱发"),
        ("修护破损肌肤", "W4", "修护破损肌肤"),
        ("育发", "W5", "育发"),
        ("健美", "W5", "健美"),
        ("美乳", "W5", "美乳"),
        ("美 白", "W3", "美白"),
        ("美·白", "W3", "美白"),
        ("美\u200b白", "W3", "美白"),
        ("美_白", "W3", "美白"),
        ("美\n白", "W3", "美白"),
        ("藥妝", "W2", "药妆"),
        ("治療", "W2", "治疗"),
        ("頂級", "W1", "顶级"),
        ("防曬", "W3", "防晒"),
        ("染髮", "W3", "染发"),
        ("ＳＰＦ５０", "W3", "spf"),
        ("S.P.F. 30", "W3", "spf"),
        ("Whitening", "W3", "whitening"),
        ("white-ning", "W3", "whitening"),
        ("mei bai", "W3", "meibai"),
        ("MEIBAI", "W3", "meibai"),
        ("zhi-liao", "W2", "zhiliao"),
        ("medical grade", "W2", "medical"),
        ("It cures acne", "W2", "cures"),
        ("The best cream", "W1", "best"),
        ("anti-inflammatory", "W2", "anti inflammatory"),
    ],
)
def test_forbidden_words_are_found(text: str, family: str, word: str) -> None:
    outcome = "human" if "\n" in text else "refuse"
    assert (family, word, outcome) in hits(text)


@pytest.mark.parametrize(
    "text",
    [
        "最后一步，取适量涂抹",
        "第一次使用前请做皮肤测试",
        "最多每日两次",
        "请置于阴凉干燥处",
        "如有不适，请立即停用并就医",
        "Secure the cap after use",
        "Seek medical advice if irritation occurs",
        "Best before 2027-02-20",
        "permeable film",
        "vitamin C, urea",
        "保湿、舒缓、滋养",
        "洁面后取适量均匀涂抹于面部",
        "",
    ],
)
def test_innocent_texts_pass(text: str) -> None:
    assert hits(text) == []


@pytest.mark.parametrize(
    "text",
    [
        "本品不具有治疗作用",
        "不能替代药物治疗",
        "并非美白产品",
        "使用期间请注意防晒",
        "This product does not cure any disease",
        "not a medical product",
        "肤色更美。白天使用",
        "强效保湿",
        "最爱",
        "抗菌",
    ],
)
def test_doubtful_texts_go_to_a_person(text: str) -> None:
    assert hits(text) and {outcome for _, _, outcome in hits(text)} == {"human"}


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("非常美白", "美白"),
        ("无瑕美白", "美白"),
        ("无比美白", "美白"),
        ("非凡顶级", "顶级"),
        ("勿错过最佳", "最佳"),
        ("不含酒精美白精华", "美白"),
        ("没有副作用的治疗", "治疗"),
        ("不仅美白", "美白"),
        ("无添加美白", "美白"),
        ("not only whitening", "whitening"),
        ("without parabens, the best cream", "best"),
    ],
)
def test_a_denial_of_something_else_denies_nothing(text: str, word: str) -> None:
    assert [hit.outcome for hit in lint(text) if hit.word == word] == ["refuse"]


@pytest.mark.parametrize(
    "text",
    [
        "不具有美白、祛斑功效",
        "不具有预防、治疗疾病的作用",
        "不能代替医生的治疗",
        "不用于治疗任何疾病",
        "无美白功效",
        "非医疗用品",
        "not intended to diagnose, treat, cure or prevent any disease",
        "has no whitening effect",
    ],
)
def test_a_denial_reaches_along_a_list_to_the_word(text: str) -> None:
    assert hits(text) and {outcome for _, _, outcome in hits(text)} == {"human"}


def test_a_denial_does_not_reach_beyond_its_clause() -> None:
    assert [hit.outcome for hit in lint("不含香精，美白肌肤")] == ["refuse"]


def test_positions_are_those_of_the_original_text() -> None:
    text = "这是ＳＰＦ３０的㊙美・白霜"
    assert [(hit.word, text[hit.start : hit.end]) for hit in lint(text)] == [("spf", "ＳＰＦ"), ("美白", "美・白")]


def test_the_longest_word_of_a_family_is_told_once() -> None:
    assert hits("防脱发") == [("W3", "防脱发", "refuse")]
    assert [hit[1] for hit in hits("最佳")] == ["最佳"]


def test_each_hit_names_its_source() -> None:
    assert all(hit.source for hit in lint("最佳药妆美白白皙健美减肥"))
    assert {hit.family for hit in lint("最佳药妆美白白皙健美减肥")} == {"W1", "W2", "W3", "W4", "W5", "W6"}


JUNK = st.text(st.sampled_from(list(" ·*_-\u200b\u2060～")), max_size=3)


@given(st.sampled_from(["美白", "防脱发", "药妆", "最佳", "健美"]), st.lists(JUNK, min_size=4, max_size=4))
def test_no_filling_hides_a_word(word: str, junk: list[str]) -> None:
    text = "".join(char + filling for char, filling in zip(word, junk, strict=False))
    assert any(hit.word == word and hit.outcome == "refuse" for hit in lint(f"新{text}霜"))


@given(st.text(max_size=60))
def test_any_text_can_be_linted_and_its_hits_lie_inside(text: str) -> None:
    for hit in lint(text):
        assert 0 <= hit.start < hit.end <= len(text)
