"""What stands well in a shop and what does not, in plain words, each with what to do. It moves nothing.

The dispenser is never called: even a connection may stop or start a pump. Where the shop is running, its own device
page knows more, and its lines are left alone.
"""

from __future__ import annotations

import fcntl
import shutil
import socket
import stat
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

import httpx
from pysqlite3 import dbapi2 as sqlite
from sqlalchemy import Connection, func, select
from sqlalchemy.exc import DBAPIError

from store_service.database.engines import SAFE_SQLITE
from store_service.equipment.bench import DeviceHealth
from store_service.equipment.told import devices_told
from store_service.evidence.checkpoint import open_checkpoint
from store_service.evidence.errors import EvidenceError
from store_service.evidence.keys import SigningKey, VerifierKey, load
from store_service.evidence.merkle import Head, leaf_hash
from store_service.records.projections.catalogue import snapshot
from store_service.records.tables import checkpoint, cosignature, entry, head
from store_service.rules.dossier import SNAPSHOT_KINDS
from store_service.settings import BenchSettings, StoreSettings, database_url

from .beside import reading
from .titles import title

LEAST_FREE_BYTES = 200_000_000
COMFORTABLE_BYTES = 2_000_000_000
WAIT_S = 2.0
SQLITE = "sqlite:///"
LEARNED = "learned"
"""Where a bench keeps its small files, in the data folder."""
State = Literal["ok", "warn", "down", "unasked"]


@dataclass(frozen=True, slots=True)
class Finding:
    """`what` was looked at; `zh` and `en` say what was found and, unless it is well, what to do.

    `unasked`: it is set up, and nobody asked it.
    """

    what: str
    state: State
    zh: str
    en: str

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @property
    def title(self) -> str:
        """What was looked at, in a shopkeeper's words."""
        return title(self.what)


Reach = Callable[[str, int], bool]


def reach(host: str, port: int) -> bool:
    """Whether somebody listens there. Nothing is sent."""
    try:
        with socket.create_connection((host, port), timeout=WAIT_S):
            return True
    except OSError:
        return False


def running(settings: StoreSettings, data: Path) -> bool:
    """Whether the shop's service holds its database now. On PostgreSQL nobody can tell from here: no."""
    url = database_url(settings.database, data)
    lock = Path(url.removeprefix(SQLITE) + ".lock")
    if not url.startswith(SQLITE) or not lock.exists():
        return False
    with lock.open("rb") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return True
    return False


def engine_findings(settings: StoreSettings, data: Path) -> Iterator[Finding]:
    """Library, disk, key files, and whether the service runs."""
    wanted = ".".join(map(str, SAFE_SQLITE))
    if sqlite.sqlite_version_info >= SAFE_SQLITE:
        yield Finding("sqlite", "ok", f"SQLite {sqlite.sqlite_version}。", f"SQLite {sqlite.sqlite_version}.")
    else:
        yield Finding(
            "sqlite",
            "down",
            f"SQLite {sqlite.sqlite_version} 太旧，请安装 {wanted} 或更高版本（pysqlite3）。",
            f"SQLite {sqlite.sqlite_version} is too old; install {wanted} or later (pysqlite3).",
        )
    free = shutil.disk_usage(data).free
    state: State = "down" if free < LEAST_FREE_BYTES else "warn" if free < COMFORTABLE_BYTES else "ok"
    more = ("", "") if state == "ok" else ("请清理磁盘。", " Free some space.")
    yield Finding(
        "disk", state, f"磁盘剩余 {free // 10**6} MB。{more[0]}", f"{free // 10**6} MB of disk free.{more[1]}"
    )
    yield from _keys(data / "keys")
    if running(settings, data):
        yield Finding("service", "ok", "门店程序正在运行。", "The shop's service is running.")
    else:
        yield Finding(
            "service",
            "warn",
            "门店程序没有运行：store-service serve。",
            "The service is not running: store-service serve.",
        )


def _keys(folder: Path) -> Iterator[Finding]:
    for path in (folder / "store.key", folder / "pepper"):
        if not path.exists():
            yield Finding(
                "keys",
                "down",
                f"缺少 {path.name}：第一次启动时生成。",
                f"{path.name} is missing: the first start makes it.",
            )
        elif stat.S_IMODE(path.stat().st_mode) & 0o077:
            yield Finding("keys", "down", f"其他账户能读 {path}：chmod 600。", f"Others can read {path}: chmod 600.")
        else:
            yield Finding("keys", "ok", f"{path.name} 只有本账户能读。", f"{path.name} is closed to others.")


