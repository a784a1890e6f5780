"""Which scale is on a line, and with which settings, without sending anything that could move a device.

What is behind an unknown port may be a pump. So, in this order:

1. **Listen.** A scale that sends by itself is found without a byte from us, and so is anything that is no scale.
2. **Ask**, one inquiry after another, each waited for. What is sent, and why none of it moves anything that is known:

   | bytes | to whom | why harmless elsewhere |
   |---|---|---|
   | `I4 CR LF` | MT-SICS: serial number | an inquiry. Not `SI`: a bare `S` restarts an Entris; not `@`: clears tare |
   | `IP CR LF` | Ohaus: print now | others answer "unknown". Never `C`, `L` (they calibrate old Ohaus), `T`, `Z` |
   | `Q CR LF`  | A&D: weight now | a bare `Q` beeps on Entris. Not `?TN`: Entris' `?` loads its calibration weight |
   | `ESC x1_`  | Sartorius: model | an inquiry. ESC/POS knows no `ESC x`; Ohaus' factory reset is `ESC R` |
   | `ESC P`    | Sartorius: print | only after a model came in 16 or 22 columns, and nothing was heard before |
   | `W`        | Toledo 8217: weight | last, alone, never ended with CR: `W CR` adjusts an Entris |

   None of it holds a `Z`, `T` or `X`, which zero, tare and switch off the till scales that act on single letters.
   Pumps of the reference notes cannot take any of it for a command: Watson-Marlow begins with a pump number or `#`,
   Cavro and Runze's ASCII with `/`, Masterflex with STX, Ismatec with a digit; Runze's binary frames begin CC and end
   in a sum, Longer's E9 and a XOR, Modbus in a CRC, which at a wrong speed garbled text does not meet either.
   A home-made device that acts on single letters cannot be excluded: `listen_only` sends nothing at all. Opening a
   port raises DTR, which restarts some boards; nobody can open one without it.
3. **Modbus only where the address says Modbus** (`tcp://`, `rtu://`), and only function 3, "read holding registers", of
   the blocks that the known scale maps name, at one unit address. By the standard a read changes nothing. One thing is
   known to wake up by being asked at all: a ProMinent pump that stopped because the host fell silent starts again when
   queries resume. So a line with a pump on it is not probed while the pump could run: the caller refuses addresses that
   the configuration gives to a dispenser, and a plain `/dev/…` never gets Modbus frames.
"""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, replace
from urllib.parse import urlsplit

from device_drivers.dispensers.modbus_bus import ModbusBus
from device_drivers.errors import (
    BadFrame,
    DeviceBusy,
    DeviceError,
    DeviceFault,
    LineLost,
    NoAnswer,
    Rejected,
    WrongModel,
)
from device_drivers.reading import State
from device_drivers.scales import a_and_d, ohaus, sics_frames, toledo_8217
from device_drivers.scales.indicator_map import IndicatorMap, Lookup, known_maps, load_indicator_map
from device_drivers.scales.modbus_indicator import decode
from device_drivers.scales.sbi import SbiFrames
from device_drivers.scales.weight import Weight
from device_drivers.transport import LineSettings, SerialPort, is_pty

SETTINGS = ("9600 8N1", "9600 8O1", "2400 7E1", "19200 8N1", "4800 8N1", "115200 8N1", "9600 7E1")
"""Factory settings met in manuals; 7E1 at 9600 last, because 8217's `W` is sent there."""
LISTEN_S, ANSWER_S = 1.2, 0.6
_LARGEST = 10_000_000  # digits of an indicator


@dataclass(frozen=True, slots=True)
class Found:
    """A scale that answered. `driver`, `framing`, `map` are what store.toml wants; `missing` what it must add."""

    driver: str
    framing: str | None
    map: str | None
    heard: bool
    frame: str
    missing: tuple[str, ...] = ()
    maybe: tuple[str, ...] = ()
    """Other maps, or drivers, that fit as well: a person must say which it is."""
    proven: bool = True
    """False: the registers could be a weight, and nothing in them shows that they are one."""


@dataclass(frozen=True, slots=True)
class Probed:
    """`sent` is every request that went out; `strange` what came and belongs to no scale known here."""

    port: str
    found: Found | None
    sent: tuple[str, ...]
    strange: tuple[str, ...]
    error: DeviceError | None = None


