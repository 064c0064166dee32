"""The supply and a life that lasts, on CPython: what is measured, when it is low, and how long the radio waits."""

import asyncio
import importlib
import sys
from types import ModuleType, SimpleNamespace
from unittest import mock

import pytest

from diagnosed import clock

_POW_U = [33, 22]
_SUPPLY = {"wifi_mv": 3200, "low_mv": 2900, "source": "a test"}


class _Adc:
    """What a test says, at the pin behind the divider."""

    def __init__(self, mv):
        self.mv = mv

    def read_uv(self):
        if self.mv is None:
            raise OSError(110)
        return self.mv * 1000 * 22 // 55


@pytest.fixture
def health():
    """app.health, with a log that is kept; what lasts is noted in `lasted`."""
    log, lent = ModuleType("app.log"), ModuleType("app.lent")
    said, lasted = [], []
    log.log = lambda subject, text: said.append(text)
    lent.module = lambda name: SimpleNamespace(lasts=lambda: lasted.append((name, clock.seconds)))
    clock.seconds = 0
    modules = {"app.log": log, "app.lent": lent, "app.clock": clock}
    named = {name.split(".")[1]: module for name, module in modules.items()}
    with mock.patch.dict(sys.modules, modules), mock.patch.multiple("app", create=True, **named):
        sys.modules.pop("app.health", None)
        health = importlib.import_module("app.health")
        health.said, health.lasted = said, lasted
        yield health


def _board(mv=None, power="bus", supply=_SUPPLY):
    adc = _Adc(mv)
    board = SimpleNamespace(data={"supply": supply}, is_bus_powered=power == "bus", adc=adc)
    board.vcc_adc = lambda: None if mv is None else (adc, _POW_U)
    return board


def _health(health, board, is_safe=False, is_starved=False):
    return health.Health(board, {}, is_safe, is_starved)


def _waited(health, one, **events):
    """Seconds for which it waits until it is charged; in them events happen, s<second>=function."""

    async def sleep(seconds):
        clock.seconds += seconds
        events.get(f"s{clock.seconds}", lambda: None)()
        one.tick()

    began = clock.seconds
    with mock.patch.object(health, "asyncio", SimpleNamespace(sleep=sleep)):
        asyncio.run(one.charged())
    return clock.seconds - began


# What is measured


@pytest.mark.parametrize("mv", [1900, 3000, 3305, 3600])
def test_the_supply_is_what_the_pin_has_times_the_divider(health, mv):
    # The pin's own mV are whole.
    assert abs(_health(health, _board(mv)).supply_mv - mv) <= 3


def test_a_board_without_a_divider_measures_nothing_and_is_never_low(health):
    one = _health(health, _board())
    assert not any(one.tick() for _ in range(100))
    assert one.supply_mv is None and not one.is_low


def test_a_pin_that_the_radio_has_taken_says_nothing(health):
    board = _board(3300)
    one = _health(health, board)
    board.adc.mv = None
    assert not one.tick()
    assert one.supply_mv is None and not one.is_low


def test_it_is_low_once_for_each_fall_and_no_more_when_it_is_well_above(health):
    board = _board(3300)
    one = _health(health, board)
    falls = []
    for mv in (3300, 2950, 2890, 2880, 2910, 2890, 2990, 2880, 3010, 2950, 2890, 2890):
        board.adc.mv = mv
        falls.append((one.tick(), one.is_low))
    low = (False, True)
    fine = (False, False)
    assert falls == [fine, fine, (True, True), low, low, low, low, low, fine, fine, (True, True), low]


@pytest.mark.parametrize("supply", [None, {"wifi_mv": 3200, "source": "a test"}])
def test_where_the_board_does_not_say_it_low_is_what_the_chip_wants(health, supply):
    board = _board(3010, supply=supply)
    one = _health(health, board)
    assert not one.tick()
    board.adc.mv = 2990
    assert one.tick()


# The radio waits


def test_on_bus_power_the_radio_waits_until_it_is_charged(health):
    board = _board(2950)
    one = _health(health, board)

    def charge():
        board.adc.mv = 3210

    assert _waited(health, one, s40=charge) == 40
    assert health.said[0].endswith("WiFi waits")
    # Another loss of the network: there is enough.
    assert _waited(health, one) == 0


def test_what_never_charges_is_tried_all_the_same_and_that_is_said(health):
    assert _waited(health, _health(health, _board(3100))) == 180
    assert health.said[-1].endswith("WiFi waits no longer")


@pytest.mark.parametrize("board", [_board(), _board(3300, supply=None)])
def test_on_bus_power_without_a_measure_or_a_threshold_the_reader_comes_first_and_then_the_radio(health, board):
    one = _health(health, board)
    assert _waited(health, one) == 10
    assert _waited(health, one) == 0


def test_on_usb_nothing_waits(health):
    assert _waited(health, _health(health, _board(power="usb"))) == 0
    assert _waited(health, _health(health, _board(3300, power="usb", supply=None))) == 0


# A life that lasts


def _live(one, seconds):
    for _ in range(seconds):
        clock.seconds += 1
        one.tick()


def test_a_life_lasts_when_it_is_five_minutes_old(health):
    one = _health(health, _board(), is_starved=True)
    _live(one, 299)
    assert one.is_starved and not health.lasted
    _live(one, 1000)
    assert not one.is_starved
    assert health.lasted == [("starts", 300)]


def test_safe_mode_proves_nothing(health):
    one = _health(health, _board(), is_safe=True)
    _live(one, 900)
    assert not health.lasted
