"""One Modbus device on its line: requests with pymodbus, failures in our words.

pymodbus 3.16 by default repeats a request four times over twelve seconds; here a request goes out exactly once, and who
may repeat it is decided above. It also reconnects by itself inside a request; here a lost line stays lost until
`connect`, because a reconnect must begin with stop.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Sequence
from urllib.parse import urlsplit

import serial
from pymodbus.client import AsyncModbusSerialClient, AsyncModbusTcpClient
from pymodbus.exceptions import ModbusException
from pymodbus.pdu import ModbusPDU

from device_drivers.errors import BadFrame, DeviceBusy, DeviceFault, LineLost, NoAnswer, PortBusy, Rejected
from device_drivers.transport import LineSettings, is_pty

Client = AsyncModbusTcpClient | AsyncModbusSerialClient

_EXCEPTIONS: dict[int, Callable[[str], Exception]] = {
    1: lambda text: Rejected("01", f"{text}: function unknown"),
    2: lambda text: Rejected("02", f"{text}: register unknown"),
    3: lambda text: Rejected("03", f"{text}: value out of range"),
    4: lambda text: DeviceFault("04", f"{text}: device failure"),
    5: lambda text: DeviceBusy(f"{text}: accepted, still working"),
    6: lambda text: DeviceBusy(f"{text}: busy"),
    10: lambda text: NoAnswer(f"{text}: gateway has no path"),
    11: lambda text: NoAnswer(f"{text}: gateway got no answer"),
}


def make_client(address: str, settings: LineSettings, answer_s: float) -> Client:
    """`tcp://host:port` or `rtu:///dev/…`. Raises ValueError for any other address."""
    parts = urlsplit(address)
    if parts.scheme == "tcp" and parts.hostname:
        return AsyncModbusTcpClient(
            parts.hostname, port=parts.port or 502, timeout=answer_s, retries=0, reconnect_delay=0
        )
    if parts.scheme == "rtu" and parts.path:
        line = LineSettings() if is_pty(parts.path) else settings
        return AsyncModbusSerialClient(
            parts.path,
            baudrate=line.baudrate,
            bytesize=line.bytesize,
            parity=line.parity,
            stopbits=line.stopbits,
            timeout=answer_s,
            retries=0,
            reconnect_delay=0,
        )
    raise ValueError(f"a dispenser's address is tcp://host:port or rtu:///dev/…, not {address!r}")


class ModbusBus:
    """Holding registers of one device. Requests are serialised; each goes onto the wire once."""

    def __init__(self, address: str, settings: LineSettings, answer_s: float, device_id: int = 1) -> None:
        if urlsplit(address).scheme not in ("tcp", "rtu"):
            raise ValueError(f"a dispenser's address is tcp://host:port or rtu:///dev/…, not {address!r}")
        self._address = address
        self._settings = settings
        self._answer_s = answer_s
        self._device_id = device_id
        self._client: Client | None = None
        self._lock = asyncio.Lock()
        self._quarantine = False

    async def open(self) -> None:
        """Raises LineLost when nobody is there, PortBusy when another process holds the serial port."""
        self.close()
        client = make_client(self._address, self._settings, self._answer_s)
        client.set_max_no_responses(1_000_000)  # silence is reported, never turned into a closed line behind our back
        if not await client.connect():
            client.close()
            raise await asyncio.to_thread(self._why_not)
        self._client = client
        self._quarantine = False

    def _why_not(self) -> LineLost | PortBusy:
        """pymodbus only says that it could not connect; a serial port tells whether another process holds it."""
        parts = urlsplit(self._address)
        if parts.scheme == "rtu":
            try:
                serial.serial_for_url(parts.path, exclusive=True).close()
            except (OSError, ValueError) as error:
                busy = "exclusively lock" in str(error)
                return (PortBusy if busy else LineLost)(f"{self._address}: {error}")
        return LineLost(f"{self._address}: no connection")

    def close(self) -> None:
        client, self._client = self._client, None
        if client is not None:
            client.close()

    @property
    def connected(self) -> bool:
        return self._client is not None and self._client.connected

    async def read(self, address: int, count: int) -> list[int]:
        """`count` registers in one frame, so that they belong together."""

        def request(client: Client) -> Awaitable[ModbusPDU]:
            return client.read_holding_registers(address, count=count, device_id=self._device_id)

        answer = await self._ask(request, f"read {address:#06x}+{count}")
        if len(answer.registers) != count:
            raise BadFrame(f"read {address:#06x}: {len(answer.registers)} registers, not {count}")
        return list(answer.registers)

    async def write(self, address: int, values: Sequence[int]) -> None:
        """One register with function 6, several with function 16."""

        def request(client: Client) -> Awaitable[ModbusPDU]:
            if len(values) == 1:
                return client.write_register(address, values[0], device_id=self._device_id)
            return client.write_registers(address, list(values), device_id=self._device_id)

        answer = await self._ask(request, f"write {address:#06x}={list(values)}")
        if answer.address != address:
            raise BadFrame(f"write {address:#06x}: the device answered for {answer.address:#06x}")

    async def _ask(self, request: Callable[[Client], Awaitable[ModbusPDU]], text: str) -> ModbusPDU:
        async with self._lock:
            client = self._client
            if client is None or not client.connected:
                raise LineLost(f"{self._address}: {text}: not connected")
            if self._quarantine:
                # RTU answers carry no number: a late one must pass before the next question, or it answers that.
                await asyncio.sleep(self._answer_s / 2)
                self._quarantine = False
            try:
                answer = await request(client)
            except ModbusException as error:
                if not client.connected:
                    raise LineLost(f"{self._address}: {text}: {error}") from error
                self._quarantine = True
                raise NoAnswer(f"{self._address}: {text}: {error}") from error
            except OSError as error:
                with contextlib.suppress(OSError):
                    client.close()
                raise LineLost(f"{self._address}: {text}: {error}") from error
            except asyncio.CancelledError:
                self._quarantine = True
                raise
        if answer.isError():
            code = int(getattr(answer, "exception_code", 0))
            known = _EXCEPTIONS.get(code)
            raise known(text) if known else DeviceFault(f"{code:02d}", text)
        return answer
