"""What decoders that have nothing to do with this project read of the simulated meter's bytes, under its keys.

Each leaves something unread; what a function returns is only what its decoder does read.
"""

from datetime import timedelta

from dlms_cosem.protocol.xdlms import GeneralGlobalCipher
from dlms_cosem.utils import parse_as_dlms_data
from dsmr_parser import telegram_specifications
from dsmr_parser.parsers import TelegramParser
from gurux_dlms import GXByteBuffer, GXReplyData
from gurux_dlms.enums import Authentication, InterfaceType, Security
from gurux_dlms.secure import GXDLMSSecureClient
from han import autodecoder, dlde, hdlc

import sheet

# amshan's names for what is read.
AMSHAN = {
    "list_version": "list_ver_id",
    "meter_id": "meter_id",
    "meter_type": "meter_type",
    "power_import_w": "active_power_import",
    "power_export_w": "active_power_export",
    "reactive_import_var": "reactive_power_import",
    "reactive_export_var": "reactive_power_export",
    "energy_import_wh": "active_power_import_total",
    "energy_export_wh": "active_power_export_total",
    "reactive_energy_import_varh": "reactive_power_import_total",
    "reactive_energy_export_varh": "reactive_power_export_total",
    **{f"l{phase}_current_a": f"current_l{phase}" for phase in (1, 2, 3)},
    **{f"l{phase}_voltage_v": f"voltage_l{phase}" for phase in (1, 2, 3)},
    **{
        f"l{phase}_{power}": f"{name}_l{phase}"
        for phase in (1, 2, 3)
        for power, name in (
            ("power_import_w", "active_power_import"),
            ("power_export_w", "active_power_export"),
            ("reactive_import_var", "reactive_power_import"),
            ("reactive_export_var", "reactive_power_export"),
        )
    },
}
DSMR_ENERGY = {
    "ELECTRICITY_IMPORTED_TOTAL": "energy_import_wh",
    "ELECTRICITY_EXPORTED_TOTAL": "energy_export_wh",
    "ELECTRICITY_REACTIVE_IMPORTED_TOTAL": "reactive_energy_import_varh",
    "ELECTRICITY_REACTIVE_EXPORTED_TOTAL": "reactive_energy_export_varh",
    "ELECTRICITY_USED_TARIFF_1": "energy_import_t1_wh",
    "ELECTRICITY_USED_TARIFF_2": "energy_import_t2_wh",
    "ELECTRICITY_DELIVERED_TARIFF_1": "energy_export_t1_wh",
    "ELECTRICITY_DELIVERED_TARIFF_2": "energy_export_t2_wh",
    "CURRENT_ELECTRICITY_USAGE": "power_import_w",
    "CURRENT_ELECTRICITY_DELIVERY": "power_export_w",
}
DSMR_BY_PHASE = {
    "INSTANTANEOUS_ACTIVE_POWER_L{}_POSITIVE": "l{}_power_import_w",
    "INSTANTANEOUS_ACTIVE_POWER_L{}_NEGATIVE": "l{}_power_export_w",
    "INSTANTANEOUS_REACTIVE_POWER_L{}_POSITIVE": "l{}_reactive_import_var",
    "INSTANTANEOUS_REACTIVE_POWER_L{}_NEGATIVE": "l{}_reactive_export_var",
    "INSTANTANEOUS_VOLTAGE_L{}": "l{}_voltage_v",
    "INSTANTANEOUS_CURRENT_L{}": "l{}_current_a",
}
for _number in (3, 4):
    DSMR_ENERGY[f"ELECTRICITY_USED_TARIFF_{_number}"] = f"energy_import_t{_number}_wh"
    DSMR_ENERGY[f"ELECTRICITY_DELIVERED_TARIFF_{_number}"] = f"energy_export_t{_number}_wh"
DSMR = {**DSMR_ENERGY}
for _name, _key in DSMR_BY_PHASE.items():
    DSMR.update({_name.format(phase): _key.format(phase) for phase in (1, 2, 3)})
