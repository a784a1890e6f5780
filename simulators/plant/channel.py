"""One dispenser channel: a motor that bounds its own doses, a peristaltic tube, a lagging hose, a nozzle that drips."""

from __future__ import annotations

from enum import IntEnum
from math import exp, pi, sin, sqrt
from random import Random

from .goods import Container

RAMP_S = 0.100
STALL_DETECT_S = 0.2
AIR_DETECT_S = 0.3
ROLLER_HZ = 8.0
FLOW_BREAKS_AT = 0.03
"""Share of full flow below which the jet breaks off and a last drop may hang."""
HOSE_QUIET_MG = 0.05
DROP_HOLDS_AT = 0.5
"""A drop that has lost this share of its mass to a suck-back no longer falls."""


class ChannelState(IntEnum):
    IDLE = 0
    RUNNING = 1
    DONE = 2
    STOPPED = 3
    FAULT = 4
    WATCHDOG = 5
    REVERSING = 6


class FaultCode(IntEnum):
    NONE = 0
    STALLED = 1
    STOP_PRESSED = 2
    LINE_EMPTY = 3


class Channel:
    """Steps with the plant. `step(dt)` gives the mg that leave the nozzle.

    Mass law: container.lost_mg = left_mg + hose_mg − void_mg (a void is what the next dose must fill first).
    """

    def __init__(self, number: int, container: Container, rng: Random) -> None:
        self.number = number
        self._rng = rng
        self.state = ChannelState.IDLE
        self.fault = FaultCode.NONE
        self.speed_set = 1.0
        self.bound_ul = 0.0
        self.delivered_ul = 0.0
        self.dose_counter = 0
        self.reverse_ms = 0
        self.actual = 0.0
        """Actual speed as a share of full speed."""
        self.wear = 0.0
        """Share of the flow lost by the worn tube."""
        self.wear_per_kg = 0.02
        self.stalled = False
        self.line_sensor = True
        self.stall_sensor = True
        self.bubble = False
        """Air is in the tube: it turns and draws nothing."""
        self.supplied = True
        """False: the motor has lost its supply (a relay in it is open) while its electronics live on."""
        self.hose_mg = 0.0
        self.void_mg = 0.0
        self.left_mg = 0.0
        self.active = False
        self._reverse_left_s = 0.0
        self._reverse_share = 1.0
        self._phase = 0.0
        self._factor = 1.0
        self._drop_mg = 0.0
        self._drop_after_s = 0.0
        self._left_before_mg = 0.0
        self._drop_in_s: float | None = None
        self._tail_open = False
        self._reversed_mg = 0.0
        self._stall_s = 0.0
        self._air_s = 0.0
        self._dt = 0.0
        self._keep = 1.0
        self.load(container)

    def load(self, container: Container) -> None:
        """Put a container in this position; the pump's displacement per second stays that of the product's class."""
        self.container = container
        self.product = container.product
        self.full_ul_s = self.product.flow_mg_s / self.product.density
        self._dt = 0.0

    def reseed(self, rng: Random) -> None:
        self._rng = rng

    def keep_drop(self) -> None:
        """The last drop of the dose under way stays on the nozzle."""
        self._drop_mg = 0.0

    @property
    def turning(self) -> bool:
        return self.actual > 0.0 or self.state is ChannelState.RUNNING

    def start(self, bound_ul: float) -> None:
        """Begin a dose bounded to `bound_ul`; the randomness of the whole dose is drawn here."""
        rng, product = self._rng, self.product
        self._factor = 1.0 + rng.gauss(0.0, product.spread)
        drips, mass, after = rng.random() < product.drip_probability, rng.uniform(20.0, 30.0), rng.uniform(0.2, 1.2)
        self._drop_mg = mass if drips else 0.0
        self._drop_after_s = after
        self._left_before_mg = self.left_mg
        self._drop_in_s = None
        self._tail_open = True
        self._reversed_mg = 0.0
        self._stall_s = self._air_s = 0.0
        self.bound_ul = bound_ul
        self.delivered_ul = 0.0
        self.dose_counter = (self.dose_counter + 1) & 0xFFFF
        self.fault = FaultCode.NONE
        self.state = ChannelState.RUNNING
        self.active = True

    def stop(self, state: ChannelState = ChannelState.STOPPED, fault: FaultCode = FaultCode.NONE) -> None:
        """Let the motor ramp down. A channel that does not run keeps the state that tells how its last dose ended."""
        if self.state is ChannelState.RUNNING:
            self.state = state
            self.fault = fault

    def reverse(self, ms: float, share: float = 1.0) -> None:
        """Suck back for `ms` at `share` of full flow as soon as the motor stands."""
        self._reverse_left_s = ms / 1000.0
        self._reverse_share = share
        self.state = ChannelState.REVERSING
        self.active = True

    def end_reverse(self) -> None:
        """Stop a suck-back now."""
        if self.state is ChannelState.REVERSING:
            self._reverse_left_s = 0.0
            self.state = ChannelState.STOPPED

    def step(self, dt: float) -> float:
        if dt != self._dt:
            self._dt, self._keep = dt, exp(-dt / self.product.tau_s)
        if self.actual > 0.0 or self.state is ChannelState.RUNNING:
            self._pump(self._turn(dt), dt)
        elif self._reverse_left_s > 0.0 and self.supplied:
            self._suck(dt)
        kept = self.hose_mg * self._keep
        out = self.hose_mg - kept
        self.hose_mg = kept
        if self.void_mg > 0.0:
            fill = out if out < self.void_mg else self.void_mg
            self.void_mg -= fill
            out -= fill
        if self.actual == 0.0 and self.state is not ChannelState.RUNNING:
            out += self._tail(dt)
        self.left_mg += out
        return out

    def _turn(self, dt: float) -> float:
        """Motor for one step: µL displaced. A bounded dose decelerates so that it ends on its bound."""
        before = self.actual
        if self.stalled:
            self.actual = 0.0
            self._stall_s += dt
            if self.stall_sensor and self._stall_s >= STALL_DETECT_S:
                self.stop(ChannelState.FAULT, FaultCode.STALLED)
            return 0.0
        change = dt / RAMP_S
        if self.state is not ChannelState.RUNNING:
            if before <= change:
                self.actual = 0.0
                moved = before * before * RAMP_S / 2.0 * self.full_ul_s
            else:
                self.actual = before - change
                moved = (before + self.actual) / 2.0 * self.full_ul_s * dt
            self.delivered_ul += moved
            return moved
        wanted = self.speed_set if self.supplied else 0.0
        speed = min(before + change, wanted) if before <= wanted else max(before - change, wanted)
        left = self.bound_ul - self.delivered_ul
        ahead = left - before * self.full_ul_s * dt / 2.0
        braking = sqrt(2.0 * ahead / (RAMP_S * self.full_ul_s)) if ahead > 0.0 else 0.0
        speed = min(speed, braking)
        moved = (before + speed) / 2.0 * self.full_ul_s * dt
        if moved >= left or (speed == braking and speed * self.full_ul_s * dt >= left):
            moved, speed = left, 0.0
            self.state = ChannelState.DONE
        self.actual = speed
        self.delivered_ul += moved
        return moved

    def _pump(self, moved_ul: float, dt: float) -> None:
        if moved_ul <= 0.0:
            return
        product = self.product
        self._phase += 2.0 * pi * ROLLER_HZ * self.actual * dt
        wanted = (
            moved_ul
            * product.density
            * self._factor
            * (1.0 - self.wear)
            * (1.0 + product.slip * (1.0 - self.actual))
            * (1.0 + product.pulsation * sin(self._phase))
        )
        taken = 0.0 if self.bubble else self.container.draw(wanted)
        self.hose_mg += taken
        self.wear += self.wear_per_kg * taken * 1e-6
        if taken < wanted:
            self._air_s += dt
            if self.line_sensor and self._air_s >= AIR_DETECT_S:
                self.stop(ChannelState.FAULT, FaultCode.LINE_EMPTY)

    def _suck(self, dt: float) -> None:
        used = min(dt, self._reverse_left_s)
        self._reverse_left_s -= used
        back = used * self.full_ul_s * self._reverse_share * self.product.density
        self.container.give_back(back)
        self._reversed_mg += back
        from_hose = min(back, self.hose_mg)
        self.hose_mg -= from_hose
        self.void_mg += back - from_hose
        if self._reverse_left_s <= 1e-9:
            self._reverse_left_s = 0.0
            self.state = ChannelState.IDLE

    def _tail(self, dt: float) -> float:
        """After the motor stands: a last drop hangs, falls late, or is held back by a suck-back."""
        fell = 0.0
        if self._tail_open and self.hose_mg / self.product.tau_s < FLOW_BREAKS_AT * self.product.flow_mg_s:
            self._tail_open = False
            if 0.0 < self._drop_mg < self.left_mg - self._left_before_mg:
                self._drop_in_s = self._drop_after_s
        if self._drop_in_s is not None:
            self._drop_in_s -= dt
            if self._reversed_mg >= DROP_HOLDS_AT * self._drop_mg:
                self._drop_in_s = None
            elif self._drop_in_s <= 0.0:
                self._drop_in_s = None
                fell = self._drop_mg
                self.void_mg += fell
        self.active = self._reverse_left_s > 0.0 or self._drop_in_s is not None or self.hose_mg > HOSE_QUIET_MG
        return fell
