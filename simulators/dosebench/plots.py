"""Two pictures as SVG: error against time for every dose, and one dose with its bands."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from math import ceil

from device_drivers.dosing.plan import DoseResult

from .cells import COLD, Cell
from .score import Run

_WIDTH, _HEIGHT, _LEFT, _TOP, _RIGHT, _BOTTOM = 900, 480, 70, 40, 200, 50
_COLOURS = ("#0b6e4f", "#8a8a8a", "#b5651d", "#c08b30", "#7a5195", "#d1495b", "#2e6fba", "#111111", "#66a182")
_OPENING = (
    f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" font-family="sans-serif" '
    'font-size="12"><rect width="100%" height="100%" fill="#fff"/>'
)


@dataclass(frozen=True, slots=True)
class _Axes:
    """A frame with linear axes from (x0, y0) to (x1, y1)."""

    x0: float
    x1: float
    y0: float
    y1: float

    def x(self, value: float) -> float:
        return _LEFT + (value - self.x0) / (self.x1 - self.x0) * (_WIDTH - _LEFT - _RIGHT)

    def y(self, value: float) -> float:
        return _HEIGHT - _BOTTOM - (value - self.y0) / (self.y1 - self.y0) * (_HEIGHT - _TOP - _BOTTOM)

    def frame(self, title: str, x_name: str, y_name: str) -> list[str]:
        drawn = [
            _OPENING,
            _text(_LEFT, 22, title, size=15),
            _text(_LEFT, _HEIGHT - 12, x_name),
            _sideways(y_name),
        ]
        for value in _ticks(self.x0, self.x1):
            drawn.append(_line(self.x(value), _TOP, self.x(value), _HEIGHT - _BOTTOM, "#eee"))
            drawn.append(_text(self.x(value) - 8, _HEIGHT - _BOTTOM + 16, f"{value:g}"))
        for value in _ticks(self.y0, self.y1):
            drawn.append(_line(_LEFT, self.y(value), _WIDTH - _RIGHT, self.y(value), "#eee"))
            drawn.append(_text(_LEFT - 45, self.y(value) + 4, f"{value:g}"))
        return drawn


def scatter(runs: Sequence[Run]) -> str:
    """Signed error against time, all doses of one target and nozzle, cold ones hollow. The band is the tolerance."""
    cell = runs[0].cell
    reach = 4.0 * cell.tol_mg
    longest = max(dose.seconds for run in runs for dose in run.oracle) * 2.2
    axes = _Axes(0.0, longest, -reach, reach)
    nozzle = "on" if cell.suck_back else "off"
    drawn = axes.frame(
        f"{cell.target_mg / 1000:g} g, suck-back {nozzle}: error against time",
        "s from go to the released reading",
        "mg",
    )
    drawn.append(_band(axes, -cell.tol_mg, cell.tol_mg, "#dff3e4"))
    names = list(dict.fromkeys(run.controller for run in runs))
    for index, name in enumerate(names):
        colour = _COLOURS[index % len(_COLOURS)]
        drawn.append(f'<circle cx="{_WIDTH - _RIGHT + 20}" cy="{_TOP + 20 * index}" r="4" fill="{colour}"/>')
        drawn.append(_text(_WIDTH - _RIGHT + 30, _TOP + 20 * index + 4, name))
        for run in runs:
            if run.controller != name:
                continue
            for number, dose in enumerate(run.doses):
                x = axes.x(min(dose.seconds, longest))
                y = axes.y(max(-reach, min(reach, dose.error_mg)))
                fill = "none" if number < COLD else colour
                drawn.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="2" fill="{fill}" stroke="{colour}" opacity=".6"/>')
    drawn.append("</svg>")
    return "\n".join(drawn)


def trace(cell: Cell, result: DoseResult, truth_mg: float) -> str:
    """One dose: what the scale showed, how fast the pump was told to run, the tolerance band and what truly landed."""
    shown = [(t_ms / 1000.0, gross - result.gross_before_mg, speed) for t_ms, gross, speed in result.trace]
    axes = _Axes(0.0, max(t for t, _, _ in shown) + 0.2, -0.05 * cell.target_mg, 1.15 * cell.target_mg)
    drawn = axes.frame(
        f"{cell.product.name}, {cell.target_mg / 1000:g} g: landed {truth_mg:.0f} mg, {result.outcome.value}", "s", "mg"
    )
    drawn.append(_band(axes, cell.target_mg - cell.tol_mg, cell.target_mg + cell.tol_mg, "#dff3e4"))
    speeds = " ".join(f"{axes.x(t):.1f},{axes.y(speed / 10_000 * 0.3 * cell.target_mg):.1f}" for t, _, speed in shown)
    masses = " ".join(f"{axes.x(t):.1f},{axes.y(mg):.1f}" for t, mg, _ in shown)
    drawn.append(f'<polyline points="{speeds}" fill="none" stroke="#c08b30"/>')
    drawn.append(f'<polyline points="{masses}" fill="none" stroke="#0b6e4f" stroke-width="2"/>')
    drawn.append(_line(_LEFT, axes.y(truth_mg), _WIDTH - _RIGHT, axes.y(truth_mg), "#d1495b"))
    for index, (name, colour) in enumerate((("scale", "#0b6e4f"), ("pump speed", "#c08b30"), ("truth", "#d1495b"))):
        drawn.append(_text(_WIDTH - _RIGHT + 20, _TOP + 20 * index, name, colour))
    drawn.append("</svg>")
    return "\n".join(drawn)


def _ticks(low: float, high: float) -> list[float]:
    step = 10.0 ** len(str(int(high - low))) / 100.0
    while (high - low) / step > 9:
        step *= 2.0 if str(step)[0] in "15" else 2.5
    first = ceil(low / step)
    return [round((first + n) * step, 6) for n in range(int((high - first * step) / step) + 1)]


def _band(axes: _Axes, low: float, high: float, colour: str) -> str:
    top, bottom = axes.y(high), axes.y(low)
    return (
        f'<rect x="{_LEFT}" y="{top:.1f}" width="{_WIDTH - _LEFT - _RIGHT}" height="{bottom - top:.1f}" '
        f'fill="{colour}" opacity=".8"/>'
    )


def _line(x0: float, y0: float, x1: float, y1: float, colour: str) -> str:
    return f'<line x1="{x0:.1f}" y1="{y0:.1f}" x2="{x1:.1f}" y2="{y1:.1f}" stroke="{colour}"/>'


def _text(x: float, y: float, words: str, colour: str = "#333", size: int = 12) -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" fill="{colour}" font-size="{size}">{escape(words)}</text>'


def _sideways(words: str) -> str:
    return f'<text transform="translate(16 {_HEIGHT / 2:.0f}) rotate(-90)" text-anchor="middle">{escape(words)}</text>'
