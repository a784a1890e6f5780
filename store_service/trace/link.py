"""The path of a label's code, taken apart (GS1 Digital Link), and the set of links behind it (RFC 9264)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from .identifiers import gtin_valid

GS1 = "https://gs1.org/voc/"
PAGE, RECORD, PROOF = "text/html", "application/json", "text/plain"
Part = Literal["page", "record", "tlog-proof", "reaction"]
_SUFFIXES: dict[str, Part] = {".record": "record", ".tlog-proof": "tlog-proof", ".reaction": "reaction"}


@dataclass(frozen=True, slots=True)
class Asked:
    """`gtin` has 14 digits; `serial` and `lot` are in capitals, as ours are printed; at least one of them is set."""

    gtin: str
    serial: str | None
    lot: str | None
    part: Part

    @property
    def key(self) -> str:
        """What the asker names, for the limit per page."""
        return f"{self.gtin}/{self.serial or self.lot}"

    @property
    def path(self) -> str:
        """The page's own path."""
        return f"/01/{self.gtin}/21/{self.serial}" if self.serial else f"/01/{self.gtin}/10/{self.lot}"


def read_path(rest: str) -> Asked | None:
    """What stands behind `/01/`: `{gtin}[/10/{lot}][/21/{serial}]`, in any case, perhaps with `.record`,
    `.tlog-proof` or `.reaction`; None for a path that names no single unit."""
    part: Part = "page"
    for suffix, named in _SUFFIXES.items():
        if rest.lower().endswith(suffix):
            rest, part = rest[: -len(suffix)], named
    gtin, *pairs = rest.upper().rstrip("/").split("/")
    keys, values = pairs[::2], pairs[1::2]
    if keys not in (["21"], ["10"], ["10", "21"]) or len(values) != len(keys) or not gtin_valid(gtin):
        return None
    if not all(1 <= len(value) <= 20 for value in values):
        return None
    named_by = dict(zip(keys, values, strict=True))
    return Asked(gtin.zfill(14), named_by.get("21"), named_by.get("10"), part)


def linkset(base: str, asked: Asked) -> dict[str, Any]:
    """Every link of a unit, as `application/linkset+json`."""
    own = base.rstrip("/") + asked.path
    page = {"href": own, "type": PAGE, "hreflang": ["zh-CN", "en"], "title": "产品记录 · Product record"}
    return {
        "linkset": [
            {
                "anchor": own,
                f"{GS1}defaultLink": [page],
                f"{GS1}pip": [page],
                f"{GS1}traceability": [
                    {"href": f"{own}.record", "type": RECORD, "title": "封存的记录 · Sealed record"},
                    {"href": f"{own}.tlog-proof", "type": PROOF, "title": "证明 · Proof (c2sp.org/tlog-proof@v1)"},
                ],
            }
        ]
    }
