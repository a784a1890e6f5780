from hypothesis import given, settings
from hypothesis import strategies as st

from device_drivers.framing import FrameSplitter

_FRAMES = st.lists(st.binary(min_size=1, max_size=30).filter(lambda b: b"\r" not in b and b"\n" not in b), max_size=8)


@settings(deadline=None)
@given(_FRAMES, st.data())
def test_split_anywhere_the_frames_are_the_same(frames: list[bytes], data: st.DataObject) -> None:
    stream = b"".join(frame + b"\r\n" for frame in frames)
    splitter, got, at = FrameSplitter(), [], 0.0
    while stream:
        size = data.draw(st.integers(1, len(stream)))
        at += 1.0
        got += splitter.feed(stream[:size], at)
        stream = stream[size:]
    assert [frame.raw for frame in got] == frames
    assert [frame.at for frame in got] == sorted(frame.at for frame in got)


def test_only_the_newest_of_a_batch_can_be_dated() -> None:
    frames = FrameSplitter().feed(b"a\r\nb\r\nc\r\nd", 7.0)
    assert [(f.raw, f.newest) for f in frames] == [(b"a", False), (b"b", False), (b"c", True)]


def test_endless_noise_is_dropped_and_the_next_frame_is_found() -> None:
    splitter = FrameSplitter()
    assert splitter.feed(b"\xff" * 100_000, 1.0) == []
    frames = splitter.feed(b"\r\nS S      1.000 g\r\n", 2.0)
    assert frames[-1].raw == b"S S      1.000 g"
    assert len(frames[0].raw) <= 512
