"""The dead-man relay: an output that a module closes for a moment and opens by itself, refreshed while the host lives.

Its contact belongs into the supply of the pump's motor, or into the pump's stop or enable input; never into the supply
of the electronics, which must hear the stop. It needs a line of its own: the pump's may be what has failed.
"""

from __future__ import annotations

import asyncio
import tomllib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from device_drivers.dispensers.kept import until_answered
from device_drivers.dispensers.map_head import PROVENANCE, MapError
from device_drivers.dispensers.modbus_bus import ModbusBus
from device_drivers.errors import DeviceError, NotConfirmed, Rejected, WrongModel
from device_drivers.transport import LineSettings

_FOLDER = Path(__file__).parent
LONGEST_HOLD_MS = 2000
"""A pump may not run on for longer than this without a host."""


class DeadManRelay(Protocol):
    """Errors are those of `device_drivers.errors`."""

    async def connect(self) -> None:
        """(Re)connect; leaves the contact open. NotConfirmed when it does not open by itself or cannot be held."""

    async def hold(self) -> None:
        """Close the contact, or keep it closed, for the relay's own time. One request: the next call is the repeat."""

    async def release(self) -> None:
        """Open it now; returns when the relay shows it."""

    async def close(self) -> None:
        """Open it if the line still lives, then release the line. Idempotent."""


@dataclass(frozen=True, slots=True)
class RelayMap:
    """Function 05 with a time as its value, in `unit_ms`; addresses of output 0."""

    name: str
    model: str
    provenance: str
    source: str
    contradictions: tuple[str, ...]
    unit: int
    framing: str
    hold_ms: int
    unit_ms: int
    answer_s: float
    hold_at: int
    release_at: int
    state_at: int


def load_relay(name: str, folder: Path = _FOLDER) -> RelayMap:
    """The map `<name>.toml`. Raises MapError."""
    path = folder / f"{name}.toml"
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8"))
        at = raw["at"]
        made = RelayMap(
            name=raw["name"],
            model=raw["model"],
            provenance=raw["provenance"],
            source=raw["source"],
            contradictions=tuple(raw["contradictions"]),
            unit=int(raw["unit"]),
            framing=raw["framing"],
            hold_ms=int(raw["hold_ms"]),
            unit_ms=int(raw["unit_ms"]),
            answer_s=float(raw["answer_s"]),
            hold_at=int(at["hold"]),
            release_at=int(at["release"]),
            state_at=int(at["state"]),
        )
    except FileNotFoundError:
        known = ", ".join(sorted(p.stem for p in folder.glob("*.toml")))
        raise MapError(f"no relay map {name!r}; known: {known}") from None
    except KeyError as error:
        raise MapError(f"{path.name}: key {error.args[0]!r} is missing") from error
    except (tomllib.TOMLDecodeError, TypeError, ValueError) as error:
        raise MapError(f"{path.name}: {error}") from error
    if made.provenance not in PROVENANCE:
        raise MapError(f"{path.name}: provenance must be one of {PROVENANCE}")
    if made.unit_ms <= 0 or made.hold_ms % made.unit_ms or not 0 < made.hold_ms <= LONGEST_HOLD_MS:
        raise MapError(f"{path.name}: hold_ms is a multiple of unit_ms, at most {LONGEST_HOLD_MS}")
    return made


class TimedRelay:
    """A `DeadManRelay`. `address` as of any Modbus device; `output` counts from 1."""

    def __init__(
        self,
        address: str,
        relay: RelayMap,
        settings: LineSettings | None = None,
        unit: int | None = None,
        output: int = 1,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        if output < 1:
            raise ValueError("outputs count from 1")
        self._relay, self._output, self._sleep = relay, output - 1, sleep
        line = settings or LineSettings.parse(relay.framing)
        self._bus = ModbusBus(address, line, relay.answer_s, relay.unit if unit is None else unit)

    async def connect(self) -> None:
        """Tries the relay out, for two of its times: it must open, stay closed while held, and open by itself."""
        await self._bus.open()
        try:
            await self.release()
            part_s = 0.6 * self._relay.hold_ms / 1000
            await until_answered(self.hold)
            await self._sleep(part_s)
            await until_answered(self.hold)
            await self._sleep(part_s)
            if not await self._closed():
                raise NotConfirmed(f"{self._relay.name}: a second hold does not restart the time")
            await self._sleep(part_s)
            if await self._closed():
                raise NotConfirmed(f"{self._relay.name}: the contact does not open by itself")
        except Rejected as error:
            self._bus.close()
            raise WrongModel(f"{self._relay.name}: the module does not know our outputs: {error.detail}") from error
        except DeviceError:
            self._bus.close()
            raise

    async def hold(self) -> None:
        value = self._relay.hold_ms // self._relay.unit_ms
        await self._bus.write_coil_value(self._relay.hold_at + self._output, value)

    async def release(self) -> None:
        await until_answered(lambda: self._bus.write_coil(self._relay.release_at + self._output, False))
        if await self._closed():
            raise NotConfirmed(f"{self._relay.name}: the contact does not open")

    async def close(self) -> None:
        try:
            if self._bus.connected:
                await self.release()
        except DeviceError:
            return  # it opens by itself
        finally:
            self._bus.close()

    async def _closed(self) -> bool:
        return await until_answered(lambda: self._bus.read_coil(self._relay.state_at + self._output))
