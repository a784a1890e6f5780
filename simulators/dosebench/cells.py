"""What is dosed: products, targets, tolerances and the variations that no controller was tuned for."""

from __future__ import annotations

from dataclasses import dataclass, replace

from simulators.plant import Product, ScaleSpec

TARGETS_MG = (500, 2_000, 10_000, 30_000)
PRODUCTS = (
    replace(Product.of_class("toner", "toner"), drip_probability=0.35),
    replace(Product.of_class("serum", "serum"), drip_probability=0.30),
    replace(Product.of_class("lotion", "lotion"), drip_probability=0.25),
    replace(Product.of_class("cream", "cream"), drip_probability=0.20),
)
SCALE = ScaleSpec(settle_s=0.482, transport_s=0.040, rate_hz=10.0, d_mg=10, sigma_mg=6.0)
SUCK_BACK_MS = 20
COLD = 10
"""Doses at the start of each cell that are reported apart."""


@dataclass(frozen=True, slots=True)
class Variation:
    """A change of the plant that the controller is not told of. `wear_step`: a new tube in the middle of the run.

    `flow` is the pump's displacement per second; `pace` how fast the whole plant runs against the controller's clock.
    """

    name: str
    scale: ScaleSpec = SCALE
    lag: float = 1.0
    density: float = 1.0
    wear_step: bool = False
    vibration_mg: float = 0.0
    flow: float = 1.0
    pace: float = 1.0


STANDARD = Variation("standard")
HELD_OUT = (
    Variation("viscosity x2", lag=2.0),
    Variation("filter 4 Hz", scale=replace(SCALE, settle_s=0.242)),
    Variation("filter 1 Hz", scale=replace(SCALE, settle_s=0.963)),
    Variation("wear step", wear_step=True),
    Variation("vibration", vibration_mg=40.0),
    Variation("stream 23 Hz", scale=replace(SCALE, rate_hz=23.0)),
    Variation("density 0.85", density=0.85),
    Variation("density 1.2", density=1.2),
    Variation("flow x2", flow=2.0),
    Variation("flow x0.5", flow=0.5),
    Variation("plant x2 as fast", pace=2.0),
)


@dataclass(frozen=True, slots=True)
class Cell:
    """A run of doses of one product at one target through one nozzle. Everybody believes a density of 1 g/mL."""

    product: Product
    target_mg: int
    suck_back: bool
    variation: Variation = STANDARD

    @property
    def tol_mg(self) -> float:
        return max(30.0, self.target_mg / 200.0)

    @property
    def suck_back_ms(self) -> int:
        return SUCK_BACK_MS if self.suck_back else 0

    @property
    def true_product(self) -> Product:
        """The pump displaces the same volume whatever the density, so the flow in mg goes with it."""
        made, changed = self.product, self.variation
        return replace(
            made,
            density=changed.density,
            flow_mg_s=made.flow_mg_s * changed.density * changed.flow,
            tau_s=made.tau_s * changed.lag,
        )

    def luck(self, seed: str, dose: int) -> str:
        """What decides the randomness of one dose; the controller and the nozzle are not part of it."""
        return f"{seed}/{self.product.name}/{self.target_mg}/{self.variation.name}/{dose}"

    def wear(self, dose: int, doses: int) -> float:
        """The share of the flow lost: 10 % in equal steps over the run, none again after a new tube."""
        half = doses // 2
        share = dose / doses
        return 0.10 * (share if not self.variation.wear_step or dose < half else share - 0.5)


def cells(suck_back: bool, targets: tuple[int, ...] = TARGETS_MG, variation: Variation = STANDARD) -> list[Cell]:
    """One cell for each product and target."""
    return [Cell(product, target, suck_back, variation) for target in targets for product in PRODUCTS]
