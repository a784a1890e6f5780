"""A running demo: memory of the shop's process, start to first answer, time to stop; jitter of the stop timer."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

import httpx

from store_service.serve import be_punctual
from tests.bench.command import p99

PERIOD_S, SAMPLES = 0.01, 1500


def jitter(busy: bool) -> list[float]:
    """How late a 10 ms timer fires in an event loop of its own thread, as the bench's is, while other threads of the
    same process render pages and sign; seconds."""
    be_punctual()
    late: list[float] = []
    stop = threading.Event()

    async def tick() -> None:
        for _ in range(SAMPLES):
            due = time.perf_counter() + PERIOD_S
            await asyncio.sleep(PERIOD_S)
            late.append(time.perf_counter() - due)

    workers = [threading.Thread(target=_render, args=(stop,), daemon=True) for _ in range(3)] if busy else []
    for worker in workers:
        worker.start()
    loop = threading.Thread(target=lambda: asyncio.run(tick()))
    loop.start()
    loop.join()
    stop.set()
    for worker in workers:
        worker.join()
    return late


def _render(stop: threading.Event) -> None:
    """What the shop's request threads do: pages and labels."""
    from kiosk_ui.render import Faces
    from kiosk_ui.samples import SAMPLES as SCREENS

    faces = Faces(lambda: "key")
    screens = [one for one in SCREENS.values() if one.frame is not None]
    while not stop.is_set():
        for one in screens:
            faces.html("zh-CN", one.template, here="/", whole=True, **{"sheet": None, **one.context})
            if stop.is_set():
                return
            time.sleep(0.002)


def running(folder: Path) -> tuple[subprocess.Popen[str], dict[str, Any], float]:
    """A private demo: its process, its addresses, seconds until it was ready."""
    begun = time.perf_counter()
    words = [sys.executable, "-m", "store_service.cli", "demo", "--free-ports", "--json", "--data", str(folder)]
    process = subprocess.Popen(words, stdout=subprocess.PIPE, text=True, start_new_session=True)
    line = process.stdout.readline() if process.stdout else ""
    return process, json.loads(line), time.perf_counter() - begun


def measure() -> dict[str, float]:
    """Megabytes, seconds, milliseconds and bytes."""
    quiet, busy = jitter(False), jitter(True)
    found = {
        "jitter_quiet_p99_ms": p99(quiet) * 1e3,
        "jitter_busy_p99_ms": p99(busy) * 1e3,
        "jitter_busy_median_ms": statistics.median(busy) * 1e3,
    }
    with tempfile.TemporaryDirectory() as folder:
        process, where, ready = running(Path(folder))
        try:
            kiosk = where["kiosk"].rstrip("/")
            for _ in range(200):
                httpx.get(f"{kiosk}/kiosk", trust_env=False)
            found |= {"demo_ready_s": ready, "shop_rss_mb": _rss(process.pid) / 1e6}
            begun = time.perf_counter()
            os.kill(process.pid, signal.SIGINT)
            process.wait(timeout=20)
            found["stop_s"] = time.perf_counter() - begun
        finally:
            process.kill()
    return found


def _rss(pid: int) -> int:
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")
