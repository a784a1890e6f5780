"""A day in the shop: `python -m simulators.store_day --base-url URL --bench-url URL --visits N --json`.

Serves N consumers through the shop's public HTTP API as a kiosk does, with a clerk's hands at the simulated bench, and
reads every printed label's code out of its picture. One line a unit. `--refusals` starts a private shop and bench for
each overlay of config/demo/refusals instead and shows which rule refuses where.

Exit 0 when every unit was released and cosigned and what the shop wrote down is what truly landed (or every overlay was
refused by its rule at its gate and no pump moved), else 1.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Sequence
from math import sqrt
from pathlib import Path
from random import Random
from typing import Any

import httpx

from simulators.day.clerk import Clerk
from simulators.day.hands import Hands
from simulators.day.kiosk import Kiosk, Problem, read_staff, with_rules
from simulators.day.orders import visits
from simulators.day.refusals import play_all
from simulators.day.shelf import Shelf
from simulators.day.unit import Stuck

CONFIG = Path(__file__).resolve().parent.parent / "config"
Json = dict[str, Any]


def allowed_mg(d_mg: int, repeatability_mg: int) -> float:
    """How far a difference of two readings may be from the truth: one step and three standard deviations of it."""
    return d_mg + 3 * sqrt(2) * repeatability_mg


def off_mg(dose: Json) -> int:
    """How far what was written down is from what landed. A drip later than the drip window may or may not be in it."""
    actual, landed = int(dose["actual_mg"] or 0), int(dose["landed_mg"])
    return max(landed - actual, actual - landed - int(dose["late_mg"]), 0)


def serve(args: argparse.Namespace) -> int:
    """Play the visits; the exit code."""
    staff = read_staff(args.staff)
    kiosk, hands = Kiosk(args.base_url), Hands(args.bench_url)
    kiosk.sign_in(staff[0])
    shelf = Shelf.read(args.staff.parent)
    folder = args.labels or Path(tempfile.mkdtemp(prefix="store-day-labels-"))
    clerk = Clerk(kiosk, hands, shelf, staff[0], staff[1], folder)
    limit = allowed_mg(args.d_mg, args.repeatability_mg)
    good = True
    for number, orders in enumerate(visits(args.visits, args.seed, shelf, small=args.small), 1):
        random = Random(f"{args.seed}/visit {number}")
        try:
            rows = clerk.serve(orders, random)
        except (Problem, Stuck, ValueError, httpx.HTTPError) as error:
            good = False
            rules = with_rules(error) if isinstance(error, Problem) else ()
            tell({"visit": number, "error": str(error), "refused": list(rules)}, as_json=args.json)
            continue
        for row in rows:
            row = {"visit": number, **row, "cosigned": clerk.cosigned(row["log_index"])}
            row["worst_mg"] = max((off_mg(one) for one in row["doses"]), default=0)
            if args.hub_url:
                row["at_head_office"] = at_head_office(args, row)
            good &= row["state"] in ("released", "handed_over") and row["cosigned"] and row["worst_mg"] <= limit
            good &= bool(row.get("at_head_office", True))
            tell(row, as_json=args.json)
    kiosk.close()
    hands.close()
    return 0 if good else 1


def at_head_office(args: argparse.Namespace, row: Json) -> bool:
    """Whether the QA pull at head office gives the entry of this unit's release."""
    query = {"store": row["serial"][:6], "from": row["log_index"], "limit": 1}
    answer = httpx.get(
        f"{args.hub_url.rstrip('/')}/api/v1/qa/entries",
        params=query,
        headers={"authorization": f"Bearer {args.qa_token}"},
        timeout=20,
        trust_env=False,
    )
    found = answer.json().get("entries", []) if answer.is_success else []
    return bool(found) and int(found[0]["idx"]) == row["log_index"]


def tell(row: Json, *, as_json: bool) -> None:
    if as_json:
        print(json.dumps(row, ensure_ascii=False), flush=True)
    elif "error" in row:
        print(f"visit {row['visit']}: {row['error']} {' '.join(row['refused'])}", flush=True)
    else:
        notes = f" · {'; '.join(row['notes'])}" if row["notes"] else ""
        print(
            f"{row['batch']}  {row['net_mg'] / 1000:.2f} g  {row['state']}  cosigned {row['cosigned']}"
            f"  worst {row['worst_mg']} mg  {row['seconds']} s{notes}",
            flush=True,
        )


def arguments(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m simulators.store_day", description=(__doc__ or "").split("\n\n")[0]
    )
    parser.add_argument("--base-url", default="http://127.0.0.1:8080", help="the shop (default %(default)s)")
    parser.add_argument(
        "--bench-url", default="http://127.0.0.1:8070", help="its simulated bench (default %(default)s)"
    )
    parser.add_argument("--visits", type=int, default=6, help="how many consumers come (default %(default)s)")
    parser.add_argument("--small", action="store_true", help="15 g packs only")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--staff", type=Path, default=CONFIG / "demo" / "staff.toml", help="badges and PINs")
    parser.add_argument("--labels", type=Path, help="folder for the labels' pictures (default: a new temporary one)")
    parser.add_argument("--hub-url", help="also ask head office for each unit's entry")
    parser.add_argument("--qa-token", default="", help="token for --hub-url")
    parser.add_argument("--d-mg", type=int, default=1, help="the scale's step (default %(default)s)")
    parser.add_argument("--repeatability-mg", type=int, default=2, help="its standard deviation (default %(default)s)")
    parser.add_argument("--refusals", action="store_true", help="play the refusal overlays in private shops")
    parser.add_argument("--only", nargs="+", default=[], metavar="NAME", help="only these overlays, by file name")
    parser.add_argument("--jobs", type=int, default=2, help="private shops at a time (default %(default)s)")
    parser.add_argument("--json", action="store_true", help="one JSON line each")
    return parser.parse_args(argv)


def main(argv: Sequence[str] | None = None) -> int:
    args = arguments(argv)
    if args.refusals:
        return play_all(CONFIG, args.only, args.jobs, as_json=args.json)
    return serve(args)


if __name__ == "__main__":
    sys.exit(main())
