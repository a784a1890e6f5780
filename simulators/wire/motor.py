"""A pump motor that knows no dose: it runs, forward or back, at a speed, until it is told otherwise."""

from __future__ import annotations

from simulators.plant import Busy, Channel, ChannelState
from simulators.runner import Runner

ENDLESS = float("inf")


class Motor:
    """Channel `number` of the plant. `full_rpm` is what gives the plant's full flow."""

    def __init__(self, runner: Runner, number: int, full_rpm: float, *, sensors: bool = False) -> None:
        """`sensors`: whether the pump itself notices a stall and an empty line."""
        self._runner, self.number, self.full_rpm = runner, number, full_rpm
        self.channel.line_sensor = self.channel.stall_sensor = sensors
        self.rpm = 0.0

    @property
    def channel(self) -> Channel:
        return self._runner.plant.channels[self.number]

    @property
    def ul_per_rev(self) -> float:
        """What one turn displaces."""
        return float(self.channel.full_ul_s) * 60.0 / self.full_rpm

    @property
    def told_to_run(self) -> bool:
        return self.channel.state in (ChannelState.RUNNING, ChannelState.REVERSING)

    @property
    def actual_rpm(self) -> float:
        """What the shaft does; a motor without supply stands, whatever it was told."""
        channel = self.channel
        if channel.state is ChannelState.REVERSING:
            return self.rpm if channel.supplied else 0.0
        return float(channel.actual) * self.full_rpm

    def set_rpm(self, rpm: float) -> None:
        self.rpm = min(max(rpm, 0.0), self.full_rpm)
        self._runner.plant.set_speed(self.number, self.rpm / self.full_rpm)

    def run(self, bound_ul: float = ENDLESS) -> None:
        """Nothing happens when it runs already."""
        try:
            self._runner.plant.start(self.number, bound_ul)
        except Busy:
            return

    def run_back(self, ms: float = ENDLESS) -> None:
        try:
            self._runner.plant.reverse(self.number, ms, self.rpm / self.full_rpm)
        except Busy:
            return

    def stop(self) -> None:
        self._runner.plant.stop(self.number)
        self._runner.plant.end_reverse(self.number)
