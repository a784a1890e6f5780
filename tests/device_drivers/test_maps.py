from pathlib import Path

import pytest

from device_drivers.dispensers.base import ChannelState
from device_drivers.dispensers.maps import MapError, load_map

MAPS = Path(__file__).parents[2] / "device_drivers" / "dispensers" / "maps"


def test_demo_quad_as_its_maker_states_it() -> None:
    quad = load_map("demo_quad")
    assert (quad.provenance, quad.channels, quad.model_expect, quad.word_order) == ("simulated", 4, 0x5144, "big")
    assert [quad.base(n) for n in (1, 4)] == [0x100, 0x400]
    assert quad.ends_by_itself == ("bounded_dose", "watchdog")
    assert quad.watchdog_ms == 500
    assert quad.channel.states[5] is ChannelState.WATCHDOG
    with pytest.raises(ValueError, match="channels 1 to 4"):
        quad.base(5)


@pytest.mark.parametrize("path", sorted(MAPS.glob("*.toml")), ids=lambda p: p.stem)
def test_every_map_loads_under_its_own_name_and_states_its_source(path: Path) -> None:
    loaded = load_map(path.stem)
    assert loaded.name == path.stem and loaded.source


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ('ends_by_itself = ["bounded_dose", "watchdog"]', "", "ends_by_itself"),
        ('style = "counted"', 'style = "magic"', "magic"),
        ('ends_by_itself = ["bounded_dose", "watchdog"]', 'ends_by_itself = ["hope"]', "ends_by_itself"),
        ("set_ms = 500", "set_ms = 0", "disables"),
        ('provenance = "simulated"', 'provenance = "guessed"', "provenance"),
        ('word_order = "big"', 'word_order = "middle"', "word_order"),
        ("counter = 8", "", "counter"),
        ('6 = "reversing"', '6 = "dancing"', "dancing"),
    ],
)
def test_a_map_that_cannot_be_trusted_is_refused(tmp_path: Path, old: str, new: str, words: str) -> None:
    text = (MAPS / "demo_quad.toml").read_text(encoding="utf-8")
    assert old in text
    (tmp_path / "bad.toml").write_text(text.replace(old, new), encoding="utf-8")
    with pytest.raises(MapError, match=words):
        load_map("bad", tmp_path)


def test_an_unknown_map_names_those_that_exist() -> None:
    with pytest.raises(MapError, match="demo_quad"):
        load_map("no_such")
