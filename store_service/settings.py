"""What a shop's store.toml and head office's hub.toml say. Every name of a setting is explained in those files."""

from __future__ import annotations

import tomllib
from datetime import date
from pathlib import Path
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

ROOT = Path(__file__).resolve().parent.parent


class Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class StoreLicence(Section):
    number: str
    scope: str
    valid_to: date


class Shop(Section):
    store_id: str
    name_zh: str
    name_en: str
    address: str
    phone: str
    province: str
    ownership: str
    roster_doc: str
    store_licence: StoreLicence | None = None


class Listen(Section):
    kiosk: str
    phones: str


class HubLink(Section):
    url: str
    token_file: str
    keys_file: str


class Demo(Section):
    bench_url: str
    documents: str


class ScaleSettings(Section):
    scale_id: str
    driver: Literal["mt_sics", "sbi", "a_and_d", "ohaus", "toledo_8217", "modbus_indicator"]
    port: str
    framing: str = "9600 8N1"
    map: str | None = None
    unit: int = 1
    mass_unit: str | None = None
    decimals: int | None = None
    certificate_no: str | None = None
    verified_to: date | None = None
    resolution_mg: int
    e_mg: int | None = None
    check_weights_mg: tuple[int, ...] = (20_000, 100_000)
    repeatability_mg: int
    max_gross_mg: int

    @model_validator(mode="after")
    def _two_weights(self) -> Self:
        weights = self.check_weights_mg
        if len(set(weights)) < 2 or len(set(weights)) < len(weights) or min(weights) <= 0:
            raise ValueError("check_weights_mg: two different test weights are needed (R-BLD-10)")
        if max(weights) > self.max_gross_mg:
            raise ValueError("check_weights_mg: a test weight is above max_gross_mg")
        return self

    @property
    def check_limit_mg(self) -> int:
        """How far a test weight may read off (R-BLD-10): the verification interval e, the step d where no e is told,
        and never less than d, which is all that the scale can show."""
        return max(self.e_mg or 0, self.resolution_mg)


class RelaySettings(Section):
    url: str
    map: str
    unit: int | None = None
    output: int = 1
    framing: str | None = None


class DispenserSettings(Section):
    url: str
    map: str
    unit: int | None = None
    units: tuple[int, ...] = ()
    framing: str | None = None
    ul_per_rev: int | None = None
    relay: RelaySettings | None = None


class PrinterSettings(Section):
    url: str
    language: Literal["escpos", "tspl", "zpl"]
    dpi: Literal[203, 300]
    stock: str
    gap_mm: float | None = 2.0
    density: int | None = None


LEAFLETS = "leaflet"
"""The stock of a printer that has the leaflets' continuous paper, 72 mm wide."""


class BenchSettings(Section):
    bench_id: str
    scale: ScaleSettings
    dispenser: DispenserSettings | None = None
    printer: PrinterSettings | None = None
    second_printer: PrinterSettings | None = None

    @model_validator(mode="after")
    def _same_stock(self) -> Self:
        first, second = self.printer, self.second_printer
        if second is not None and (first is None or second.stock not in (first.stock, LEAFLETS)):
            raise ValueError("second_printer: it stands in for [benches.printer] and holds the same stock, or leaflets")
        if self.leaflets_apart and first is not None and second is not None and first.dpi != second.dpi:
            raise ValueError("second_printer: leaflets are laid out with the labels, for the same dpi")
        return self

    @property
    def leaflets_apart(self) -> bool:
        """The second printer does not stand in: it prints the leaflets of small packs (R-LAB-04)."""
        return self.second_printer is not None and self.second_printer.stock == LEAFLETS

    @property
    def dpi(self) -> int:
        """For which labels are laid out: the first printer's."""
        return self.printer.dpi if self.printer else 203


class StoreSettings(Section):
    filer_id: str
    public_base: str
    log_origin: str
    database: str
    shop: Shop
    listen: Listen
    benches: tuple[BenchSettings, ...]
    hub: HubLink | None = None
    demo: Demo | None = None


class StoreAtHub(Section):
    store_id: str
    log_origin: str
    token_file: str
    log_key_file: str


class PersonAtHub(Section):
    staff_id: str
    name_zh: str
    name_en: str
    roles: tuple[Literal["admin", "quality"], ...]
    token_file: str


class HubSettings(Section):
    filer_id: str
    name_zh: str
    name_en: str
    phone: str
    public_base: str
    listen: str
    database: str
    witness_name: str
    key_name: str
    validity_hours: dict[str, int]
    people: tuple[PersonAtHub, ...]
    stores: tuple[StoreAtHub, ...]


class Places(BaseSettings):
    """Where the files are. Each may be set by an environment variable, e.g. STORE_DATA=/var/lib/store-service."""

    model_config = SettingsConfigDict(env_prefix="STORE_", extra="ignore")

    config: Path = ROOT / "config"
    data: Path = Path("data")


def read_store(path: Path) -> StoreSettings:
    """Raises pydantic's ValidationError, which names the setting, and tomllib's for malformed TOML."""
    return StoreSettings.model_validate(tomllib.loads(path.read_text("utf-8")))


def read_hub(path: Path) -> HubSettings:
    return HubSettings.model_validate(tomllib.loads(path.read_text("utf-8")))


def database_url(url: str, data: Path) -> str:
    """A relative SQLite path is one in the data folder."""
    prefix = "sqlite:///"
    return f"{prefix}{data / url.removeprefix(prefix)}" if url.startswith(prefix) else url