async def probe(
    url: str,
    listen_only: bool = False,
    device_id: int = 1,
    framing: str | None = None,
    on_step: Callable[[str], None] = lambda framing: None,
) -> Probed:
    """`url` as in store.toml. `framing` tries only that one; `on_step` hears which is being tried.

    Raises ValueError for an address that is no scale's.
    """
    scheme = urlsplit(url).scheme
    if scheme in ("tcp", "rtu"):
        if listen_only:
            return Probed(url, None, (), ())  # Modbus devices never speak first
        lines = [framing] if framing else ["9600 8N1", "19200 8N1", "9600 8E1"] if scheme == "rtu" else ["9600 8N1"]
        if scheme == "rtu" and is_pty(urlsplit(url).path):
            lines = lines[:1]
        return await _probe_modbus(url, lines, device_id)
    if scheme not in ("", "socket", "rfc2217"):
        raise ValueError(f"a scale's port is /dev/…, socket://…, rfc2217://…, tcp://… or rtu://…, not {url!r}")
    has_framing = scheme != "socket" and not is_pty(url)
    return await _Text(url, has_framing, on_step).run([framing] if framing else list(SETTINGS), listen_only)


class _Text:
    """One connection per framing. Lines are cut at CR; an LF before one belongs to the line before."""

    def __init__(self, url: str, has_framing: bool, on_step: Callable[[str], None]) -> None:
        self._url, self._has_framing, self._on_step = url, has_framing, on_step
        self._sent: list[str] = []
        self._strange: list[str] = []

    async def run(self, settings: list[str], listen_only: bool) -> Probed:
        found, error = None, None
        try:
            if self._has_framing:
                found = await self._over_all(settings, self._hear)
                if found is None and not listen_only:
                    found = await self._over_all(settings, self._ask)
                if found is None and not listen_only and "9600 7E1" in settings:
                    found = await self._over_all(["9600 7E1"], self._ask_8217)
            else:
                steps = (self._hear,) if listen_only else (self._hear, self._ask, self._ask_8217)
                async with self._open(settings[0]) as port:
                    for step in steps:
                        found = found or await step(port, settings[0])
        except DeviceError as broken:
            error = broken
        return Probed(self._url, found, tuple(self._sent), tuple(self._strange), error)

    async def _over_all(self, settings: list[str], step: Step) -> Found | None:
        opened, error = False, LineLost(self._url)
        for framing in settings:
            self._on_step(framing)
            try:
                async with self._open(framing) as port:
                    opened = True
                    if (found := await step(port, framing)) is not None:
                        return found
            except LineLost as lost:
                error = lost  # an adapter that cannot do these settings may do the next
        if not opened:
            raise error
        return None

    async def _hear(self, port: SerialPort, framing: str) -> Found | None:
        """Nothing is written."""
        with contextlib.suppress(NoAnswer):
            for _ in range(3):
                raw = (await port.read_frame(LISTEN_S)).raw.lstrip(b"\n")
                if drivers := _whose(raw):
                    return replace(self._found(drivers[0], framing, raw), heard=True, maybe=tuple(drivers[1:]))
                self._note(raw)
        return None

    async def _ask(self, port: SerialPort, framing: str) -> Found | None:
        if (raw := await self._answer(port, b"I4\r\n", _is_sics)) is not None:
            return self._found("mt_sics", framing, raw)
        if (raw := await self._answer(port, b"IP\r\n", lambda raw: _weighs(ohaus.weight, raw))) is not None:
            return self._found("ohaus", framing, raw)
        if (raw := await self._answer(port, b"Q\r\n", lambda raw: _weighs(a_and_d.weight, raw))) is not None:
            return self._found("a_and_d", framing, raw)
        if await self._answer(port, b"\x1bx1_\r\n", lambda raw: len(raw) in (14, 20)) is None:
            return None
        frames = SbiFrames()
        if (raw := await self._answer(port, b"\x1bP\r\n", lambda raw: _weighs(frames.weight, raw))) is not None:
            return self._found("sbi", framing, raw)
        return None

    async def _ask_8217(self, port: SerialPort, framing: str) -> Found | None:
        raw = await self._answer(port, b"W", _is_8217)
        return None if raw is None else self._found("toledo_8217", framing, raw)

    async def _answer(self, port: SerialPort, request: bytes, fits: Callable[[bytes], bool]) -> bytes | None:
        """The first line that fits, out of at most eight."""
        port.discard()
        self._sent.append(repr(request)[2:-1])
        await port.write(request)
        with contextlib.suppress(NoAnswer):
            for _ in range(8):
                raw = (await port.read_frame(ANSWER_S)).raw.lstrip(b"\n")
                if fits(raw):
                    return raw
                self._note(raw)
        return None

    def _note(self, raw: bytes) -> None:
        if raw and len(self._strange) < 12:
            self._strange.append(repr(raw)[2:-1])

    def _found(self, driver: str, framing: str, raw: bytes) -> Found:
        missing = ("mass_unit",) if driver == "toledo_8217" else ()
        return Found(driver, framing if self._has_framing else None, None, False, repr(raw)[2:-1], missing)

    @contextlib.asynccontextmanager
    async def _open(self, framing: str) -> AsyncIterator[SerialPort]:
        port = SerialPort(self._url, LineSettings.parse(framing), b"\r")
        await port.open()
        try:
            yield port
        finally:
            await port.close()


