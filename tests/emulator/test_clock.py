"""The clock that a request holds."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from emulator.clock import HeldClock, ManualClock


def test_a_held_clock_stands_still_for_its_holder_and_goes_on_for_others() -> None:
    """A long request must not stop the time that the others are told."""
    inner = ManualClock(1000)
    clock = HeldClock(inner)
    with ThreadPoolExecutor(1) as pool, clock.held() as moment:
        inner.advance(5)
        assert (moment, clock.now_ms()) == (1000, 1000)
        assert pool.submit(clock.now_ms).result() == 1005
    assert clock.now_ms() == 1005


def test_holding_twice_is_holding_once() -> None:
    """A request may cause another one."""
    inner = ManualClock(1000)
    clock = HeldClock(inner)
    with clock.held():
        inner.advance(5)
        with clock.held() as moment:
            assert moment == 1000
        assert clock.now_ms() == 1000


def test_a_held_clock_is_advanced_with_the_one_inside() -> None:
    """An operator's step is no passing of time."""
    inner = ManualClock(1000)
    clock = HeldClock(inner)
    with clock.held():
        clock.advance(60)
        assert clock.now_ms() == inner.now_ms() == 1060
