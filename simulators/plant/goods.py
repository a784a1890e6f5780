"""What is on the bench: products, the containers that hold them and the cup on the pan."""

from __future__ import annotations

from dataclasses import dataclass, field

VISCOSITY: dict[str, tuple[float, float]] = {
    # class: (full-speed flow mg/s, hose lag s); figures of judgement, no bench was measured
    "toner": (2000.0, 0.05),
    "serum": (1900.0, 0.12),
    "lotion": (1700.0, 0.25),
    "cream": (1300.0, 0.50),
}


@dataclass(frozen=True, slots=True)
class Product:
    """One liquid as the pump meets it. `flow_mg_s` is the mean at full speed through a new tube."""

    name: str
    viscosity: str = "serum"
    density: float = 1.0
    """g/mL, equally mg/µL."""
    flow_mg_s: float = 1900.0
    tau_s: float = 0.12
    """First-order lag of hose and nozzle; the tail after a stop is about tau × flow."""
    drip_probability: float = 0.28
    """That a drop of 20–30 mg hangs on the nozzle after a stop and falls 0.2–1.2 s later."""
    pulsation: float = 0.05
    slip: float = 0.03
    """Share by which the flow per turn grows from full speed towards standstill."""
    spread: float = 0.015
    """Standard deviation of the flow from dose to dose."""

    @classmethod
    def of_class(cls, name: str, viscosity: str, density: float = 1.0) -> Product:
        """A product with the flow and lag of its viscosity class; KeyError for an unknown class."""
        flow, tau = VISCOSITY[viscosity]
        return cls(name, viscosity, density, flow, tau)


@dataclass(slots=True)
class Container:
    """A bottle or cartridge of finite mass."""

    product: Product
    mass_mg: float
    lost_mg: float = 0.0
    """All that was ever drawn, net of what was sucked back."""

    def draw(self, wanted_mg: float) -> float:
        """Take up to `wanted_mg`; the mass really taken (0 when empty)."""
        taken = wanted_mg if wanted_mg < self.mass_mg else self.mass_mg
        self.mass_mg -= taken
        self.lost_mg += taken
        return taken

    def give_back(self, mg: float) -> None:
        self.mass_mg += mg
        self.lost_mg -= mg


@dataclass(slots=True)
class Cup:
    """A pack on the pan; contents by product name in mg."""

    cup_id: str
    tare_mg: float
    pack: str = ""
    contents: dict[str, float] = field(default_factory=dict)
    content_mg: float = 0.0

    def receive(self, product: str, mg: float) -> None:
        self.contents[product] = self.contents.get(product, 0.0) + mg
        self.content_mg += mg


DEFAULT_PRODUCTS: tuple[Product, ...] = (
    Product.of_class("lotion", "lotion", 1.00),
    Product.of_class("serum-a", "serum", 1.02),
    Product.of_class("serum-b", "serum", 1.03),
    Product.of_class("toner", "toner", 1.01),
)
