"""Every language that the bench's scale can speak, by the name that `--scale-language` takes."""

from __future__ import annotations

from collections.abc import Callable

from simulators.faults import FaultBoard
from simulators.runner import Runner

from .a_and_d import AandD
from .line import LineTime
from .modbus_indicator import ModbusIndicator
from .mt_sics import MtSics
from .ohaus import Ohaus
from .sbi import Sbi
from .scale_port import Language
from .toledo_8217 import Toledo8217

Make = Callable[[Runner, FaultBoard, LineTime], Language]

LANGUAGES: dict[str, Make] = {
    "mt_sics": lambda runner, faults, line: MtSics(runner, faults, line=line),
    "sbi": lambda runner, faults, line: Sbi(runner, faults, line=line),
    "sbi_16": lambda runner, faults, line: Sbi(runner, faults, line=line, columns=16),
    "sbi_brackets": lambda runner, faults, line: Sbi(runner, faults, line=line, bracketed=True),
    "sbi_autoprint": lambda runner, faults, line: Sbi(runner, faults, line=line, autoprint=True),
    "a_and_d": lambda runner, faults, line: AandD(runner, faults, line=line),
    "ohaus": lambda runner, faults, line: Ohaus(runner, faults, line=line),
    "toledo_8217": lambda runner, faults, line: Toledo8217(runner, faults, line=line),
    "laumas": lambda runner, faults, line: ModbusIndicator(runner, faults, "laumas", line=line),
    "tuna_id551": lambda runner, faults, line: ModbusIndicator(runner, faults, "tuna_id551", line=line),
    "rs485_low_word_first": lambda runner, faults, line: ModbusIndicator(
        runner, faults, "rs485_low_word_first", line=line
    ),
}
MODBUS = ("laumas", "tuna_id551", "rs485_low_word_first")