def database_finding(connection: Connection) -> Finding:
    """Engine, its version, and the migration that the tables stand at."""
    engine = connection.dialect.name
    version = ".".join(map(str, connection.dialect.server_version_info or ()))
    schema = connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar() or "?"
    return Finding("database", "ok", f"{engine} {version}，表结构 {schema}。", f"{engine} {version}, schema {schema}.")


def log_finding(connection: Connection, site: str, key: VerifierKey | None) -> Finding:
    """Hash every entry again and compare with the newest signed checkpoint."""
    tree, sealed, root = Head.empty(), 0, b""
    newest = connection.execute(
        select(checkpoint.c.size, checkpoint.c.note)
        .where(checkpoint.c.store_id == site)
        .order_by(checkpoint.c.size.desc())
    ).first()
    query = select(entry.c.idx, entry.c.body).where(entry.c.store_id == site).order_by(entry.c.idx)
    for idx, body in connection.execute(query, execution_options={"yield_per": 2_000}):
        if idx != tree.size:
            return _broken(f"entry {tree.size} is missing")
        tree = tree.append(leaf_hash(bytes(body)))
        if newest is not None and tree.size == newest.size:
            sealed, root = tree.size, tree.root()
    if newest is None:
        return Finding("log", "warn", "记录簿还没有封存过。", "The log has never been sealed.")
    if key is None:
        return Finding("log", "warn", "没有密钥，无法核对封存。", "No key: the seal cannot be checked.")
    try:
        signed = open_checkpoint(newest.note, [key]).checkpoint
    except EvidenceError as error:
        return _broken(str(error))
    if (signed.size, signed.root) != (sealed, root):
        return _broken(f"the first {signed.size} entries do not agree with their seal")
    size = connection.execute(select(head.c.size).where(head.c.store_id == site)).scalar() or 0
    if size != tree.size:
        return _broken(f"the head says {size} entries, there are {tree.size}")
    return Finding(
        "log", "ok", f"{tree.size} 条记录与封存一致（封存到第 {sealed} 条）。",
        f"{tree.size} entries agree with their seal (sealed up to {sealed}).",
    )  # fmt: skip


def _broken(detail: str) -> Finding:
    return Finding(
        "log", "down", f"记录簿与封存不一致（{detail}）：停止调配，不要自行处理，联系总部质量部门。",
        f"The log does not agree with its seal ({detail}): stop blending, change nothing, call head office quality.",
    )  # fmt: skip


