"""Lines of DSMR telegrams beside the meter's plain registers: what makers of several countries share.

Each is an Extra, or a function that makes one. DSMR 5.0.2 is the P1 companion standard; e-MUCS P1 is Fluvius' of it.
"""

from datetime import timedelta

from simulator.clock import is_summer_time, meter_clock
from simulator.telegrams import Extra, Number, dsmr_time

GAS, HEAT, WATER = 3, 4, 7  # device types (EN 13757-3)
NEVER_READ = "632525252525S"  # the time of a meter that has not been reached


def hexadecimal(text):
    """Equipment ids are the hexadecimal digits of their ASCII codes."""
    return text.encode("ascii").hex().upper()


def _same(key):
    return lambda readings: {key: readings[key]}


EQUIPMENT = Extra(lambda readings: f"0-0:96.1.1({hexadecimal(readings['meter_id'])})", _same("meter_id"))
TARIFF = Extra(lambda readings: f"0-0:96.14.0({readings['tariff']:04})", _same("tariff"))
QUARTER_POWER = Extra(
    lambda readings: f"1-0:1.4.0({Number(2, 3, 'kW').text(readings['quarter_power_w'])})", _same("quarter_power_w")
)


def _local(second):
    """What dsmr_time() takes, of a moment of Unix time."""
    return {"timestamp": meter_clock(second, True), "is_summer_time": is_summer_time(second)}


def _month_peak(readings):
    when = dsmr_time(_local(readings["month_peak_s"]))
    return f"1-0:1.6.0({when})({Number(2, 3, 'kW').text(readings['month_peak_w'])})"


MONTH_PEAK = Extra(
    _month_peak,
    lambda readings: {
        "month_peak_w": readings["month_peak_w"],
        "month_peak_timestamp": meter_clock(readings["month_peak_s"], True).isoformat(),
    },
)


def peak_history(months):
    """The highest quarters of the last months, as Fluvius' meters say them; nobody reads these."""
    starts = [f"{20 + i // 12:02}{1 + i % 12:02}" for i in range(months)]
    rows = "".join(f"({start}01000000W)({start}01101500W)({3 + i / 7:06.3f}*kW)" for i, start in enumerate(starts))
    return f"0-0:98.1.0({months})(1-0:1.6.0)(1-0:1.6.0){rows}"


def failure_log(failures):
    """The log of long power failures, which grows."""
    rows = "".join(f"({20 + i // 12:02}{1 + i % 12:02}08152415W)({240 + i:010}*s)" for i in range(failures))
    return f"1-0:99.97.0({failures})(0-0:96.7.19){rows}"


def meter_behind(channel, kind, meter_id, amount, number, step_min, code="24.2.1", id_code="96.1.0"):
    """A meter on a channel: its type, its number, and what it showed when it was read last.

    `amount` is the readings' name for what it counts, in thousandths; `number` how that is printed.
    """
    key, what = {GAS: ("gas_m3", "gas"), HEAT: ("heat_gj", "heat"), WATER: ("water_m3", "water")}[kind]

    def text(readings):
        value = number.text(readings[amount])
        return "\r\n".join(
            (
                f"0-{channel}:24.1.0({kind:03})",
                f"0-{channel}:{id_code}({hexadecimal(meter_id)})",
                f"0-{channel}:{code}({dsmr_time(_read_at(readings, step_min))})({value})",
            )
        )

    return Extra(text, lambda readings: _behind(key, what, meter_id, readings, amount, step_min))


def old_gas_meter(meter_id):
    """As meter_behind(), up to DSMR 3: without summer time, the number on a line of its own."""

    def text(readings):
        when = dsmr_time(_read_at(readings, 60))[:-1]
        return "\r\n".join(
            (
                f"0-1:96.1.0({hexadecimal(meter_id)})",
                "0-1:24.1.0(03)",
                f"0-1:24.3.0({when})(00)(60)(1)(0-1:24.2.0)(m3)",
                f"({readings['gas_dm3'] // 1000:05}.{readings['gas_dm3'] % 1000:03})",
                "0-1:24.4.0(1)",
            )
        )

    return Extra(text, lambda readings: _behind("gas_m3", "gas", meter_id, readings, "gas_dm3", 60))


def absent_meter(channel, kind):
    """A meter that is announced on a channel and was never read."""
    lines = f"0-{channel}:24.1.0({kind:03})\r\n0-{channel}:96.1.0()\r\n0-{channel}:24.2.1({NEVER_READ})(00000.000*m3)"
    return Extra(lambda readings: lines, lambda readings: {})


def _behind(key, what, meter_id, readings, amount, step_min):
    return {
        key: readings[amount] / 1000,
        f"{what}_timestamp": _read_at(readings, step_min)["timestamp"].isoformat(),
        f"{what}_meter_id": meter_id,
    }


def _read_at(readings, step_min):
    """The last full step of so many minutes."""
    now = readings["timestamp"]
    return {**readings, "timestamp": now - timedelta(minutes=now.minute % step_min, seconds=now.second)}
