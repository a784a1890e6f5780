"""The shop's public API as a kiosk asks it: every POST bears an idempotency key, every "no" is an exception."""

from __future__ import annotations

import time
import tomllib
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

Json = dict[str, Any]
TIMEOUT_S = 90.0
TRIES = 3
RETRY_S = 0.5


class Problem(Exception):
    """Any answer that is not a success; `name` ends the problem's type, e.g. `out-of-step`, `missing`, `device`."""

    def __init__(self, status: int, body: Json) -> None:
        self.status, self.body = status, body
        self.name = str(body.get("type", "")).rpartition("/")[2]
        super().__init__(f"{status} {self.name} {body.get('title', '')}".strip())


class No(Problem):
    """A gate's refusal, or its warnings that want a reason (`needs-reason`)."""

    @property
    def gate(self) -> str:
        return str(self.body.get("gate", ""))

    @property
    def rules(self) -> list[str]:
        found = [*self.body.get("refusals", ()), *(self.body.get("warnings", ()) if self.name != "refused" else ())]
        return list(dict.fromkeys(str(one["rule"]) for one in found))


@dataclass(frozen=True, slots=True)
class Badge:
    """What a person signs with."""

    staff_id: str
    badge: str
    pin: str


def read_staff(path: Path) -> list[Badge]:
    """The badges and PINs of a staff file such as config/demo/staff.toml; a real shop refuses them."""
    rows = tomllib.loads(path.read_text("utf-8"))["staff"]
    return [Badge(row["staff_id"], row["badge"], row["pin"]) for row in rows]


class Kiosk:
    """One kiosk with one person signed in."""

    def __init__(
        self,
        base_url: str,
        name: str = "store-day",
        *,
        transport: httpx.BaseTransport | None = None,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        base = f"{base_url.rstrip('/')}/api/v1"
        self._client = httpx.Client(base_url=base, timeout=TIMEOUT_S, trust_env=False, transport=transport)
        self._name, self._sleep = name, sleep

    def close(self) -> None:
        self._client.close()

    def sign_in(self, who: Badge) -> None:
        told = self.post("/sign-in", {"badge": who.badge, "pin": who.pin, "kiosk": self._name})
        self._client.headers["authorization"] = f"Bearer {told['token']}"

    def get(self, path: str) -> Any:
        return self._told(self._client.get(path))

    def post(self, path: str, body: Json | None = None) -> Json:
        """The answer. A lost answer is asked for again with the same key, so that nothing is done twice."""
        key = uuid.uuid4().hex
        for left in reversed(range(TRIES)):
            try:
                told = self._told(self._client.post(path, json=body or {}, headers={"idempotency-key": key}))
                return dict(told)
            except httpx.TransportError:
                if not left:
                    raise
            except Problem as problem:
                if problem.name != "in-progress" or not left:
                    raise
            self._sleep(RETRY_S)
        raise AssertionError("the last try returns or raises")

    def post_with_reasons(self, path: str, body: Json | None = None, reason: str = "checked") -> tuple[Json, list[str]]:
        """The answer and the rules that warned: each warning is answered for with a reason, as a clerk does."""
        try:
            return self.post(path, body), []
        except No as warned:
            if warned.name != "needs-reason":
                raise
            rules = warned.rules
            return self.post(path, {**(body or {}), "reasons": dict.fromkeys(rules, reason)}), rules

    def _told(self, response: httpx.Response) -> Any:
        if response.is_success:
            return response.json()
        try:
            body: Json = response.json()
        except ValueError:
            body = {"title": response.text[:200]}
        kind = No if str(body.get("type", "")).endswith(("/refused", "/needs-reason")) else Problem
        raise kind(response.status_code, body)


def with_rules(problem: Problem) -> Sequence[str]:
    return problem.rules if isinstance(problem, No) else ()
