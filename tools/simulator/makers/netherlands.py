"""The Netherlands: the telegrams of DSMR 2.2, 4 and 5 (P1 companion standards 2.2, 4.2.2, 5.0.2)."""

from simulator.clock import Clock
from simulator.dsmr import (
    EQUIPMENT,
    GAS,
    HEAT,
    TARIFF,
    WATER,
    absent_meter,
    failure_log,
    meter_behind,
    old_gas_meter,
)
from simulator.line import Line
from simulator.maker import FOUR_WIRE, ONE_PHASE, Every, MeterType
from simulator.makers.sweden import P1_SE
from simulator.registers import CURRENTS, VOLTAGES, by_phase
from simulator.telegrams import CHECKS, Number, Telegram

GAS_METER_ID = "SYN0002"
ENERGIES_BY_TARIFF = ("energy_import_t1_wh", "energy_import_t2_wh", "energy_export_t1_wh", "energy_export_t2_wh")
HEAD = (EQUIPMENT, *ENERGIES_BY_TARIFF, TARIFF, "power_import_w", "power_export_w")
CUBIC_METRES = Number(5, 3, "m3")
GIGAJOULES = Number(5, 3, "GJ")
GAS_5_MIN = meter_behind(1, GAS, GAS_METER_ID, "gas_dm3", CUBIC_METRES, 5)
GAS_HOURLY = meter_behind(1, GAS, GAS_METER_ID, "gas_dm3", CUBIC_METRES, 60)

DSMR5 = Telegram(
    ident="XXX5\\SYN5000",
    lines=(
        "1-3:0.2.8(50)",
        "timestamp",
        *HEAD,
        "0-0:96.7.21(00004)",
        "0-0:96.7.9(00002)",
        "1-0:99.97.0(1)(0-0:96.7.19)(231208152415W)(0000000240*s)",
        "1-0:32.32.0(00002)",
        "1-0:32.36.0(00000)",
        "0-0:96.13.0()",
        "l1_voltage_v",
        "l1_current_a",
        "l1_power_import_w",
        "l1_power_export_w",
        GAS_5_MIN,
    ),
    numbers={
        "w": Number(2, 3, "kW"),
        "wh": Number(6, 3, "kWh"),
        "v": Number(3, 1, "V"),
        "a": Number(3, 0, "A"),
    },
    clock=Clock(follows_summer_time=True),
)
# Everything that a telegram may have: three phases, three meters behind it and a fourth that was never read, a log of
# power failures, the longest message to the customer.
LONGEST = DSMR5._replace(
    lines=(
        "1-3:0.2.8(50)",
        "timestamp",
        *HEAD,
        "0-0:96.7.21(00123)",
        "0-0:96.7.9(00040)",
        failure_log(10),
        f"0-0:96.13.1({'3031323334353637' * 16})",
        f"0-0:96.13.0({'3031323334353637' * 128})",
        *VOLTAGES,
        *CURRENTS,
        *by_phase("power_import_w"),
        *by_phase("power_export_w"),
        GAS_5_MIN,
        meter_behind(2, WATER, "SYN0003", "water_dm3", CUBIC_METRES, 60),
        meter_behind(3, HEAT, "SYN0004", "heat_mj", GIGAJOULES, 60),
        absent_meter(4, GAS),
    )
)
# From captured telegrams (dsmr-parser's tests): one phase, the gas meter read every hour.
DSMR4 = DSMR5._replace(
    ident="XXX5\\SYN4000",
    lines=(
        "1-3:0.2.8(42)",
        "timestamp",
        *HEAD,
        "0-0:96.7.21(00015)",
        "0-0:96.7.9(00007)",
        failure_log(3),
        "1-0:32.32.0(00000)",
        "1-0:32.36.0(00000)",
        "0-0:96.13.1(3031203631203831)",
        "0-0:96.13.0()",
        "l1_current_a",
        "l1_power_import_w",
        "l1_power_export_w",
        GAS_HOURLY,
    ),
)
# No check, no clock; powers in 10 W.
DSMR2 = DSMR5._replace(
    ident="XXX5\\SYN2200",
    lines=(
        *HEAD,
        "0-0:17.0.0(0999.00*kW)",
        "0-0:96.3.10(1)",
        "0-0:96.13.1()",
        "0-0:96.13.0()",
        old_gas_meter(GAS_METER_ID),
    ),
    numbers={"w": Number(4, 2, "kW"), "wh": Number(5, 3, "kWh")},
    check=CHECKS["none"],
)
SLOW_LINE = Line(9600, 7, "E", 1, is_inverted=True)

P1_NL = P1_SE._replace(
    name="P1 (NL)",
    meter_id="SYN0001",
    message=DSMR5,
    schedule=Every(1000),
    types=(
        MeterType("dsmr5", "", ONE_PHASE, changes={"message": DSMR5}),
        MeterType("dsmr5-longest", "", FOUR_WIRE, changes={"message": LONGEST}),
        MeterType("dsmr4", "", ONE_PHASE, changes={"message": DSMR4, "schedule": Every(10_000)}),
        MeterType("dsmr2", "", ONE_PHASE, changes={"message": DSMR2, "schedule": Every(10_000), "line": SLOW_LINE}),
    ),
)
