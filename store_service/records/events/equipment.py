"""The bench: check weighing, cleaning, the room, the devices."""

from store_service.records.event import Payload


class CheckPoint(Payload):
    nominal_mg: int
    reading_mg: int


class ScaleChecked(Payload, type="scale.checked"):
    """Check weighing at two points; passed when every |reading - nominal| is within `limit_mg`."""

    bench_id: str
    scale_id: str
    points: tuple[CheckPoint, ...]
    limit_mg: int
    passed: bool


class CleaningDone(Payload, type="cleaning.done"):
    bench_id: str
    what: str
    agent: str
    purged_mg: int


class RoomRecorded(Payload, type="room.recorded"):
    temp_c10: int
    rh_pct10: int


class DeviceFaulted(Payload, type="device.faulted"):
    """A device stopped answering or answered a fault; `detail` is the driver's own word."""

    bench_id: str
    device: str
    fault: str
    detail: str


class DeviceReturned(Payload, type="device.returned"):
    bench_id: str
    device: str
    identity: str


class LineFlushed(Payload, type="line.flushed"):
    """Product pushed through a channel's line into a vessel on the scale, and taken away. `purpose`: load, prime, purge
    or calibrate. `moved_mg` None: it could not be weighed. `fault` as of a dose, empty for none.
    """

    bench_id: str
    channel: int
    container_id: str
    purpose: str
    moved_mg: int | None
    delivered_ul: int
    fault: str
    raw_before: str
    raw_after: str


class TubeFitted(Payload, type="tube.fitted"):
    """A new tube; what the old one had pumped, and the share of its yield that was gone (None: unknown)."""

    bench_id: str
    channel: int
    old_pumped_mg: int
    old_lost_bp: int | None


class PumpCalibrated(Payload, type="pump.calibrated"):
    """From weighed runs through one line: µg for each µL that the pump tells, and how far the runs spread.
    `ul_per_rev` is what store.toml should say, None for a pump that reckons volume itself.
    """

    bench_id: str
    channel: int
    runs: int
    ug_per_ul: int
    spread_bp: int
    ul_per_rev: int | None


class ScaleRepeated(Payload, type="scale.repeated"):
    """One weight put on several times: `spread_mg` from the lightest to the heaviest reading."""

    bench_id: str
    scale_id: str
    readings_mg: tuple[int, ...]
    spread_mg: int
    limit_mg: int
    passed: bool
