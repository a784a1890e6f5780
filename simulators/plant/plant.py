"""The plant: four channels, the air under the nozzles, the cup, the hands and the balance in one virtual time.

Parameters: fall 10 cm, steps of 5 ms, 1.5 s drip window. The jet presses on the pan with its momentum, which for a
steady jet is the weight of the mass in the air.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from math import pi, sin, sqrt
from random import Random

from .balance import Balance, Sample, ScaleSpec
from .channel import Channel, ChannelState, FaultCode
from .goods import DEFAULT_PRODUCTS, Container, Cup, Product
from .shaking import VIBRATION_MG, pressed_mg
from .truth import DRIP_WINDOW_S, Chronicle, Portion, Truth

STEP_S = 0.005
FALL_S = sqrt(2.0 * 0.10 / 9.81)
_EPS = 1e-9


class Busy(Exception):
    """The channel or the pan cannot take this command now."""


@dataclass(slots=True)
class _Pour:
    portion: Portion
    container: Container
    left_mg: float
    rate_mg_s: float


class Plant:
    """Deterministic from `seed` and the commands given. One thread at a time.

    `advance(dt)` moves virtual time and gives the scale's samples that became available. Channels are numbered from 1.
    """

    def __init__(
        self,
        *,
        seed: int = 0,
        scale: ScaleSpec | None = None,
        products: Sequence[Product] = DEFAULT_PRODUCTS,
        container_mg: float = 400_000.0,
    ) -> None:
        self.seed = seed
        self.now = 0.0
        self.balance = Balance(scale or ScaleSpec(), Random(f"{seed}/balance"))
        self.channels: dict[int, Channel] = {
            n: Channel(n, Container(product, container_mg), Random(f"{seed}/channel/{n}"))
            for n, product in enumerate(products, start=1)
        }
        self.bottles: dict[str, Container] = {}
        """Containers poured from by hand, by product name."""
        self.cup: Cup | None = None
        self.shelf: dict[str, Cup] = {}
        """Cups taken off the pan, with what is in them."""
        self.spilled_mg = 0.0
        self.watchdog_s = 0.0
        """The pump stops every running channel when it was not kicked for this long; 0 disables."""
        self.watchdog_tripped = False
        self.stop_pressed = False
        self.vibration = False
        self.vibration_mg = VIBRATION_MG
        self.bumping_since: float | None = None
        self.leaning_mg = 0.0
        """A hand that leans on the cup, or a thing that was laid on the pan."""
        self.chronicle = Chronicle()
        self._kicked_at = 0.0
        self._supplied_until: float | None = None
        """None: no relay is fitted."""
        self._portions = 0
        self._cups = 0
        self._current: dict[int, Portion] = {}
        self._pours: list[_Pour] = []
        self._air: deque[tuple[float, float, Portion]] = deque()
        self._closing: deque[tuple[float, Portion]] = deque()
        self._late: list[Portion] = []
        self._waiting: deque[Sample] = deque()
        self._samples = 0
        self._next_sample = 1.0 / self.balance.spec.rate_hz

    def reseed(self, luck: str) -> None:
        """Draw all randomness from `luck` from here on: one dose then meets the same luck whatever came before it."""
        self.balance.reseed(Random(f"{luck}/balance"))
        for number, channel in self.channels.items():
            channel.reseed(Random(f"{luck}/channel/{number}"))

    # --- time ---

    @property
    def next_sample_at(self) -> float:
        """When the next reading appears on the balance's output."""
        return self._waiting[0].available if self._waiting else self._next_sample + self.balance.spec.transport_s

    def advance(self, dt: float) -> list[Sample]:
        """Move virtual time by `dt` seconds; the samples that became available, in order."""
        end = self.now + dt
        while end - self.now > _EPS:
            step = min(end, self._next_sample) - self.now
            if self._moving():
                step = min(step, STEP_S)
            elif self._closing:
                step = min(step, max(self._closing[0][0] - self.now, _EPS))
            self._step(max(step, _EPS))
        available: list[Sample] = []
        while self._waiting and self._waiting[0].available <= self.now + _EPS:
            available.append(self._waiting.popleft())
        return available

    def _moving(self) -> bool:
        return bool(
            self._air
            or self._pours
            or self.vibration
            or self.bumping_since is not None
            or self.leaning_mg
            or any(channel.active for channel in self.channels.values())
        )

    def _step(self, dt: float) -> None:
        now = self.now = self.now + dt
        landed = 0.0
        if self._supplied_until is not None:
            self._supply()
        running = False
        for number, channel in self.channels.items():
            if not channel.active:
                continue
            left = channel.step(dt)
            portion = self._current.get(number)
            if portion is not None:
                if left > 0.0:
                    self._air.append((now + FALL_S, left, portion))
                if portion.stopped_s is None and not channel.turning:
                    self._end(portion)
            running = running or channel.state is ChannelState.RUNNING
        for pour in self._pours:
            self._pour_step(pour, dt)
        if self._pours:
            self._pours = [pour for pour in self._pours if pour.left_mg > 0.0]
        air = self._air
        while air and air[0][0] <= now:
            _, mass, portion = air.popleft()
            landed += self._land(mass, portion)
        if self._late and not air:
            self._tell_late()
        cup = self.cup
        load = (cup.tare_mg + cup.content_mg if cup else 0.0) + landed * FALL_S / dt
        if self.vibration or self.bumping_since is not None or self.leaning_mg:
            shaken_mg = self.vibration_mg if self.vibration else 0.0
            load += pressed_mg(now, shaken_mg, self.bumping_since, self.leaning_mg)
        self.balance.follow(load, dt)
        if running and self.watchdog_s > 0.0 and now - self._kicked_at > self.watchdog_s:
            self._trip()
        while self._closing and self._closing[0][0] <= now + _EPS:
            self._close(self._closing.popleft()[1])
        if now >= self._next_sample - _EPS:
            self._samples += 1
            self._next_sample = (self._samples + 1) / self.balance.spec.rate_hz
            self._waiting.append(self.balance.sample(now))

    # --- pump ---

    def start(self, number: int, bound_ul: float) -> int:
        """Start a dose that ends by itself after `bound_ul`; the device's dose counter. Busy while the motor turns."""
        channel = self.channels[number]
        if channel.turning or channel.state is ChannelState.REVERSING:
            raise Busy(f"channel {number} is {channel.state.name.lower()}")
        if not any(each.state is ChannelState.RUNNING for each in self.channels.values()):
            self._kicked_at = self.now
        self.watchdog_tripped = False
        channel.start(bound_ul)
        portion = self._portion("dose", channel.product.name)
        portion.channel, portion.counter = number, channel.dose_counter
        self._current[number] = portion
        return channel.dose_counter

    def stop(self, number: int) -> None:
        self.channels[number].stop()

    def set_speed(self, number: int, share: float) -> None:
        """`share` of full speed, 0 to 1; may change while running."""
        self.channels[number].speed_set = share

    def reverse(self, number: int, ms: float, share: float = 1.0) -> None:
        """Suck back for `ms` at `share` of full flow once the motor stands. Busy while a dose runs."""
        channel = self.channels[number]
        if channel.state in (ChannelState.RUNNING, ChannelState.REVERSING):
            raise Busy(f"channel {number} is {channel.state.name.lower()}")
        channel.reverse(ms, share)

    def end_reverse(self, number: int) -> None:
        self.channels[number].end_reverse()

    def hold_supply(self, seconds: float) -> None:
        """A dead-man relay in the motors' supply: closed from now on for `seconds`, then open until held again."""
        self._supplied_until = self.now + seconds
        self._supply()

    @property
    def supplied(self) -> bool:
        return self._supplied_until is None or self.now < self._supplied_until

    def _supply(self) -> None:
        for channel in self.channels.values():
            channel.supplied = self.supplied

    def kick(self) -> None:
        """Refresh the watchdog."""
        self._kicked_at = self.now

    def press_stop(self, pressed: bool) -> None:
        """The emergency stop: every running channel stops with fault 2 and none starts while it is pressed."""
        self.stop_pressed = pressed
        if pressed:
            for channel in self.channels.values():
                channel.stop(ChannelState.FAULT, FaultCode.STOP_PRESSED)

    def _trip(self) -> None:
        self.watchdog_tripped = True
        for channel in self.channels.values():
            channel.stop(ChannelState.WATCHDOG)

    # --- hands ---

    def cup_on(self, tare_mg: float, cup_id: str | None = None, pack: str = "") -> Cup:
        """Put an empty pack on the pan, or the one known as `cup_id` back with its contents. Busy if one stands there.

        `pack` is what the hands call that kind of pack; it changes nothing.
        """
        if self.cup is not None:
            raise Busy(f"cup {self.cup.cup_id} stands on the pan")
        self._cups += 1
        cup_id = cup_id or f"cup-{self._cups}"
        self.cup = cup = self.shelf.pop(cup_id, None) or Cup(cup_id, tare_mg, pack)
        self._tell_cup("cup_on", cup)
        return cup

    def cup_off(self) -> Cup | None:
        """Take the cup off; None when there is none."""
        cup, self.cup = self.cup, None
        if cup is not None:
            self.shelf[cup.cup_id] = cup
            self._tell_cup("cup_off", cup)
        return cup

    def pour(self, product: str, mg: float, rate_mg_s: float) -> int:
        """Pour `mg` by hand from the container of `product`; the portion's number. KeyError when nobody holds it."""
        container = self.container_of(product)
        portion = self._portion("pour", product)
        portion.asked_mg = mg
        self._pours.append(_Pour(portion, container, mg, rate_mg_s))
        return portion.number

    def stop_pouring(self) -> None:
        for pour in self._pours:
            self._end(pour.portion)
        self._pours = []

    @property
    def pouring(self) -> bool:
        return bool(self._pours)

    def container_of(self, product: str) -> Container:
        """The hand bottle of that product, else the container in a channel; KeyError when nobody holds it."""
        if product in self.bottles:
            return self.bottles[product]
        for channel in self.channels.values():
            if channel.product.name == product:
                return channel.container
        raise KeyError(product)

    def load(self, number: int, container: Container) -> Container:
        """Swap the container of a channel; the old one. Busy while the motor turns."""
        channel = self.channels[number]
        if channel.turning:
            raise Busy(f"channel {number} is running")
        old = channel.container
        channel.load(container)
        self.chronicle.tell(
            self.now, "container", channel=number, product=container.product.name, mass_mg=round(container.mass_mg)
        )
        return old

    # --- truth ---

    @property
    def in_air_mg(self) -> float:
        return sum(mass for _, mass, _ in self._air)

    def _portion(self, kind: str, product: str) -> Portion:
        self._portions += 1
        return Portion(self._portions, kind, product, self.cup.cup_id if self.cup else None, self.now)

    def _pour_step(self, pour: _Pour, dt: float) -> None:
        wobble = 1.0 + 0.15 * sin(2.0 * pi * 1.3 * self.now)
        wanted = min(pour.left_mg, pour.rate_mg_s * wobble * dt)
        taken = pour.container.draw(wanted)
        pour.left_mg = 0.0 if taken < wanted else pour.left_mg - taken
        if taken > 0.0:
            self._air.append((self.now + FALL_S, taken, pour.portion))
        if pour.left_mg <= _EPS:
            pour.left_mg = 0.0
            self._end(pour.portion)

    def _land(self, mass: float, portion: Portion) -> float:
        """Where a piece of a portion lands; the mass that hit the pan."""
        cup = self.cup
        if cup is None:
            self.spilled_mg += mass
            portion.spilled_mg += mass
            return 0.0
        cup.receive(portion.product, mass)
        if portion.told:
            portion.late_mg += mass
            if portion not in self._late:
                self._late.append(portion)
        else:
            portion.landed_mg += mass
        return mass

    def _tell_late(self) -> None:
        for portion in self._late:
            if round(portion.late_mg) > 0:
                self.chronicle.tell(
                    self.now,
                    "late",
                    dose=portion.number,
                    channel=portion.channel,
                    product=portion.product,
                    cup=portion.cup_id,
                    landed_mg=0,
                    late_mg=round(portion.late_mg),
                )
                portion.late_mg = 0.0
        self._late = []

    def _end(self, portion: Portion) -> None:
        portion.stopped_s = self.now
        self._closing.append((self.now + DRIP_WINDOW_S, portion))

    def _close(self, portion: Portion) -> None:
        portion.told = True
        facts: dict[str, str | int | float | None] = {"dose": portion.number}
        if portion.kind == "dose" and portion.channel is not None:
            channel = self.channels[portion.channel]
            facts |= {"channel": portion.channel, "counter": portion.counter}
            if channel.dose_counter == portion.counter:
                facts["pumped_ul"] = round(channel.delivered_ul)
        else:
            facts["asked_mg"] = round(portion.asked_mg or 0.0)
        self.chronicle.tell(
            self.now,
            portion.kind,
            **facts,
            product=portion.product,
            cup=portion.cup_id,
            landed_mg=round(portion.landed_mg),
            late_mg=0,
            spilled_mg=round(portion.spilled_mg),
            started_s=round(portion.started_s, 3),
            stopped_s=round(portion.stopped_s or self.now, 3),
        )

    def _tell_cup(self, kind: str, cup: Cup) -> None:
        self.chronicle.tell(
            self.now, kind, cup=cup.cup_id, tare_mg=round(cup.tare_mg), content_mg=round(cup.content_mg)
        )


__all__ = ["Busy", "Plant", "Truth"]