Step = Callable[[SerialPort, str], Awaitable[Found | None]]


def _weighs(weight: Callable[[bytes], Weight], raw: bytes) -> bool:
    """Whether it is a weight, or a reason for none, in that format."""
    try:
        weight(raw)
    except (DeviceError, ValueError):
        return False
    return True


def _is_sics(raw: bytes) -> bool:
    try:
        return sics_frames.parse(raw).ident == "I4"
    except BadFrame:
        return False


def _is_8217(raw: bytes) -> bool:
    return _weighs(lambda one: toledo_8217.weight(one, "kg"), raw)


def _whose(raw: bytes) -> list[str]:
    """The drivers whose format a line that nobody asked for has. 8217 never speaks first."""
    takers = (("mt_sics", _sics), ("a_and_d", a_and_d.weight), ("sbi", SbiFrames().weight), ("ohaus", ohaus.weight))
    return [driver for driver, weight in takers if _weighs(weight, raw)]


def _sics(raw: bytes) -> Weight:
    reply = sics_frames.parse(raw)
    if reply.ident != "S":
        raise BadFrame("no weight")
    reading = sics_frames.reading(reply, "unknown", 0.0, 0)
    return Weight(reading.mass_mg, reading.state, reading.unit)


async def _probe_modbus(url: str, lines: list[str], device_id: int) -> Probed:
    maps = [load_indicator_map(name) for name in known_maps()]
    # The largest block first: what a smaller map reads may also be there by chance.
    maps.sort(key=lambda made: (not isinstance(made.decimals, Lookup), -made.count))
    sent: list[str] = []
    strange: list[str] = []
    for framing in lines:
        bus = ModbusBus(url, LineSettings.parse(framing), 0.5, device_id)
        fits: list[tuple[IndicatorMap, str]] = []
        try:
            await bus.open()
            for made in maps:
                sent.append(f"unit {device_id} function 3 read {made.first:#06x}+{made.count}")
                words = await _read(bus, made, strange)
                if words is not None:
                    fits.append((made, words))
                    if isinstance(made.decimals, Lookup):
                        break
        except NoAnswer:
            continue
        except DeviceError as error:
            return Probed(url, None, tuple(sent), tuple(strange), error)
        finally:
            bus.close()
        if not fits:
            return Probed(url, None, tuple(sent), tuple(strange))
        made, words = fits[0]
        found = Found(
            driver="modbus_indicator",
            framing=framing if urlsplit(url).scheme == "rtu" else None,
            map=made.name,
            heard=False,
            frame=words,
            missing=tuple(
                name for name, source in (("mass_unit", made.unit), ("decimals", made.decimals)) if source == "settings"
            ),
            maybe=tuple(other.name for other, _ in fits[1:]),
            proven=made.status_at is not None,
        )
        return Probed(url, found, tuple(sent), ())
    return Probed(url, None, tuple(sent), tuple(strange), NoAnswer(f"{url}: unit {device_id} does not answer"))


async def _read(bus: ModbusBus, made: IndicatorMap, strange: list[str]) -> str | None:
    """The block as hex when it can be a reading of this map; None when the device answers and it cannot."""
    try:
        registers = await bus.read(made.first, made.count)
        weight = decode(made, registers, "mg", 0)
    except (Rejected, DeviceBusy, DeviceFault, BadFrame, WrongModel) as error:
        strange.append(f"{made.name}: {error.detail}")
        return None
    words = " ".join(f"{register:04X}" for register in registers)
    idle = made.status_at is not None and registers[made.status_at] == 0
    if idle or weight.state is State.ERROR or abs(weight.mass_mg or 0) >= _LARGEST:
        strange.append(f"{made.name}: {words} is no weight")
        return None
    return words
