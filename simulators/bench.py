"""The simulated bench: one plant in front of a scale, a dispenser, a label printer and a page for the clerk's hands.

`python -m simulators.bench` serves all of it; `serve_bench` does so inside a running loop, `running_bench` in a thread.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import logging
import signal
import sys
from dataclasses import asdict
from typing import Any

from simulators.bench_serve import RunningBench, running_bench, serve_bench
from simulators.bench_setup import PRINTER_LANGUAGES, QUAD, Bench, BenchAddresses, BenchSettings
from simulators.fitting import as_toml, sections
from simulators.wire.languages import LANGUAGES
from simulators.wire.pumps import MODELS

__all__ = ["Bench", "BenchAddresses", "BenchSettings", "RunningBench", "main", "running_bench", "serve_bench"]

ABOUT = """\
A bench without hardware: one simulated plant (pumps, tubes, cup, balance), and in front of it devices that speak their
makers' wire protocols on real sockets. Put your own host before it; what the scale shows is what the pumps moved.

  python -m simulators.bench                                MT-SICS balance, four-channel Modbus dispenser, ESC/POS
  python -m simulators.bench --scale sbi --pump kamoer --printer zpl
  python -m simulators.bench --pty --printer-dpi 300        scale and pump on pseudo-terminals too

On start it prints every address, and the settings that a shop's store.toml needs for them. The page at the first
address is for hands: put a cup on, pour, swap containers, look at what was printed, switch faults on and off. The same
over HTTP: POST /api/cup, /api/pour, /api/channels, /api/faults {name, on, channel}; GET /api/truth?since=, /api/labels,
/api/faults (every fault with its name). Simulated, never hardware: figures of it compare, they do not predict.
"""


def _languages() -> str:
    return "scales (--scale):\n" + "".join(f"  {name:<22}{words}\n" for name, words in LANGUAGE_WORDS.items())


def _models() -> str:
    rows = {QUAD: "four bounded channels, Modbus TCP, watchdog of its own"} | {
        one.name: one.words + (", behind a dead-man relay" if one.needs_relay else "") for one in MODELS.values()
    }
    return "dispensers (--pump):\n" + "".join(f"  {name:<22}{words}\n" for name, words in rows.items())


LANGUAGE_WORDS = {
    "mt_sics": "Mettler-Toledo MT-SICS levels 0 and 1",
    "sbi": "Sartorius SBI, 22 columns",
    "sbi_16": "the same, 16 columns",
    "sbi_brackets": "the same, last digits in brackets as on verified balances",
    "sbi_autoprint": "the same, sending by itself",
    "a_and_d": "A&D standard format",
    "ohaus": "Ohaus",
    "toledo_8217": "Toledo 8217 till scale, steps of 1 g: can be read, is too coarse to dose with",
    "laumas": "Laumas indicator, Modbus",
    "tuna_id551": "Tuna ID551 indicator, Modbus, floats",
    "rs485_low_word_first": "small RS-485 module, Modbus, low word first",
}


def _arguments(argv: list[str] | None) -> tuple[BenchSettings, bool]:
    base = BenchSettings()
    parser = argparse.ArgumentParser(
        prog="python -m simulators.bench",
        description=ABOUT,
        epilog=f"{_languages()}\n{_models()}\nprinters (--printer):\n  {', '.join(PRINTER_LANGUAGES)}\n",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    devices = parser.add_argument_group("which devices")
    devices.add_argument(
        "--scale",
        "--scale-language",
        dest="scale_language",
        metavar="NAME",
        choices=sorted(LANGUAGES),
        default=base.scale_language,
        help="what the scale speaks, see below (default %(default)s)",
    )
    devices.add_argument("--d-mg", type=int, choices=(1, 10), default=base.d_mg, help="its step in mg (%(default)s)")
    devices.add_argument("--rate-hz", type=float, default=base.rate_hz, help="its readings a second (%(default)s)")
    devices.add_argument(
        "--pump",
        dest="pump_model",
        metavar="NAME",
        choices=(QUAD, *MODELS),
        default=base.pump_model,
        help="model of the dispenser, see below (default %(default)s)",
    )
    devices.add_argument("--pump-rtu", action="store_true", help="RTU frames instead of Modbus TCP on the pump port")
    devices.add_argument(
        "--watchdog-ms", type=int, default=base.watchdog_ms, help="demo_quad's watchdog at power-on, 0 off"
    )
    spoken: dict[str, Any] = {"metavar": "NAME", "choices": PRINTER_LANGUAGES}
    devices.add_argument(
        "--printer",
        "--printer-language",
        dest="printer_language",
        default=base.printer_language,
        help="what the label printer speaks (default %(default)s)",
        **spoken,
    )
    devices.add_argument("--printer-dpi", type=int, choices=(203, 300), default=base.printer_dpi)
    devices.add_argument(
        "--second-printer",
        "--second-printer-language",
        dest="second_printer_language",
        help="a second printer; none without it",
        **spoken,
    )
    devices.add_argument("--second-printer-dpi", type=int, choices=(203, 300), default=base.second_printer_dpi)
    places = parser.add_argument_group("where")
    places.add_argument("--host", default=base.host, help="address to listen on (default %(default)s)")
    ports = {
        "http": "page and API",
        "scale": "scale",
        "pump": "dispenser",
        "printer": "printer",
        "second-printer": "second printer",
        "relay": "relay",
    }
    for name, what in ports.items():
        default = getattr(base, f"{name.replace('-', '_')}_port")
        places.add_argument(
            f"--{name}-port",
            type=int,
            default=default,
            metavar="N",
            help=f"{what} (default %(default)s, 0: a free one)",
        )
    places.add_argument("--pty", action="store_true", help="also serve scale and dispenser on pseudo-terminals")
    world = parser.add_argument_group("how the world runs")
    world.add_argument("--seed", type=int, default=base.seed, help="of all randomness (default %(default)s)")
    world.add_argument(
        "--speed", type=float, default=base.speed, help="plant seconds per second; scale rates scale with it (1)"
    )
    world.add_argument("--scale-baud", type=int, default=base.scale_baud, help="line time of the scale, 0 none (9600)")
    world.add_argument("--pump-baud", type=int, default=base.pump_baud, help="line time of demo_quad, 0 none (19200)")
    world.add_argument("--clock-offset-s", type=int, default=0, help="added to the clock that dates the labels")
    parser.add_argument("--json", action="store_true", help="print addresses and settings as one JSON line")
    values = vars(parser.parse_args(argv))
    as_json = bool(values.pop("json"))
    return BenchSettings(**values), as_json


def _announce(addresses: BenchAddresses, settings: BenchSettings, as_json: bool) -> None:
    found = sections(settings, addresses)
    if as_json:
        print(json.dumps({**asdict(addresses), "settings": found}), flush=True)
        return
    print(f"bench page   {addresses.http_url}/")
    if addresses.scale_pty:
        print(f"scale pty    {addresses.scale_pty}")
        print(f"pump pty     {addresses.pump_pty}")
    print(f"\nfor a store.toml:\n\n{as_toml(found)}\n")
    print("Simulated devices, not hardware. Ctrl-C ends.", flush=True)


async def _main(settings: BenchSettings, as_json: bool) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    await serve_bench(settings, stop, lambda _, addresses: _announce(addresses, settings, as_json))


def main(argv: list[str] | None = None) -> int:
    """0 after Ctrl-C, 1 when a port is taken."""
    settings, as_json = _arguments(argv)
    logging.basicConfig(level=logging.WARNING)
    try:
        asyncio.run(_main(settings, as_json))
    except OSError as error:
        print(f"bench: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
