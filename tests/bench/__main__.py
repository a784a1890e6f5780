"""`make bench`: each figure with its bar and, where there is one, its ratio to a baseline of the same run."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable

from tests.bench import command, page, recall, shop, start, touch, verdict

BARS = {
    "command_p99_ms": 20,
    "verdict_p50_ms": 20,
    "verify_s": 3,
    "shop_rss_mb": 200,
    "jitter_busy_p99_ms": 15,
    "stop_s": 2,
    "touch_ms": 100,
    "page_bytes": 15_000,
    "lot_sqlite_p50_ms": 50,
    "lot_postgres_p50_ms": 50,
    "calling_sqlite_p50_ms": 50,
    "calling_postgres_p50_ms": 50,
    "report_sqlite_ms": 1000,
    "report_postgres_ms": 1000,
}
PARTS: dict[str, Callable[[], dict[str, float]]] = {
    "command": command.measure,
    "verdict": verdict.measure,
    "start": start.measure,
    "shop": shop.measure,
    "recall": recall.measure,
    "page": page.measure,
    "touch": touch.measure,
}


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("parts", nargs="*", choices=[*PARTS, []], help="which parts (default all)")
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    for name in asked.parts or PARTS:
        found = PARTS[name]()
        if asked.json:
            sys.stdout.write(json.dumps({name: found}) + "\n")
            continue
        sys.stdout.write(f"{name}\n")
        for key, value in found.items():
            bar = f"   bar < {BARS[key]}" if key in BARS else ""
            sys.stdout.write(f"  {key:<24}{value:>12.3f}{bar}\n")


if __name__ == "__main__":
    main()