# What sheet.py's divisors mean.
EXPONENTS = {1000: -3, 100: -2, 10: -1, 1: 0, -10: 1}


def amshan_frames(data):
    """What amshan reads of a stream of HDLC frames; None for each that its check sequences refuse."""
    decoder = autodecoder.AutoDecoder()
    return [
        from_amshan(decoder.decode_message(frame)) if frame.is_valid else None
        for frame in hdlc.HdlcFrameReader().read(data)
    ]


def from_amshan(decoded):
    """What amshan has read, under this project's keys.

    Two differences are its own: Embriq's meter id keeps its NUL padding, and what it scales by 0.01, Kamstrup's
    currents, stays as the float multiplication has it, 4.7700000000000005.
    """
    reading = {}
    for key, name in AMSHAN.items():
        if name in decoded:
            value = decoded[name]
            reading[key] = value.rstrip("\0") if isinstance(value, str) else round(value, 6)
    clock = decoded.get("meter_datetime")
    if clock:
        reading["timestamp"] = clock.replace(tzinfo=None).isoformat()
        if clock.tzinfo:
            reading["utc_offset_min"] = clock.utcoffset() / timedelta(minutes=1)
    return reading


def amshan_telegrams(data):
    """What amshan reads of a stream of P1 telegrams; None for each that its check refuses."""
    return [
        from_amshan(dlde.decode_p1_readout(telegram)) if telegram.is_valid else None
        for telegram in dlde.ModeDReader().read(data)
    ]


def dsmr_telegram(data, specification="SWEDEN", keys=None):
    """What dsmr-parser reads of one telegram, in an envelope with `keys`; it raises for a wrong check. Its times are
    UTC."""
    rules = getattr(telegram_specifications, specification)
    if keys:
        parser = TelegramParser({**rules, "general_global_cipher": True})
        telegram = parser.parse(data.hex(), *(key.hex() for key in keys), throw_ex=True)
    else:
        telegram = TelegramParser(rules).parse(data.decode("ascii").lstrip(), throw_ex=True)
    reading = dsmr_extras(telegram)
    if hasattr(telegram, "P1_MESSAGE_TIMESTAMP"):
        reading["utc"] = telegram.P1_MESSAGE_TIMESTAMP.value.replace(tzinfo=None).isoformat()
    for name, key in DSMR.items():
        if hasattr(telegram, name):
            value = getattr(telegram, name)
            kilo = 1000 if value.unit.startswith("k") else 1
            reading[key] = int(value.value * kilo) if kilo > 1 else float(value.value)
    return reading


def dsmr_extras(telegram):
    """What dsmr-parser has read beside the meter's own registers: ids, tariff, monthly peak, the meters behind it."""
    found = {}
    for name in ("EQUIPMENT_IDENTIFIER", "BELGIUM_EQUIPMENT_IDENTIFIER"):
        if hasattr(telegram, name):
            found["meter_id"] = bytes.fromhex(getattr(telegram, name).value).decode()
    if hasattr(telegram, "EQUIPMENT_SERIAL_NUMBER"):
        found["meter_id"] = telegram.EQUIPMENT_SERIAL_NUMBER.value
    if hasattr(telegram, "ELECTRICITY_ACTIVE_TARIFF"):
        found["tariff"] = int(telegram.ELECTRICITY_ACTIVE_TARIFF.value)
    if hasattr(telegram, "BELGIUM_MAXIMUM_DEMAND_MONTH"):
        peak = telegram.BELGIUM_MAXIMUM_DEMAND_MONTH
        found["month_peak_w"] = int(peak.value * 1000)
        found["month_peak_timestamp"] = peak.datetime
        found["quarter_power_w"] = int(telegram.BELGIUM_CURRENT_AVERAGE_DEMAND.value * 1000)
    for kind, number, value in _meters_behind(telegram):
        key = {3: "gas_m3", 4: "heat_gj", 7: "water_m3"}[int(kind.value)]
        found[key] = float(value.value)
        found[key.split("_")[0] + "_timestamp"] = value.datetime
        found[key.split("_")[0] + "_meter_id"] = bytes.fromhex(number.value).decode()
    return found


