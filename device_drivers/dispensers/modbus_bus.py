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
from pymodbus import FramerType
from pymodbus.client import AsyncModbusSerialClient, AsyncModbusTcpClient
from pymodbus.exceptions import ModbusException
from pymodbus.pdu import ModbusPDU
from pymodbus.pdu.bit_message import WriteSingleCoilRequest

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


_CONNECT_S = 1.0
_ADDRESSES = "a dispenser's address is tcp://host:port, rtu:///dev/… or rtu://host:port"


class _CoilValue(WriteSingleCoilRequest):
    """Function 05 with a value other than on and off: some relays take a time there."""

    value = 0

    def encode(self) -> bytes:
        return self.address.to_bytes(2, "big") + self.value.to_bytes(2, "big")


def make_client(address: str, settings: LineSettings, timeout_s: float) -> Client:
    """`tcp://host:port`, `rtu:///dev/…`, or `rtu://host:port` for RTU frames through a serial server.

    Raises ValueError for any other address.
    """
    parts = urlsplit(address)
    if parts.scheme in ("tcp", "rtu") and parts.hostname:
        return AsyncModbusTcpClient(
            parts.hostname,
            framer=FramerType.SOCKET if parts.scheme == "tcp" else FramerType.RTU,
            port=parts.port or 502,
            timeout=timeout_s,
            retries=0,
            reconnect_delay=0,
        )
    if parts.scheme == "rtu" and parts.path:
        line = LineSettings() if is_pty(parts.path) else settings
        return AsyncModbusSerialClient(
            parts.path,
            baudrate=line.baudrate,
            bytesize=line.bytesize,
            parity=line.parity,
            stopbits=line.stopbits,
            timeout=timeout_s,
            retries=0,
            reconnect_delay=0,
        )
    raise ValueError(f"{_ADDRESSES}, not {address!r}")


class ModbusBus:
    """Registers and coils of the devices on one line. Requests are serialised; each goes onto the wire once.

    `unit` 0 means the device given at construction.
    """

    def __init__(self, address: str, settings: LineSettings, answer_s: float, device_id: int = 1) -> None:
        if urlsplit(address).scheme not in ("tcp", "rtu"):
            raise ValueError(f"{_ADDRESSES}, not {address!r}")
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
        client = make_client(self._address, self._settings, _CONNECT_S)
        client.set_max_no_responses(1_000_000)  # silence is reported, never turned into a closed line behind our back
        if not await client.connect():
            client.close()
            raise await asyncio.to_thread(self._why_not)
        client.ctx.comm_params.timeout_connect = self._answer_s  # pymodbus keeps one time for both
        self._client = client
        self._quarantine = False

    def _why_not(self) -> LineLost | PortBusy:
        """pymodbus only says that it could not connect; a serial port tells whether another process holds it."""
        parts = urlsplit(self._address)
        if parts.scheme == "rtu" and not parts.hostname:
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

    async def read(self, address: int, count: int, unit: int = 0, *, inputs: bool = False) -> list[int]:
        """`count` registers in one frame, so that they belong together; input registers with `inputs`."""

        def request(client: Client) -> Awaitable[ModbusPDU]:
            ask = client.read_input_registers if inputs else client.read_holding_registers
            return ask(address, count=count, device_id=unit or self._device_id)

        answer = await self._ask(request, 4 if inputs else 3, f"read {address:#06x}+{count}")
        if len(answer.registers) != count:
            raise BadFrame(f"read {address:#06x}: {len(answer.registers)} registers, not {count}")
        return list(answer.registers)

    async def read_coil(self, address: int, unit: int = 0) -> bool:
        """One coil, function 1."""

        def request(client: Client) -> Awaitable[ModbusPDU]:
            return client.read_coils(address, count=1, device_id=unit or self._device_id)

        answer = await self._ask(request, 1, f"read coil {address:#06x}")
        if not answer.bits:
            raise BadFrame(f"read coil {address:#06x}: no bit came")
        return bool(answer.bits[0])

    async def write(self, address: int, values: Sequence[int], unit: int = 0) -> None:
        """One register with function 6, several with function 16."""

        def request(client: Client) -> Awaitable[ModbusPDU]:
            to = unit or self._device_id
            if len(values) == 1:
                return client.write_register(address, values[0], device_id=to)
            return client.write_registers(address, list(values), device_id=to)

        function = 6 if len(values) == 1 else 16
        await self._tell(request, function, address, f"write {address:#06x}={list(values)}")

    async def write_coil(self, address: int, on: bool, unit: int = 0) -> None:
        """One coil, function 5."""

        def request(client: Client) -> Awaitable[ModbusPDU]:
            return client.write_coil(address, on, device_id=unit or self._device_id)

        await self._tell(request, 5, address, f"write coil {address:#06x}={on}")

    async def write_coil_value(self, address: int, value: int, unit: int = 0) -> None:
        """Function 5 with a value of 16 bits, as relays with a time of their own take it."""

        def request(client: Client) -> Awaitable[ModbusPDU]:
            pdu = _CoilValue(dev_id=unit or self._device_id, address=address)
            pdu.value = value
            return client.execute(False, pdu)  # type: ignore[no-any-return]

        await self._tell(request, 5, address, f"write coil {address:#06x}={value:#06x}")

    async def _tell(
        self, request: Callable[[Client], Awaitable[ModbusPDU]], function: int, address: int, text: str
    ) -> None:
        answer = await self._ask(request, function, text)
        if answer.address != address:
            raise BadFrame(f"{text}: the device answered for {answer.address:#06x}")

    async def _ask(self, request: Callable[[Client], Awaitable[ModbusPDU]], function: int, text: str) -> ModbusPDU:
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
        if answer.function_code & 0x7F != function:  # a late one, and pymodbus does not compare
            self._quarantine = True
            raise NoAnswer(f"{self._address}: {text}: an answer to function {answer.function_code} came")
        if answer.isError():
            code = int(getattr(answer, "exception_code", 0))
            known = _EXCEPTIONS.get(code)
            raise known(text) if known else DeviceFault(f"{code:02d}", text)
        return answer
