"""The rules in plain words: `python -m store_service.rules.page` prints docs/rules.md."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

from .catalogue import Province, Rule, RuleSet, Saying, load
from .covered import Pairs, covering, witnessed
from .gates import GATES
from .params import Parameters
from .reads import parameters_of
from .words import lexicon_document

ROOT = Path(__file__).parents[2]

BASIS = {
    "law": ("法规要求", "the law asks it"),
    "default": ("本系统默认", "our default"),
    "derived": ("由法规推导", "derived from the law"),
}
PARAMETER_BASIS = {
    "law": ("法规规定", "the law's value"),
    "province": ("由省份定", "the province's to set"),
    "default": ("本系统默认", "our default"),
}
EVERY = {
    "shift": ("每班", "a shift"),
    "service": ("每次服务", "a service"),
    "unit": ("每个单元", "a unit"),
    "dose": ("每次加料", "a dose"),
}
OUTCOME = {
    "refuse": ("拒绝", "refuse"),
    "warn": ("提醒，须写明原因", "warn, with a reason"),
    "record": ("必须记录", "must be recorded"),
    "organisational": ("组织措施", "organisational"),
    "note": ("说明", "note"),
}
HEAD = """# 规则 · Rules

Generated from `config/rules`, `config/provinces.toml` and the checks by `python -m store_service.rules.page`.
The default is to refuse: what is unknown is refused. What the law asks and what we chose are told apart as *basis*.
A value in braces is filled in with what was compared. Not legal advice.
A warning is answered once, with a reason from the list and a name, where *once a …* says; where a *second person* is
asked for, he may sign at another screen. Tests are those that name the rule; the two of a command were seen at it.