def register_findings(connection: Connection, site: str, now: datetime) -> Iterator[Finding]:
    """Each register that a gate needs: is it there, until when does it hold."""
    query = select(snapshot).where(snapshot.c.store_id == site)
    known = {row.id: row for row in connection.execute(query)}
    for kind in SNAPSHOT_KINDS:
        row, what = known.get(kind), f"register {kind}"
        if row is None:
            yield Finding(what, "down", f"没有收到 {kind}：联系总部。", f"{kind} was never received: call head office.")
        elif row.valid_to is not None and now >= row.valid_to:
            yield Finding(
                what, "down", f"{kind} 第 {row.version} 版已于 {row.valid_to:%Y-%m-%d %H:%M} UTC 过期：连接总部。",
                f"{kind} version {row.version} ended {row.valid_to:%Y-%m-%d %H:%M} UTC: connect to head office.",
            )  # fmt: skip
        else:
            until = f"{row.valid_to:%Y-%m-%d %H:%M} UTC" if row.valid_to else "—"
            hours = int((now - row.accepted_at).total_seconds() // 3600)
            yield Finding(
                what, "ok", f"{kind} 第 {row.version} 版，{hours} 小时前收到，有效至 {until}。",
                f"{kind} version {row.version}, received {hours} h ago, holds until {until}.",
            )  # fmt: skip


def hub_finding(connection: Connection, settings: StoreSettings, client: httpx.Client) -> Finding:
    """Whether head office answers, and how far it has cosigned."""
    site = settings.shop.store_id
    size = connection.execute(select(head.c.size).where(head.c.store_id == site)).scalar() or 0
    acked = connection.execute(select(func.max(cosignature.c.size)).where(cosignature.c.store_id == site)).scalar() or 0
    zh, en = f"总部已签收 {acked} / {size} 条。", f"Head office has cosigned {acked} of {size} entries."
    if settings.hub is None:
        return Finding("hub", "ok", "没有设置总部。", "No head office is configured.")
    try:
        answered = client.get(f"{settings.hub.url}/healthz", timeout=WAIT_S).status_code == 200
    except httpx.HTTPError:
        answered = False
    if answered:
        return Finding("hub", "ok", f"总部有应答。{zh}", f"Head office answers. {en}")
    return Finding(
        "hub", "warn", f"总部没有应答：可以继续营业，请检查网络。{zh}",
        f"Head office does not answer: work may go on; check the network. {en}",
    )  # fmt: skip


def device_findings(
    bench: BenchSettings, *, held: bool, reach: Reach = reach, told: Sequence[DeviceHealth] = ()
) -> Iterator[Finding]:
    """The devices of a bench. `held` by the running shop they are left alone: it has `told` how they stand."""
    if held and told:
        for one in told:
            name = f"{bench.bench_id} {one.device.replace('-', ' ')}"
            who = f"（{one.identity}）" if one.identity else "", f" ({one.identity})" if one.identity else ""
            if one.ok:
                yield Finding(name, "ok", f"有应答{who[0]}。", f"Answers{who[1]}.")
            else:
                yield Finding(name, "down", one.zh, one.en)
        return
    scale, dispenser, printer = bench.scale, bench.dispenser, bench.printer
    places = [("scale", scale.port, True)]
    places += [("dispenser", dispenser.url, False)] if dispenser else []
    places += [("printer", printer.url, True)] if printer else []
    places += [("printer 2", bench.second_printer.url, True)] if bench.second_printer else []
    for name, url, may_call in places:
        yield _device(f"{bench.bench_id} {name}", url, may_call and not held, reach)


def _device(what: str, url: str, may_call: bool, reach: Reach) -> Finding:
    parts = urlsplit(url)
    if parts.scheme in ("", "rtu", "file", "usb"):
        path = Path(parts.path)
        if parts.scheme == "usb" or path.exists() or (parts.scheme == "file" and path.parent.exists()):
            return Finding(what, "unasked", f"设置为 {url}，没有询问。", f"Set to {url}; not asked.")
        return Finding(
            what, "down", f"找不到 {url}：检查线缆和电源。", f"{url} is not there: check the cable and the power."
        )
    if not may_call:
        return Finding(
            what, "unasked", f"设置为 {url}，没有询问；状态见操作屏的设备页。",
            f"Set to {url}; not asked. The kiosk's device page knows how it stands.",
        )  # fmt: skip
    if parts.hostname and parts.port and reach(parts.hostname, parts.port):
        return Finding(what, "ok", f"{url} 有应答。", f"{url} answers.")
    return Finding(
        what, "down", f"{url} 没有应答：检查电源、网线和地址。",
        f"{url} does not answer: check power, cable and address.",
    )  # fmt: skip


def examine(settings: StoreSettings, data: Path, now: datetime, reach: Reach = reach) -> list[Finding]:
    """Every finding about a shop whose data folder is `data`."""
    if not data.exists():
        zh, en = f"没有数据文件夹 {data}。", f"There is no data folder {data}."
        return [Finding("data", "down", zh, en)]
    found, site = list(engine_findings(settings, data)), settings.shop.store_id
    try:
        with reading(settings, data) as connection, httpx.Client(trust_env=False) as client:
            found.append(database_finding(connection))
            found.append(log_finding(connection, site, _own_key(data)))
            found += register_findings(connection, site, now)
            found.append(hub_finding(connection, settings, client))
    except (FileNotFoundError, DBAPIError) as error:
        words = str(getattr(error, "orig", error))
        found.append(Finding("database", "down", f"数据库打不开：{words}", f"The database cannot be read: {words}"))
    held = running(settings, data)
    for bench in settings.benches:
        told = devices_told(data / LEARNED, bench.bench_id)
        found += device_findings(bench, held=held, reach=reach, told=told)
    return found


def _own_key(data: Path) -> VerifierKey | None:
    try:
        return load(data / "keys" / "store.key", SigningKey).verifier
    except (OSError, EvidenceError):
        return None
