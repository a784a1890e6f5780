"""What `store-service devices probe` does: keeps away from dispensers and printers, then asks who is there."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from device_drivers.scales.probe import Found, Probed, probe
from store_service.settings import StoreSettings

PRINTERS_PORT = 9100
Told = tuple[dict[str, Any], str, bool]


def probe_scale(
    url: str,
    settings: StoreSettings | None,
    listen_only: bool,
    unit: int,
    framing: str | None,
    on_step: Callable[[str], None],
) -> Told:
    """The result for JSON, in words, and whether a scale was found. ValueError for an address that is no scale's."""
    taken = _taken(url, settings)
    if taken is not None:
        zh, en = taken
        return {"port": url, "found": None, "sent": [], "zh": zh, "en": en}, f"{zh}\n{en}", False
    probed = asyncio.run(probe(url, listen_only, unit, framing, on_step))
    zh, en = _words(probed, listen_only)
    found = probed.found
    result = {
        "port": url,
        "found": asdict(found) if found else None,
        "sent": list(probed.sent),
        "strange": list(probed.strange),
        "zh": zh,
        "en": en,
    }
    lines = [zh, en]
    if found is not None:
        lines += ["", "[benches.scale]", *_toml(url, found)]
    lines += [f"sent: {one}" for one in probed.sent] or ["sent: nothing"]
    lines += [f"came: {one}" for one in probed.strange]
    return result, "\n".join(lines), found is not None


def _place(url: str) -> str:
    """The same device has the same place, whatever scheme its address is written with."""
    parts = urlsplit(url)
    return parts.netloc.replace("localhost", "127.0.0.1") or str(Path(parts.path).resolve())


def _taken(url: str, settings: StoreSettings | None) -> tuple[str, str] | None:
    if urlsplit(url).port == PRINTERS_PORT:
        return f"{url}：9100 是打印机的端口，不发送任何内容。", f"{url}: 9100 is the printers' port; nothing was sent."
    for bench in settings.benches if settings else ():
        others = (("泵", "dispenser", bench.dispenser), ("打印机", "printer", bench.printer))
        for zh, en, device in others:
            if device is not None and _place(device.url) == _place(url):
                return (
                    f"{url} 在配置里是 {bench.bench_id} 的{zh}：不发送任何内容。",
                    f"{url} is {bench.bench_id}'s {en} in the configuration: nothing was sent.",
                )
    return None


def _words(probed: Probed, listen_only: bool) -> tuple[str, str]:
    found = probed.found
    if found is not None:
        line = f" · {found.framing}" if found.framing else ""
        name = f"{found.driver} {found.map or ''}".strip()
        zh = f"{probed.port}：找到天平，语言 {name}{line}。"
        en = f"{probed.port}: a scale, language {name}{line}."
        if not found.proven:
            zh += "这些寄存器里的数可能是质量，但无法证明：请看铭牌。"
            en += " These registers may be a weight; nothing in them proves it: look at the name plate."
        if found.missing:
            zh += f"线路上没有这些信息，请按天平的显示填写：{'、'.join(found.missing)}。"
            en += f" The wire does not tell {', '.join(found.missing)}: state it as the scale shows it."
        if found.maybe:
            zh += f"也可能是 {'、'.join(found.maybe)}：请看铭牌。"
            en += f" It could also be {', '.join(found.maybe)}: look at the name plate."
        return zh, en
    if probed.strange:
        return (
            f"{probed.port}：有设备应答，但不是已知的天平。检查通信设置，或确认这是哪台设备。",
            f"{probed.port}: something is there and it is no scale known here. Check settings, or which device it is.",
        )
    if probed.error is not None:
        return f"{probed.port}：{probed.error.words_zh}", f"{probed.port}: {probed.error.words_en}"
    asked = ("没有收到任何数据。", "nothing was heard.") if listen_only else ("没有应答。", "nothing answered.")
    return (
        f"{probed.port}：{asked[0]}检查电源、线缆、波特率，以及天平的接口是否设为“主机”模式。",
        f"{probed.port}: {asked[1]} Check power, cable, speed, and that the scale's interface is set to host mode.",
    )


def _toml(url: str, found: Found) -> list[str]:
    rows = [f'driver = "{found.driver}"', f'port = "{url}"']
    rows += [f'framing = "{found.framing}"'] if found.framing else []
    rows += [f'map = "{found.map}"'] if found.map else []
    return rows + [f"{name} = …" for name in found.missing]
