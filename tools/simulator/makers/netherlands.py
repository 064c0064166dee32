"""The Netherlands: the telegram of a one-phase meter with a gas meter (DSMR 5.0.2, P1 companion standard)."""

from datetime import timedelta

from simulator.clock import Clock
from simulator.maker import ONE_PHASE, Every
from simulator.makers.sweden import P1_SE, p1_types
from simulator.telegrams import Number, Telegram, dsmr_time

GAS_METER_ID = "SYN0002"
GAS_STEP_MIN = 5


def hexadecimal(text):
    """Equipment ids are the hexadecimal digits of their ASCII codes."""
    return text.encode("ascii").hex().upper()


def equipment(readings):
    return f"0-0:96.1.1({hexadecimal(readings['meter_id'])})"


def tariff(readings):
    return f"0-0:96.14.0({readings['tariff']:04})"


def gas(readings):
    """The gas meter's register, with the time at which it was read."""
    now = readings["timestamp"]
    read = now - timedelta(minutes=now.minute % GAS_STEP_MIN, seconds=now.second)
    when = dsmr_time({**readings, "timestamp": read})
    return f"0-1:24.2.1({when})({Number(5, 3, 'm3').text(readings['gas_dm3'])})"


DSMR5 = Telegram(
    ident="XXX5\\SYN5000",
    lines=(
        "1-3:0.2.8(50)",
        "timestamp",
        equipment,
        "energy_import_t1_wh",
        "energy_import_t2_wh",
        "energy_export_t1_wh",
        "energy_export_t2_wh",
        tariff,
        "power_import_w",
        "power_export_w",
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
        "0-1:24.1.0(003)",
        f"0-1:96.1.0({hexadecimal(GAS_METER_ID)})",
        gas,
    ),
    numbers={
        "w": Number(2, 3, "kW"),
        "wh": Number(6, 3, "kWh"),
        "v": Number(3, 1, "V"),
        "a": Number(3, 0, "A"),
    },
    clock=Clock(follows_summer_time=True),
)
P1_NL = P1_SE._replace(
    name="P1 (NL)",
    meter_id="SYN0001",
    message=DSMR5,
    schedule=Every(1000),
    types=tuple(kind._replace(network=ONE_PHASE) for kind in p1_types(dsmr5=DSMR5)),
)
