"""What the doctor looks at, in a shopkeeper's words."""

from __future__ import annotations

TITLES = {
    "sqlite": ("数据库程序", "database library"),
    "disk": ("磁盘", "disk"),
    "keys": ("密钥", "keys"),
    "service": ("门店程序", "shop's service"),
    "database": ("数据库", "database"),
    "log": ("记录簿", "log"),
    "hub": ("总部", "head office"),
    "scale": ("秤", "scale"),
    "dispenser": ("加料泵", "pump"),
    "printer": ("标签打印机", "label printer"),
    "printer 2": ("备用打印机", "second printer"),
    "register products": ("登记表：产品", "register of products"),
    "register lots": ("登记表：原料批", "register of lots"),
    "register envelopes": ("登记表：配方范围", "register of envelopes"),
    "register roster": ("登记表：名单", "register of shops"),
    "register staff": ("登记表：人员", "register of staff"),
    "register rules": ("登记表：规则", "register of rules"),
    "register readiness": ("登记表：准备", "register of readiness"),
    "data": ("数据文件夹", "data folder"),
}


def title(what: str) -> str:
    """Chinese · English; of a device with its bench before it."""
    known = TITLES.get(what)
    bench, _, device = ("", "", "") if known else what.partition(" ")
    zh, en = known or TITLES.get(device, (what, ""))
    return " ".join(one for one in (bench if device in TITLES else "", zh, f"· {en}" if en else "") if one)
