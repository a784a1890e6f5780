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
