"""Belgium: Fluvius' telegram, with the monthly peak and its history (e-MUCS P1 1.7.1); gas and water behind it."""

from simulator.dsmr import (
    EQUIPMENT,
    GAS,
    MONTH_PEAK,
    QUARTER_POWER,
    TARIFF,
    WATER,
    meter_behind,
    peak_history,
)
from simulator.maker import FOUR_WIRE, ONE_PHASE, MeterType
from simulator.makers.netherlands import CUBIC_METRES, DSMR5, ENERGIES_BY_TARIFF, P1_NL
from simulator.registers import CURRENTS, VOLTAGES, by_phase
from simulator.telegrams import Number

HEAD = (
    "0-0:96.1.4(50221)",
    EQUIPMENT,
    "0-0:96.1.2(353431343430303030303030303030303031)",
    "timestamp",
    *ENERGIES_BY_TARIFF,
    TARIFF,
    QUARTER_POWER,
    MONTH_PEAK,
    peak_history(13),
    "power_import_w",
    "power_export_w",
)
TAIL = (
    "0-0:96.3.10(1)",
    "0-0:17.0.0(999.9*kW)",
    "1-0:31.4.0(999*A)",
    "0-0:96.13.0()",
    # Not corrected for its temperature, so under another code.
    meter_behind(1, GAS, "SYN0002", "gas_dm3", CUBIC_METRES, 5, "24.2.3", "96.1.1"),
    meter_behind(2, WATER, "SYN0003", "water_dm3", CUBIC_METRES, 60, "24.2.1", "96.1.1"),
)
FLUVIUS = DSMR5._replace(
    ident="FLU5\\000000001_A",
    lines=(
        *HEAD,
        *by_phase("power_import_w"),
        *by_phase("power_export_w"),
        *VOLTAGES,
        *CURRENTS,
        *TAIL,
    ),
    numbers={**DSMR5.numbers, "a": Number(3, 2, "A")},
)
ONE = tuple(line for line in FLUVIUS.lines if not (isinstance(line, str) and line.startswith(("l2_", "l3_"))))

P1_BE = P1_NL._replace(
    name="P1 (BE)",
    message=FLUVIUS,
    types=(
        MeterType("fluvius", "", FOUR_WIRE, changes={"message": FLUVIUS}),
        MeterType("fluvius-1", "", ONE_PHASE, changes={"message": FLUVIUS._replace(lines=ONE)}),
    ),
)
