"""A private shop, head office and bench in processes of their own, on free ports, for as long as a block runs."""

from __future__ import annotations

import json
import selectors
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

UP_WITHIN_S = 120.0
DOWN_WITHIN_S = 15.0


class NotUp(Exception):
    """The private shop did not start; the text is what it said."""


@contextmanager
def private_demo(overlay: Path | None = None, speed: float = 1.0) -> Iterator[dict[str, Any]]:
    """The addresses that `store-service demo --free-ports --json` tells. Raises NotUp."""
    with tempfile.TemporaryDirectory(prefix="private-shop-") as data:
        words = [sys.executable, "-m", "store_service.cli", "demo", "--free-ports", "--json", "--data", data]
        words += ["--speed", str(speed)] + (["--overlay", str(overlay)] if overlay else [])
        errors = Path(data) / "errors"
        with errors.open("wb") as said:
            demo = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=said, start_new_session=True)
        try:
            line = _line(demo)
            if not line:
                raise NotUp(errors.read_text("utf-8", "replace").strip()[-600:] or f"exit {demo.poll()}")
            yield json.loads(line)
        finally:
            demo.terminate()
            try:
                demo.wait(DOWN_WITHIN_S)
            except subprocess.TimeoutExpired:
                demo.kill()
                demo.wait()
            if demo.stdout is not None:
                demo.stdout.close()


def _line(demo: subprocess.Popen[bytes]) -> bytes:
    assert demo.stdout is not None
    with selectors.DefaultSelector() as waiting:
        waiting.register(demo.stdout, selectors.EVENT_READ)
        return demo.stdout.readline() if waiting.select(UP_WITHIN_S) else b""
