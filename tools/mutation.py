"""How many small wrongs in the law do its tests notice?

    python tools/mutation.py WORKDIR [--sample 1500] [--seed 3] [--only store_service.rules.merge] [--again FILE]

mutmut writes the mutants of store_service/rules and notes which test of tests/rules reaches which function; here each
mutant is tried in a fork of one collected pytest, quickest test first, until one fails. mutmut itself collects
anew for every mutant, which takes ten times as long, and passes over decorated functions, which are the checks: in the
copy that is mutated, `@check(…)` above a function becomes `check(…)(function)` at the end of its file.

WORKDIR holds the copy and `survivors.txt`; `--again survivors.txt` tries only those. The last line is the score.
"""

from __future__ import annotations

import argparse
import ast
import json
import os
import random
import resource
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent.parent
COPIED = ("config", "docs", "store_service", "kiosk_ui", "device_drivers", "simulators", "tests", "tools")
CONFIGURATION = """
[tool.mutmut]
source_paths = ["store_service"]
only_mutate = ["store_service/rules/*"]
also_copy = ["config", "docs", "kiosk_ui", "device_drivers", "simulators", "tools", "README.md"]
pytest_add_cli_args_test_selection = ["tests/rules"]
"""
SLACK_S, TIMES, MEMORY = 5.0, 4.0, 3 << 30


def undecorate(path: Path) -> None:
    """Move every `@check(…)` of a file to its end, in the same order."""
    text = path.read_text("utf-8")
    lines, calls = text.splitlines(), []
    for node in ast.parse(text).body:
        if not isinstance(node, ast.FunctionDef):
            continue
        for decorator in node.decorator_list:
            if isinstance(decorator, ast.Call) and ast.unparse(decorator.func) == "check":
                calls.append(f"{ast.unparse(decorator)}({node.name})")
                for number in range(decorator.lineno - 1, decorator.end_lineno or decorator.lineno):
                    lines[number] = ""
    path.write_text("\n".join([*lines, *calls, ""]), "utf-8")


def prepare(work: Path) -> None:
    """Copy the tree, let mutmut write the mutants and learn which tests reach them."""
    for name in COPIED:
        shutil.copytree(HERE / name, work / name, ignore=shutil.ignore_patterns("__pycache__", ".hypothesis"))
    shutil.copy(HERE / "README.md", work)
    (work / "pyproject.toml").write_text((HERE / "pyproject.toml").read_text("utf-8") + CONFIGURATION, "utf-8")
    for path in sorted((work / "store_service/rules/checks").glob("*.py")):
        undecorate(path)
    done = subprocess.run(
        [sys.executable, "-m", "mutmut", "run", "--max-children", "1", "store_service.rules.dates.*"],
        cwd=work,
        capture_output=True,
        text=True,
        check=False,
    )
    if not (work / "mutants/mutmut-stats.json").exists():
        raise SystemExit(done.stdout[-4000:] + done.stderr[-4000:])


class Forks:
    """A pytest plugin that tries mutants instead of running the tests once."""

    def __init__(self, work: Path, args: argparse.Namespace) -> None:
        self.args = args
        stats = json.loads((work / "mutants/mutmut-stats.json").read_text("utf-8"))
        self.reaching: dict[str, list[str]] = stats["tests_by_mangled_function_name"]
        self.seconds: dict[str, float] = stats["duration_by_test"]
        self.survivors: list[str] = []
        self.unreached: list[str] = []
        self.tried = 0
        self.failed = False
        metas = sorted((work / "mutants/store_service/rules").rglob("*.meta"))
        names = sorted(name for path in metas for name in json.loads(path.read_text("utf-8"))["exit_code_by_key"])
        self.all = len(names)
        if args.again:
            wanted = set(Path(args.again).read_text("utf-8").split())
            names = [name for name in names if name in wanted]
        names = [name for name in names if name.startswith(args.only)]
        if args.sample and args.sample < len(names):
            names = random.Random(args.seed).sample(names, args.sample)  # noqa: S311 - a sample, no secret
        self.names = names

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        self.failed |= report.failed

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        items = {item.nodeid: item for item in session.items}
        begun = time.monotonic()
        if self.killed("", session.items, sum(self.seconds.values())):
            raise SystemExit("a test fails without any mutant: nothing can be said")
        for name in self.names:
            function = name.rpartition("__mutmut_")[0]
            tests = sorted(self.reaching.get(function, ()), key=lambda test: self.seconds.get(test, 0.0))
            chosen = [items[test] for test in tests if test in items]
            if not chosen:
                self.unreached.append(name)
                self.tell(name)
            elif not self.killed(name, chosen, sum(self.seconds.get(item.nodeid, 0.0) for item in chosen)):
                self.survivors.append(name)
                self.tell(name)
            self.tried += 1
            if self.tried % 100 == 0:
                alive = len(self.survivors) + len(self.unreached)
                print(f"{self.tried}/{len(self.names)} {alive} alive {time.monotonic() - begun:.0f} s", flush=True)
        return True

    def tell(self, name: str) -> None:
        with self.args.work.joinpath("survivors.txt").open("a", encoding="utf-8") as told:
            told.write(f"{name}\n")

    def killed(self, name: str, chosen: list[pytest.Item], seconds: float) -> bool:
        child = os.fork()
        if child == 0:
            nothing = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nothing, 1)
            os.dup2(nothing, 2)
            signal.alarm(int(SLACK_S + TIMES * seconds))
            resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
            os.environ["MUTANT_UNDER_TEST"] = name
            for item, after in zip(chosen, [*chosen[1:], None], strict=True):
                item.config.hook.pytest_runtest_protocol(item=item, nextitem=after)
                if self.failed:
                    os._exit(1)
            os._exit(0)
        return os.waitpid(child, 0)[1] != 0


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("work", type=Path)
    parser.add_argument("--sample", type=int, default=0, help="0: all")
    parser.add_argument("--seed", type=int, default=3)
    parser.add_argument("--only", default="", help="names that begin like this")
    parser.add_argument("--again", default="", help="a file of names to try")
    args = parser.parse_args()
    args.work = args.work.resolve()
    args.again = args.again and str(Path(args.again).resolve())
    if not (args.work / "mutants/mutmut-stats.json").exists():
        prepare(args.work)
    os.environ["MUTANT_UNDER_TEST"] = ""
    os.chdir(args.work / "mutants")
    sys.path[:0] = [str(args.work / "mutants")]
    forks = Forks(args.work, args)
    args.work.joinpath("survivors.txt").write_text("", "utf-8")
    pytest.main(["-s", "-q", "-p", "no:cacheprovider", "--rootdir=.", "tests/rules"], plugins=[forks])
    alive = forks.survivors + forks.unreached
    score = 100 * (forks.tried - len(alive)) / max(forks.tried, 1)
    print(
        f"{forks.all} mutants, {forks.tried} tried, {len(forks.survivors)} survived, "
        f"{len(forks.unreached)} reached by no test, score {score:.1f} %"
    )


if __name__ == "__main__":
    main()
