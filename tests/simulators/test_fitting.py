"""A bench with other devices tells the settings for them, and a shop made of these settings doses with it: sockets."""

from __future__ import annotations

import asyncio
import logging
import time
import tomllib
from collections.abc import Iterator
from dataclasses import replace

import pytest

from device_drivers.dosing.dose import run_dose
from device_drivers.dosing.estimator import ScaleModel
from device_drivers.dosing.learning import Learned
from device_drivers.dosing.plan import DosePlan, DoseResult, Outcome
from simulators.bench import running_bench
from simulators.fitting import as_toml, sections
from simulators.wire.languages import LANGUAGES
from simulators.wire.pumps import MODELS
from store_service.demo.fitted import fitted
from store_service.equipment import devices
from store_service.settings import read_store
from tests.benches import CONFIG

SPEED = 2.0
SHORT = (("sbi", "kamoer"), ("a_and_d", "demo_quad"))
LONG = (
    ("ohaus", "dulco_flex"),
    ("laumas", "watson_marlow_520"),
    ("tuna_id551", "jbt"),
    ("mt_sics", "runze_sy01b"),
    ("sbi_brackets", "longer_l100_1s2"),
    ("sbi_16", "longer_l100_board"),
)


@pytest.fixture(autouse=True)
def quiet() -> Iterator[None]:
    logging.getLogger("pymodbus").setLevel(logging.CRITICAL + 1)
    yield
    logging.getLogger("pymodbus").setLevel(logging.NOTSET)


@pytest.mark.parametrize(("scale", "pump"), [*SHORT, *(pytest.param(*one, marks=pytest.mark.soak) for one in LONG)])
def test_a_shop_with_other_devices_doses(scale: str, pump: str) -> None:
    with running_bench(speed=SPEED, scale_language=scale, pump_model=pump) as bench:
        told = sections(bench.bench.settings, bench.addresses)
        assert tomllib.loads(as_toml(told)) == {"benches": told}
        made = fitted(read_store(CONFIG / "store.toml").benches[0], told)
        assert made.dispenser is not None and made.dispenser.map == pump

        async def main() -> DoseResult:
            weigher, feeder = devices.scale(made.scale), devices.dispenser(made.dispenser)
            await weigher.connect()
            await feeder.connect()
            bench.do(lambda plant: plant.cup_on(20_000.0))
            await asyncio.sleep(1.0)
            gross = (await weigher.weigh(stable=True, timeout_s=6.0)).mass_mg
            assert gross is not None
            plan = DosePlan(
                2, 2_500, 150, 150, 4_000, gross, 1_020, 220_000, 40.0, 0.8,
                suck_back_ms=min(20, feeder.suck_back_most_ms),
            )  # fmt: skip
            model = ScaleModel(d_mg=1, noise_mg=2)
            result = await run_dose(
                plan, weigher, feeder, time.monotonic, asyncio.sleep, Learned.fresh(1_020), scale_model=model
            )
            await feeder.close()
            await weigher.close()
            return result

        result = asyncio.run(main())
        truth = bench.do(lambda plant: plant.cup.content_mg)
    assert result.outcome is Outcome.DONE
    assert result.landed_mg is not None and abs(result.landed_mg - truth) <= 40


def test_every_device_of_the_help_has_settings_that_a_shop_reads() -> None:
    base = read_store(CONFIG / "store.toml").benches[0]
    with running_bench() as bench:
        for language in LANGUAGES:
            for pump in MODELS:
                chosen = replace(bench.bench.settings, scale_language=language, pump_model=pump)
                made = fitted(base, sections(chosen, replace(bench.addresses, relay_port=4005)))
                assert devices.scale(made.scale) is not None
                assert made.dispenser is not None and devices.dispenser(made.dispenser).ends_by_itself