def _meters_behind(telegram):
    """(type, number, value) of each, from the newer standards' list or the older ones' single gas meter."""
    for name in ("GAS_METER_READING", "HOURLY_GAS_METER_READING"):
        if hasattr(telegram, name):
            yield telegram.DEVICE_TYPE, telegram.EQUIPMENT_IDENTIFIER_GAS, getattr(telegram, name)
            return
    for device in getattr(telegram, "MBUS_DEVICES", ()):
        if device.MBUS_EQUIPMENT_IDENTIFIER.value:  # else it was never read
            yield device.MBUS_DEVICE_TYPE, device.MBUS_EQUIPMENT_IDENTIFIER, device.MBUS_METER_READING


def gurux_value(data, cipher=None, link="hdlc"):
    """The Data-Notification's value, as Gurux reads it of one push's frames: nested lists, bytes, numbers.

    It verifies HDLC's and M-Bus's checks, and the tag of what is only authenticated.
    """
    mbus = link == "mbus"
    interface = InterfaceType.WIRED_MBUS if mbus else InterfaceType.HDLC
    client = GXDLMSSecureClient(True, 1, 1, Authentication.NONE, None, interface)
    if cipher:
        client.ciphering.security = Security.AUTHENTICATION_ENCRYPTION
        client.ciphering.blockCipherKey = bytearray(cipher.key)
        client.ciphering.authenticationKey = bytearray(cipher.authentication_key)
    reply, notify = GXReplyData(), GXReplyData()
    for part in mbus_frames(data) if mbus else [data]:
        buffer = GXByteBuffer()
        buffer.set(part)
        while buffer.available() and not (notify.complete and not notify.isMoreData()):
            before = buffer.available()
            client.getData(buffer, reply, notify)
            if buffer.available() == before:
                break
    return notify.value


def mbus_frames(data):
    """The long frames of a push, by the length that each of them tells."""
    frames = []
    while data:
        size = data[1] + 6
        frames.append(data[:size])
        data = data[size:]
    return frames


def by_obis(value, scale):
    """What a list with OBIS codes holds, under this project's keys; `scale` is sheet.py's, for lists without scalers.

    What is a text or a clock is left to other tests.
    """
    reading = {}
    elements = _flat(value)
    for number, element in enumerate(elements[:-1]):
        key = _key(element)
        if key and isinstance(elements[number + 1], int):
            following = elements[number + 2] if number + 2 < len(elements) else None
            exponent = following[0] if isinstance(following, list) else None
            reading[key] = _in_si(key, elements[number + 1], exponent, scale)
    return reading


def _flat(value):
    """Pairs and triples in turn, whether in structures of their own or not."""
    return [part for element in value for part in element] if isinstance(value[0], list) else value


def _key(element):
    """The key of an OBIS code, None for anything else."""
    if not isinstance(element, (bytes, bytearray)) or len(element) != 6:
        return None
    code = "{}-{}:{}.{}.{}".format(*element)
    return sheet.NAMES.get(code) or sheet.NAMES.get(code.split(":")[1])


def _in_si(key, number, exponent, scale):
    if key == "meter_id":
        return str(number)
    if exponent is None:
        exponent = EXPONENTS[next((scale[part] for part in scale if part in key), 1)]
    return number / 10**-exponent if key.endswith(("_a", "_v", "_factor")) else number * 10**exponent


def dlms_cosem_apdu(apdu, cipher):
    """The APDU in an encrypted one with a tag, as dlms-cosem reads it; it raises for a wrong tag."""
    return GeneralGlobalCipher.from_bytes(apdu).to_plain_apdu(cipher.key, cipher.authentication_key)


def dlms_cosem_value(data):
    """An A-XDR value as dlms-cosem reads it."""
    return parse_as_dlms_data(data)
