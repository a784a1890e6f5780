"""What ends, and when: told 30, 7 and 1 days before, so that nothing stops by surprise (R-PPL-01, R-SYN-02, §0.5)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from .case import Case
from .catalogue import RuleSet
from .checking import No, no
from .checks.scope import ours, window
from .dates import beijing_date
from .dossier import StaffRow
from .params import Parameters
from .readiness import held, wanted
from .rounds import of_the_shop
from .workdays import Workdays

WORDS = {
    "self_inspection": ("年度自查", "the yearly self-inspection"),
    "recall_drill": ("召回演练", "the recall drill"),
}
RENEWAL_WORKDAYS = 30
"""R-ANN-05: a renewal is applied for no later than so many working days before the licence ends."""


@dataclass(frozen=True, slots=True)
class Deadline:
    """`last_day` is the last day on which `what` still holds, Beijing. `warns`: somebody must answer for it at the
    opening of a service as it comes near; the others are only listed."""

    rule: str
    what_zh: str
    what_en: str
    last_day: date
    warns: bool = True

    def days_left(self, today: date) -> int:
        return (self.last_day - today).days


def deadlines(case: Case, params: Parameters, ruleset: RuleSet, staff: Iterable[StaffRow]) -> Iterator[Deadline]:
    """Everything with an end that this shop stands on; what is unknown has none here, its rule says so itself."""
    yield from _of_the_site(case, params, ruleset.workdays)
    for one in of_the_shop(case.done, params):
        yield Deadline(one.rule, *WORDS[one.kind], one.due, warns=False)
    for person in staff:
        yield from _of_a_person(person, params)
    store_id = case.site.store_id if case.site else ""
    for rule, paper in wanted(case, ruleset):
        row = held(case.readiness, rule, paper, store_id)
        if row is not None:
            yield Deadline(rule.id, f"{paper.zh}（{row.version}）", f"{paper.en} ({row.version})", row.valid_to)


def _of_the_site(case: Case, params: Parameters, workdays: Workdays) -> Iterator[Deadline]:
    yield Deadline("R-SCP-17", "试点期限", "the pilot", window(params)[1] - timedelta(days=1), warns=False)
    if case.bench is not None and case.bench.verified_to is not None:
        zh, en = f"{case.bench.scale_id} 的检定", f"verification of {case.bench.scale_id}"
        yield Deadline("R-BLD-10", zh, en, case.bench.verified_to, warns=False)
    row = ours(case)
    if row is not None:
        yield Deadline("R-SCP-03", f"名单文件 {row.doc_no}", f"roster notice {row.doc_no}", row.valid_to)
        for order in row.orders:
            if order.closed_on is None:
                zh, en = f"整改通知 {order.doc_no}", f"order {order.doc_no}"
                yield Deadline("R-SCP-16", zh, en, order.due, warns=False)
    if case.site is None:
        return
    filer = case.site.filer
    apply_by = workdays.before(filer.licence.valid_to, RENEWAL_WORKDAYS)
    yield Deadline("R-ANN-05", "许可证延续申请", "application to renew the licence", apply_by, warns=False)
    yield Deadline("R-SCP-09", "化妆品生产许可证", "the production licence", filer.licence.valid_to)
    if filer.authorisation is not None:
        yield Deadline("R-SCP-11", "境外备案人授权", "the overseas filer's authorisation", filer.authorisation.valid_to)
    if params.store_licence_required and case.site.licence_valid_to is not None:
        yield Deadline("R-SCP-10", "门店许可", "the shop's licence", case.site.licence_valid_to)


def _of_a_person(person: StaffRow, params: Parameters) -> Iterator[Deadline]:
    who = person.staff_id
    yield Deadline("R-PPL-03", f"{who} 的授权", f"{who}: authorisation", person.authorised_to)
    checked = person.health_checked + timedelta(days=params.health_valid_days)
    yield Deadline("R-PPL-04", f"{who} 的健康检查", f"{who}: health check", checked)
    if person.account_to is not None:
        yield Deadline("R-PPL-09", f"{who} 的账号", f"{who}: account", person.account_to)
    if "blender" in person.roles and person.exam_on is not None:
        examined = person.exam_on + timedelta(days=params.training_valid_days)
        yield Deadline("R-PPL-03", f"{who} 的考核", f"{who}: examination", examined)
    if person.training:
        last = max(one.completed_on for one in person.training) + timedelta(days=params.training_valid_days)
        yield Deadline("R-PPL-06", f"{who} 的年度培训", f"{who}: yearly training", last)


def step(days_left: int, steps: tuple[int, ...]) -> int | None:
    """The warning step that is reached: 30, 7 or 1; None while it is far, or over."""
    return min((one for one in steps if 0 <= days_left <= one), default=None)


def ending_soon(case: Case, params: Parameters, ruleset: RuleSet) -> Iterator[tuple[str, No]]:
    """(rule id, `soon`) for what ends within the first step; each step is answered for once."""
    today = beijing_date(case.now)
    person = case.person.staff if case.person else None
    for one in deadlines(case, params, ruleset, (person,) if person else ()):
        left = one.days_left(today)
        reached = step(left, params.expiry_warn_days)
        if one.warns and reached is not None:
            said = no("soon", what_zh=one.what_zh, what_en=one.what_en, last_day=one.last_day, days=left)
            yield one.rule, No(said.saying, said.facts, per=f"ends {one.rule} {one.what_en} {one.last_day} {reached}")