本页由配置和检查程序生成。默认拒绝：凡未知的，一律拒绝。“依据”一栏区分法规要求与本系统的选择。
花括号中的内容在提示时填入实际比较的数值。本页不构成法律意见。
"""


def page(ruleset: RuleSet, tests: Mapping[str, tuple[str, ...]], pairs: Pairs) -> str:
    """The whole page as Markdown; `tests` as `covering` finds them, `pairs` as `witnessed` reads them."""
    parts = [
        HEAD,
        *_basis(ruleset),
        *_gates(ruleset),
        *_rules(ruleset, tests, pairs),
        *_shared(ruleset),
        *_parameters(ruleset),
        *_provinces(ruleset),
        *_words(),
    ]
    return "\n".join(parts).rstrip() + "\n"


def _basis(ruleset: RuleSet) -> Iterator[str]:
    yield "## 法规与默认 · Law and default\n"
    yield "| 依据 · basis | 拒绝 · refuse | 提醒 · warn | 记录 · record | 组织 · organisational | 说明 · note |"
    yield "|---|---|---|---|---|---|"
    for basis, words in BASIS.items():
        counts = [
            sum(1 for rule in ruleset.rules.values() if (rule.basis, rule.outcome) == (basis, outcome))
            for outcome in OUTCOME
        ]
        yield f"| {' · '.join(words)} | {' | '.join(map(str, counts))} |"
    yield ""


def _gates(ruleset: RuleSet) -> Iterator[str]:
    yield f"Catalogue version {ruleset.version}, digest `{ruleset.digest}`, {len(ruleset.rules)} rules.\n"
    yield "## 关口 · Gates\n"
    yield "| Gate | Rules asked |\n|---|---|"
    for gate in GATES:
        yield f"| `{gate}` | {', '.join(rule.id for rule in ruleset.rules.values() if gate in rule.asked)} |"
    yield ""


def _rules(ruleset: RuleSet, tests: Mapping[str, tuple[str, ...]], pairs: Pairs) -> Iterator[str]:
    yield "## 规则 · The rules\n"
    for rule in ruleset.rules.values():
        yield f"### {rule.id} {rule.title_zh} · {rule.title_en}\n"
        yield _facts(rule) + "\n"
        if rule.does_zh:
            yield f"{rule.does_zh}  \n{rule.does_en}\n"
        for saying in rule.no.values():
            yield from _saying(saying)
        for paper in rule.documents:
            end = " · governs blending: refuses" if paper.governs else ""
            only = f" ({', '.join(paper.provinces)})" if paper.provinces else ""
            yield f"- 文件 · document `{paper.key}`{only}: {paper.zh} · {paper.en}{end}"
        yield from _beside(ruleset, rule, tests.get(rule.id, ()))
        if pair := pairs.get(rule.id):
            yield f"- 经命令拒绝 · refuses a command (`{pair['gate']}`): `{pair['refuses']}`"
            yield f"- 经命令通过 · lets one pass: `{pair['passes']}`"
        yield ""


def _saying(saying: Saying) -> Iterator[str]:
    second = "，须第二人 · and a second person" if saying.second_person else ""
    yield f"- **{' · '.join(OUTCOME[saying.outcome])}{second}** {saying.zh}  \n  {saying.en}"
    for step in saying.next:
        yield f"  - → {step.zh} · {step.en}"


def _beside(ruleset: RuleSet, rule: Rule, tests: tuple[str, ...]) -> Iterator[str]:
    if rule.records:
        yield f"- 放行时必须有记录 · recorded at the release: {', '.join(f'`{one}`' for one in rule.records)}"
    if names := parameters_of(rule):
        yield f"- 参数 · parameters: {'; '.join(_told(ruleset, name) for name in names)}"
    if tests:
        yield f"- 测试 · tests: {', '.join(f'`{one}`' for one in tests)}"


def _told(ruleset: RuleSet, name: str) -> str:
    return f"`{name}` {_value(ruleset.defaults[name])} ({PARAMETER_BASIS[ruleset.bases[name]][0]})"


def _shared(ruleset: RuleSet) -> Iterator[str]:
    yield "## 共用的提示 · Sayings that rules share\n"
    for name, saying in ruleset.shared.items():
        yield f"`{name}`\n"
        yield from _saying(saying)
        yield ""
    yield "## 理由 · Reasons\n"
    for key, reason in ruleset.reasons.items():
        yield f"- `{key}` {reason.zh} · {reason.en}"
    yield ""


def _words() -> Iterator[str]:
    yield "\n## 禁用词 · Forbidden words\n"
    yield "| Family | Outcome | Words | Source |\n|---|---|---|---|"
    for entry in lexicon_document()["entry"]:
        outcome = "拒绝 · refuse" if entry["outcome"] == "refuse" else "人工判断 · a person decides"
        yield f"| {entry['family']} | {outcome} | {'、'.join(entry['words'])} | {entry['source']} |"
    yield ""


def _facts(rule: Rule) -> str:
    asked = ", ".join(f"`{gate}`" for gate in rule.asked) or "—"
    second = "提醒须第二人 · a warning wants a second person; " if rule.second_person else ""
    return (
        f"{' · '.join(OUTCOME[rule.outcome])}; {second}{EVERY[rule.every][0]} · once {EVERY[rule.every][1]}; "
        f"关口 · asked at {asked}; "
        f"依据 · basis: {' · '.join(BASIS[rule.basis])} ({rule.source}); confidence {rule.confidence}"
    )


def _parameters(ruleset: RuleSet) -> Iterator[str]:
    yield "## 参数 · Parameters\n"
    yield "| Name | Value | 依据 · basis | Meaning | Provinces that differ |\n|---|---|---|---|---|"
    for name, field in Parameters.model_fields.items():
        differ = [
            f"{p.prefix} {_value(p.set[name])}"
            for p in ruleset.provinces.values()
            if name in p.set and name != "in_pilot"
        ]
        basis = " · ".join(PARAMETER_BASIS[ruleset.bases[name]])
        value = _value(ruleset.defaults[name])
        yield f"| `{name}` | {value} | {basis} | {field.description or ''} | {', '.join(differ)} |"
    yield ""


def _value(value: object) -> str:
    match value:
        case None:
            return "—"
        case bool():
            return "yes" if value else "no"
        case list() | tuple():
            return ", ".join(str(one) for one in value)
        case _:
            return str(value)


def _provinces(ruleset: RuleSet) -> Iterator[str]:
    yield "## 省份 · Provinces\n"
    yield "A filing prefix is a valid number anywhere; only a pilot province is a valid place for a shop.\n"
    for words, chosen in (("试点 · pilot", True), ("非试点 · not in the pilot", False)):
        some = [_province(p) for p in ruleset.provinces.values() if p.in_pilot is chosen]
        yield f"- **{words} ({len(some)})**: {'; '.join(some)}"


def _province(province: Province) -> str:
    return f"{province.prefix} {province.zh} {province.en} ({province.letters})"


if __name__ == "__main__":
    sys.stdout.write(
        page(load(ROOT / "config" / "rules", ROOT / "config" / "provinces.toml"), covering(ROOT), witnessed(ROOT))
    )
