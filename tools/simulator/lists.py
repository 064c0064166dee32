"""The Norwegian lists: list 1 is the power, list 2 the values of the moment, list 3 adds clock and registers.

A list's number is by content: what Kamstrup calls its list 1 is a list 2 here. All makers send the same
values in the same order; how each value and the list around it is encoded is the maker's table (makers.py,
where the documents named here are listed).

Readings come in as a dict of integers: `power_import_w`, `reactive_import_var`, `energy_import_wh`, ... in W,
var, Wh and varh, currents as `l1_current_ma` and voltages as `l1_voltage_mv`; the texts `list_version`,
`meter_id` and `meter_type`; `timestamp`, a datetime of the meter's own clock, and, if it is not 0,
`clock_status`.
"""

from typing import Callable, NamedTuple, Optional

from simulator import encoding


class Value(NamedTuple):
    """How a maker sends a quantity: one count is 10**exponent W, var, A, V, Wh or varh."""

    encode: Callable
    exponent: int


class Field(NamedTuple):
    key: str
    quantity: str
    code: str = ""  # groups C.D.E of its OBIS code


FIELDS = (
    Field("list_version", "text"),
    Field("meter_id", "text"),
    Field("meter_type", "text"),
    Field("power_import_w", "power", "1.7.0"),
    Field("power_export_w", "power", "2.7.0"),
    Field("reactive_import_var", "power", "3.7.0"),
    Field("reactive_export_var", "power", "4.7.0"),
    Field("l1_current_a", "current", "31.7.0"),
    Field("l2_current_a", "current", "51.7.0"),
    Field("l3_current_a", "current", "71.7.0"),
    Field("l1_voltage_v", "voltage", "32.7.0"),
    Field("l2_voltage_v", "voltage", "52.7.0"),
    Field("l3_voltage_v", "voltage", "72.7.0"),
    Field("timestamp", "clock"),
    Field("energy_import_wh", "energy", "1.8.0"),
    Field("energy_export_wh", "energy", "2.8.0"),
    Field("reactive_energy_import_varh", "energy", "3.8.0"),
    Field("reactive_energy_export_varh", "energy", "4.8.0"),
)
LIST_3_ONLY = ("clock", "energy")
MILLI = ("current", "voltage")  # kept in mA and mV
UNITS = {"w": 27, "var": 29, "wh": 30, "varh": 32, "a": 33, "v": 35}
METER_ID_SIZE = 16  # a shorter one is padded with NUL (Embriq)


class Item(NamedTuple):
    """One encoded element of a list, before its maker's shape is put around it."""

    obis: Optional[str]
    value: Optional[bytes]  # None: sent as null-data
    scaler_unit: Optional[tuple]  # None: a text or a clock


def array_of_structures(items):
    """Aidon and Embriq: an array of {OBIS, value} or {OBIS, value, {scaler, unit}} (A11 3.3)."""
    return encoding.array(
        [
            encoding.structure(
                [encoding.obis(item.obis), item.value]
                + ([encoding.scaler_unit(*item.scaler_unit)] if item.scaler_unit else [])
            )
            for item in items
        ]
    )


def bare_values(items):
    """Kaifa: a structure where position is meaning (KFM)."""
    return encoding.structure([item.value for item in items])


def pairs(items):
    """Kamstrup: the list id, then OBIS and value in turn, or two null-data (KNVE)."""
    elements = []
    for item in items:
        if item.value is None:
            elements += [encoding.null(), encoding.null()]
        elif item.obis is None:
            elements.append(item.value)
        else:
            elements += [encoding.obis(item.obis), item.value]
    return encoding.structure(elements)


def encode_list(maker, meter_type, number, readings):
    """The frame, flag to flag, of list 1, 2 or 3 with these readings."""
    clock = _clock(maker, readings)
    items = [_item(maker, meter_type, field, readings, clock) for field in _fields(meter_type, number)]
    stamp = encoding.null() if maker.stamp_tag is None else maker.stamp_tag + clock
    apdu = encoding.data_notification(maker.invoke_id, stamp, maker.shape(items))
    return encoding.hdlc_frame(maker.destination, maker.source, maker.control, encoding.LLC_HEADER + apdu)


def expected_reading(maker, meter_type, number, readings):
    """What a decoder must read from that frame, in the resolution and with the keys that it carries.

    In SI base units: W, var, Wh and varh are integers, A and V floats, `timestamp` is ISO 8601 text.
    `utc_offset_min` is there where the clock carries a deviation, which by the standard has the opposite
    sign.
    """
    expected = {}
    if maker.stamp_tag is not None:
        expected["timestamp"] = readings["timestamp"].isoformat()
    for field in _fields(meter_type, number):
        if field.key in meter_type.null:
            continue
        if field.quantity == "text":
            expected[field.key] = readings[field.key]
        elif field.quantity == "clock":
            expected["timestamp"] = readings["timestamp"].isoformat()
            if maker.deviation_min != encoding.DEVIATION_UNSPECIFIED:
                expected["utc_offset_min"] = -maker.deviation_min
        else:
            expected[field.key] = _si(maker, field, _count(maker, meter_type, field, readings))
    return expected


def _fields(meter_type, number):
    """The fields of a list, in order."""
    if number == 1:
        return [field for field in FIELDS if field.key == "power_import_w"]
    return [
        field
        for field in FIELDS
        if field.key not in meter_type.absent and (number == 3 or field.quantity not in LIST_3_ONLY)
    ]


def _item(maker, meter_type, field, readings, clock):
    code = maker.obis.get(field.key, maker.obis_medium + field.code)
    if field.key in meter_type.null:
        return Item(code, None, None)
    if field.quantity == "text":
        size = METER_ID_SIZE if field.key == "meter_id" else 0
        return Item(code, maker.text(readings[field.key].ljust(size, "\0")), None)
    if field.quantity == "clock":
        return Item(code, encoding.octets(clock), None)
    value = maker.values[field.quantity]
    unit = UNITS[field.key.rpartition("_")[2]]
    return Item(code, value.encode(_count(maker, meter_type, field, readings)), (value.exponent, unit))


def _count(maker, meter_type, field, readings):
    """The number on the wire: registers are rounded down, as a counter is, the rest to the nearest."""
    if field.key in meter_type.zero:
        return 0
    exponent = maker.values[field.quantity].exponent
    if field.quantity in MILLI:
        amount = readings[field.key[:-1] + "m" + field.key[-1]]
        exponent += 3
    else:
        amount = readings[field.key]
    one_count = 10**exponent
    return amount // one_count if field.quantity == "energy" else (amount + one_count // 2) // one_count


def _si(maker, field, count):
    exponent = maker.values[field.quantity].exponent
    return count / 10**-exponent if field.quantity in MILLI else count * 10**exponent


def _clock(maker, readings):
    when = readings["timestamp"]
    weekday = when.isoweekday() if maker.has_weekday else 0
    return encoding.date_time(when, weekday, maker.deviation_min, readings.get("clock_status", 0))
