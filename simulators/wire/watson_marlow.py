"""Watson-Marlow drives on one ASCII line: `nDO` doses that end by themselves, `nGO` that does not, `nRS` status.

Source: 520DuN, 620DuN, 720DuN manuals (commands end with CR, 10 982 tacho pulses a revolution, at least 10 ms between
two commands, `#` for all pumps where nothing answers). Only RS, RT and ZY answer. The drip of a dose is taken and, like
everything after a stop, does nothing here.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Mapping

from simulators.faults import FaultBoard
from simulators.plant import ChannelState
from simulators.runner import Runner

from .byte_port import BytePort, Write
from .line import LineTime
from .motor import Motor

PULSES_PER_REV = 10_982
GAP_S = 0.010
LATE_S = 0.4
_COMMAND = re.compile(r"(\d{1,2}|#)([A-Z]{2})(.*)")


class Drive:
    """One pump and its tacho. `kind`, head and tube are what its status tells."""

    def __init__(self, runner: Runner, faults: FaultBoard, number: int, kind: str = "520Du") -> None:
        self.motor = Motor(runner, number, 220.0)
        self.runner, self.faults, self.number, self.kind = runner, faults, number, kind
        self.clockwise = True
        self._counted = 0.0
        self._running_from = 0.0

    @property
    def ul_per_pulse(self) -> float:
        return self.motor.ul_per_rev / PULSES_PER_REV

    @property
    def tacho(self) -> int:
        return round(self._counted + self._moved())

    def command(self, name: str, rest: str) -> str | None:
        """Act; the answer of the three that have one. Anything unknown is passed over, as the drive does."""
        if self.faults.is_on("pump_local_key"):
            self._stop()
            if name in ("DO", "GO"):
                return None
        match name:
            case "SP":
                self.motor.set_rpm(float(rest))
            case "RR" | "RL":
                self.clockwise = name == "RR"
            case "ST":
                self._stop()
            case "GO":
                self._run(None)
            case "DO":
                self._run(int(rest.split(",")[0]))
            case "TC":
                self._counted = -self._moved()
            case "RT":
                return str(self.tacho)
            case "ZY":
                return str(int(self.motor.told_to_run))
            case "RS":
                way = "CW" if self.clockwise else "CCW"
                ml, rpm, runs = self.motor.ul_per_rev / 1000, self.motor.rpm, int(self.motor.told_to_run)
                return f"{self.kind} {ml:.3f} 520R 9.6MM {rpm:.1f} {way} P/N {self.number} {self.tacho} {runs} !"
            case _:
                pass
        return None

    def _run(self, pulses: int | None) -> None:
        if self.motor.told_to_run or self.motor.channel.turning:
            return
        self._counted += self._moved()
        if self.clockwise:
            self.motor.run(float("inf") if pulses is None else pulses * self.ul_per_pulse)
            self._running_from = 0.0
        elif pulses is not None:
            # The tacho counts turns, whichever way; a reverse dose is counted at once.
            self.motor.run_back(pulses / PULSES_PER_REV / max(self.motor.rpm, 0.1) * 60_000)
            self._running_from = self.motor.channel.delivered_ul
            self._counted += pulses

    def _stop(self) -> None:
        self.motor.stop()

    def _moved(self) -> float:
        """Pulses of the present or last forward run, not yet in `_counted`."""
        channel = self.motor.channel
        if channel.state is ChannelState.IDLE and not channel.dose_counter:
            return 0.0
        return (channel.delivered_ul - self._running_from) / self.ul_per_pulse


class WatsonMarlowLine:
    """Drives by number on one line."""

    def __init__(
        self,
        drives: Mapping[int, Drive],
        runner: Runner,
        faults: FaultBoard,
        line: LineTime,
        clock: Callable[[], float] | None = None,
    ) -> None:
        self.units, self.runner, self.faults, self.line = dict(drives), runner, faults, line
        self._clock = clock or runner.clock
        self._port = BytePort(lambda: faults.is_on("pump_unplugged"))
        self._last_at = float("-inf")

    async def listen(self, host: str, port: int, *, rtu: bool = False) -> int:
        """Serve the ASCII line; there is no other framing."""
        return await self._port.listen(host, port, self._talk)

    async def open_pty(self) -> str:
        return await self._port.open_pty(self._talk)

    async def close(self) -> None:
        await self._port.close()

    async def _talk(self, reader: asyncio.StreamReader, write: Write) -> None:
        while True:
            raw = await reader.readuntil(b"\r")
            await asyncio.sleep(self.line.seconds(len(raw)) + self.line.latency_s)
            self.runner.catch_up()
            for answer in self._serve(raw.decode("ascii", "replace").strip()):
                data = f"{answer}\r".encode("ascii")
                on = self.faults.is_on
                if on("pump_replies_lost"):
                    continue
                if on("pump_noise"):
                    data = data[:1] + bytes([data[1] ^ 0x80]) + data[2:]
                await asyncio.sleep(self.line.seconds(len(data)) + (LATE_S if on("pump_reply_late") else 0.0))
                write(data)

    def _serve(self, text: str) -> list[str]:
        on = self.faults.is_on
        match = _COMMAND.fullmatch(text)
        too_close = self.line.baud > 0 and self._clock() - self._last_at < GAP_S
        self._last_at = self._clock()
        if match is None or too_close or on("pump_requests_lost"):
            return []
        number, name, rest = match[1], match[2], match[3]
        if on("pump_stop_lost") and name == "ST":
            return []
        drives = (
            list(self.units.values())
            if number == "#"
            else [self.units[int(number)]]
            if int(number) in self.units
            else []
        )
        answers = [drive.command(name, rest) for drive in drives]
        return [answer for answer in answers if answer is not None and number != "#"]
