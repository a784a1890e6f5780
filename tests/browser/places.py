"""Live shops for browser tests: the whole demo as a process of its own, and what its log says."""

from __future__ import annotations

import json
import selectors
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

ROOT = Path(__file__).parents[2]
START_S = 60.0


@contextmanager
def demo(folder: Path, speed: float = 2.0) -> Iterator[dict[str, Any]]:
    """`store-service demo` on free ports; its addresses once it is ready."""
    words = [sys.executable, "-m", "store_service.cli", "demo", "--free-ports", "--json"]
    words += ["--speed", str(speed), "--config", str(ROOT / "config"), "--data", str(folder)]
    process = subprocess.Popen(words, stdout=subprocess.PIPE, cwd=ROOT)
    try:
        assert process.stdout is not None
        with selectors.DefaultSelector() as waiting:
            waiting.register(process.stdout, selectors.EVENT_READ)
            assert waiting.select(START_S), "the demo did not come up"
        yield json.loads(process.stdout.readline())
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(10)
        finally:
            process.kill()
            if process.stdout is not None:
                process.stdout.close()


def log_of(kiosk: str, token: str) -> list[dict[str, Any]]:
    """Every event of the shop's log, read through the pull API."""
    answer = httpx.get(
        f"{kiosk}/api/v1/qa/entries",
        params={"from": 0, "limit": 1000},
        headers={"authorization": f"Bearer {token}"},
        timeout=10,
        trust_env=False,
    )
    assert answer.is_success, answer.text
    return list(answer.json()["entries"])
