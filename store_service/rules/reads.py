"""Which parameters a check reads: out of its own source, so that the page of the rules can forget none.

A check is handed its parameters as `params` and may hand them on to functions of these modules; those are followed.
"""

from __future__ import annotations

import ast
import inspect
import sys
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from types import FunctionType
from typing import Any

from .catalogue import Rule
from .checks import CHECKS
from .params import Parameters

OURS = __name__.rpartition(".")[0]
HANDED = "params"


def parameters_of(rule: Rule) -> tuple[str, ...]:
    """What the rule's checks read and what config/rules adds, which other parts of the house read for it; sorted as
    `Parameters` declares them."""
    return tuple(name for name in Parameters.model_fields if name in {*rule.parameters, *read_by_checks(rule.id)})


@cache
def read_by_checks(rule_id: str) -> frozenset[str]:
    """Parameters that the checks of a rule read, themselves or through what they call."""
    checks = {function for rows in CHECKS.values() for one, function in rows if one == rule_id}
    return frozenset(name for function in checks for name in read_by(function))


def read_by(function: Callable[..., Any]) -> frozenset[str]:
    """Parameters that a function and everything of ours that it hands them to read."""
    found, waiting, seen = set[str](), [function], set[Callable[..., Any]]()
    while waiting:
        one = waiting.pop()
        if one in seen:
            continue
        seen.add(one)
        names, called = _source(one)
        found |= names
        waiting += called
    return frozenset(found)


@cache
def _source(function: Callable[..., Any]) -> tuple[frozenset[str], tuple[Callable[..., Any], ...]]:
    """What one function reads of `params`, and the functions of ours that get `params` from it."""
    node = _functions(function.__module__)[function.__name__]
    known = vars(sys.modules[function.__module__])
    called = [
        known.get(call.func.id)
        for call in ast.walk(node)
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and any(map(_handed, call.args))
    ]
    return frozenset(reads_in(node)), tuple(
        one for one in called if isinstance(one, FunctionType) and one.__module__.startswith(OURS)
    )


def reads_in(node: ast.AST) -> Iterator[str]:
    """Every `params.name` of a piece of source, and `.name` of what `fill(…)` or `…params(…)` answers."""
    for one in ast.walk(node):
        if not (isinstance(one, ast.Attribute) and isinstance(one.ctx, ast.Load)):
            continue
        if one.attr in Parameters.model_fields and (_handed(one.value) or _answers(one.value)):
            yield one.attr


def _handed(node: ast.AST) -> bool:
    return isinstance(node, ast.Name) and node.id == HANDED


def _answers(node: ast.AST) -> bool:
    if not isinstance(node, ast.Call):
        return False
    name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
    return name == "fill" or name.endswith(HANDED)


@cache
def _functions(module: str) -> Mapping[str, ast.AST]:
    """The functions of a module by name, those inside others too."""
    tree = ast.parse(inspect.getsource(sys.modules[module]))
    return {node.name: node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}
