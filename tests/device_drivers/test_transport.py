import asyncio
import os
import tty

import pytest

from device_drivers.errors import LineLost, NoAnswer, PortBusy
from device_drivers.transport import LineSettings, SerialPort, is_pty


def open_pty() -> tuple[int, int, str]:
    master, slave = os.openpty()
    tty.setraw(master)
    tty.setraw(slave)
    return master, slave, os.ttyname(slave)


@pytest.mark.parametrize("text", ["9600 8N1", "2400 7E1", "115200 8O1", "1200 8N2"])
def test_line_settings_read_as_written(text: str) -> None:
    assert str(LineSettings.parse(text)) == text


@pytest.mark.parametrize("text", ["", "9600", "9600 8X1", "9600,8N1", "9600 9N1", "8N1 9600"])
def test_line_settings_that_mean_nothing(text: str) -> None:
    with pytest.raises(ValueError, match="9600 8N1"):
        LineSettings.parse(text)


def test_a_pty_carries_frames_and_its_framing_is_dropped() -> None:
    master, slave, path = open_pty()

    async def main() -> None:
        port = SerialPort(path, LineSettings.parse("2400 7E1"), clock=lambda: 42.0)
        assert is_pty(path) and str(port.settings) == "9600 8N1"
        await port.open()
        await port.open()  # an owner may reopen: the old handle is released first
        await port.write(b"SI\r\n")
        assert os.read(master, 10) == b"SI\r\n"
        os.write(master, b"S S ")
        os.write(master, b"     1.00 g\r\nS D")
        frame = await port.read_frame(2.0)
        assert (frame.raw, frame.at) == (b"S S      1.00 g", 42.0)
        with pytest.raises(NoAnswer):
            await port.read_frame(0.01)
        with pytest.raises(PortBusy):
            await SerialPort(path).open()
        waiting = asyncio.create_task(port.read_frame(60))
        await asyncio.sleep(0)
        await port.close()
        with pytest.raises(LineLost):
            await waiting
        with pytest.raises(LineLost):
            await port.write(b"x")

    asyncio.run(main())
    os.close(master)
    os.close(slave)


def test_a_socket_that_closes_is_lost_at_once_and_can_be_opened_again() -> None:
    async def main() -> None:
        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await reader.readline()
            writer.write(b"one\r\ntwo\r\n")
            await writer.drain()
            writer.close()

        server = await asyncio.start_server(serve, "127.0.0.1", 0)
        port = SerialPort(f"socket://127.0.0.1:{server.sockets[0].getsockname()[1]}", LineSettings.parse("9600 7E1"))
        for _ in range(2):
            await port.open()
            await port.write(b"go\r\n")
            assert [(await port.read_frame(2.0)).raw for _ in range(2)] == [b"one", b"two"]
            with pytest.raises(LineLost):
                await port.read_frame(60.0)
            with pytest.raises(LineLost):
                await port.read_frame(60.0)
        await port.close()
        server.close()
        await server.wait_closed()

    asyncio.run(main())


def test_nobody_there() -> None:
    async def main() -> None:
        for url in ("socket://127.0.0.1:9", "/dev/does-not-exist", "nonsense://x"):
            with pytest.raises(LineLost):
                await SerialPort(url).open()

    asyncio.run(main())
