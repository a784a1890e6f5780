"""Sample of the officer's desk: the page of pumps and learned values."""

from __future__ import annotations

from .models.office import Field, FormView, Office, Table

_ROW = ("bench-1", "2", "P-BASE", "B-2609-01", "1", "1,240.00 g", "1702 ± 24 (25)", "0.251 ± 0.014 (25)",
        "0.981 ± 0.014 (25)", "0.011 ± 0.006 (18)", "3 ± 4 (12)", "31", "2026-11-22")  # fmt: skip
_NEXT_LOT = (*_ROW[:3], "B-2611-04", *_ROW[4:6], "1694 ± 82 (1)", "0.251 ± 0.075 (1)", "0.979 ± 0.028 (1)",
             "0.011 ± 0.019 (1)", "3 ± 9 (1)", "1", "2026-11-22")  # fmt: skip
_NAMES = tuple(" / ".join((row[0], *row[1:5])) for row in (_ROW, _NEXT_LOT))

BENCH = Office(
    "bench",
    ("reactions", "returns", "recalls", "samples", "rights", "inspections", "duties", "bench"),
    (
        Table(
            "learned",
            ("bench", "channel", "product", "lot", "tube", "age", "flow", "lag", "yield", "tail", "void", "doses",
             "last"),
            (_NEXT_LOT, _ROW),
        ),
        Table(
            "tubes",
            ("bench", "channel", "fitted", "age", "worn", "change_on"),
            (("bench-1", "2", "2026-09-01", "1,240.00 g", "2.4 %", "2027-06-14"),),
        ),
    ),
    (
        FormView("forget", (Field("learned", "select", _NAMES, plain=True), Field("sure_forget", "tick"))),
        FormView(
            "fit_tube",
            (
                Field("bench", "select", ("bench-1",), plain=True),
                Field("tube_channel", "number"),
                Field("sure_tube", "tick"),
            ),
        ),
    ),
    form_token="0" * 32,
)  # fmt: skip
