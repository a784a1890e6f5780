"""One touch is carried out once: a second tap, or a try after a lost answer, leads where the first one led."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import Future
from concurrent.futures import TimeoutError as NotYet

from store_service.records.desk import InProgress, Once

PATIENCE_S = 3.0
KEPT = 500


class Touches:
    """What the last touches led to, by session and key. The record has its own memory of keys, which outlives this one;
    drafts and answers that are not yet part of an act have only this."""

    def __init__(self) -> None:
        self._led: OrderedDict[tuple[str, Once], Future[str]] = OrderedDict()
        self._keep = threading.Lock()

    def once(self, session: str, key: Once, carry_out: Callable[[], str]) -> str:
        """The place that this touch leads to. A touch that failed was none: its next try is carried out.

        Raises what `carry_out` raises, also for the twin that waited; InProgress when the first one takes too long.
        """
        with self._keep:
            twin, mine = self._led.get((session, key)), Future[str]()
            if twin is None:
                self._led[session, key] = mine
                while len(self._led) > KEPT:
                    self._led.popitem(last=False)
        if twin is not None:
            try:
                return twin.result(PATIENCE_S)
            except NotYet:
                raise InProgress from None
        try:
            place = carry_out()
        except BaseException as no:
            with self._keep:
                self._led.pop((session, key), None)
            mine.set_exception(no)
            raise
        mine.set_result(place)
        return place
