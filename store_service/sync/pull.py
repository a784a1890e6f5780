"""Head office → shop: ask for the registers and answers, verify what is new, put it into force (protocol §5)."""

from __future__ import annotations

from collections.abc import Sequence

from store_service.catalogue.commands import accept_snapshot
from store_service.evidence.keys import VerifierKey
from store_service.evidence.note import decode_base64, parse_note
from store_service.evidence.snapshot import Snapshot
from store_service.readiness.head_office import take_answer
from store_service.records.desk import Desk
from store_service.rules.dossier import SNAPSHOT_KINDS
from store_service.stock.filings import follow_filings

from .link import Link, Reply
from .outcome import Halted, Nonsense, Outcome, Pulled, Refused

PATH = "/api/v1/sync/snapshots"


class Puller:
    """`keys` are head office's snapshot keys. ETags live in memory: after a restart each register comes once more."""

    def __init__(self, desk: Desk, link: Link, keys: Sequence[VerifierKey]) -> None:
        self._desk, self._link, self._keys = desk, link, tuple(keys)
        self._etags: dict[str, str] = {}

    def step(self) -> Outcome:
        """One round over all kinds. A register that is refused stops no other: no hold waits for a bad roster."""
        accepted: list[str] = []
        wrong: Refused | Nonsense | None = None
        try:
            offered, answers = self._offered()
            wrong = self._take(answers)
            for kind in SNAPSHOT_KINDS:
                if kind not in offered or offered[kind] == self._etags.get(kind):
                    continue
                try:
                    if self._fetch(kind):
                        accepted.append(kind)
                except Halted as halted:
                    if not isinstance(halted.outcome, Refused | Nonsense):
                        raise
                    wrong = wrong or halted.outcome
        except Halted as halted:
            return halted.outcome
        finally:
            if {"products", "lots"}.intersection(accepted):
                follow_filings(self._desk)
        return wrong or Pulled(tuple(accepted))

    def _take(self, answers: list[str]) -> Refused | None:
        """Head office's answers to this shop's requests for a second person; a bad one stops no other."""
        wrong: Refused | None = None
        for note in answers:
            try:
                take_answer(self._desk, note, self._keys)
            except ValueError as error:
                wrong = wrong or Refused("second", str(error)[:500])
        return wrong

    def _offered(self) -> tuple[dict[str, str], list[str]]:
        reply = self._link.ask("GET", PATH)
        if reply.status != 200:
            raise reply.no()
        found = reply.json()
        etags = found.get("snapshots") if isinstance(found, dict) else None
        if not isinstance(etags, dict):
            raise Halted(Nonsense("the list of snapshots is none"))
        answers = found.get("seconds", []) if isinstance(found, dict) else None
        if not isinstance(answers, list) or not all(isinstance(one, str) for one in answers):
            raise Halted(Nonsense("the list of answers is none"))
        return {str(kind): str(etag) for kind, etag in etags.items()}, answers

    def _fetch(self, kind: str) -> bool:
        known = self._etags.get(kind)
        reply = self._link.ask("GET", f"{PATH}/{kind}", headers={"If-None-Match": f'"{known}"'} if known else {})
        if reply.status == 304:
            return False
        if reply.status != 200:
            raise reply.no()
        note, payload = _parts(reply)
        try:
            named = Snapshot.parse(parse_note(note).text).kind
            if named != kind:
                raise ValueError(f"asked for {kind}, got {named}")
            fresh = accept_snapshot(self._desk, note, payload, self._keys)
        except ValueError as error:
            raise Halted(Refused("snapshot", f"{kind}: {error}"[:500])) from error
        if reply.etag is not None:
            self._etags[kind] = reply.etag.strip('"')
        return fresh


def _parts(reply: Reply) -> tuple[str, bytes]:
    found = reply.json()
    note, payload = (found.get("note"), found.get("payload")) if isinstance(found, dict) else (None, None)
    if not isinstance(note, str) or not isinstance(payload, str):
        raise Halted(Nonsense("a snapshot has a note and a payload"))
    try:
        return note, decode_base64(payload)
    except ValueError as error:
        raise Halted(Nonsense(f"the payload is not base64: {error}")) from error
