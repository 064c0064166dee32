"""Austria: M-Bus of Netz Niederoesterreich (its brochure) and of Tyrol and Vorarlberg, HDLC of other grid companies,
and Styria's telegrams. But for the brochure's, the layouts are those of lists seen in public threads."""

from simulator import lists
from simulator.clock import Clock
from simulator.encoding import obis, octet_text, octets, u16, u32
from simulator.line import Line
from simulator.links import Bare, Hdlc, MBus
from simulator.lists import Notification, Value
from simulator.maker import FOUR_WIRE, Encryption, Every, Maker, MeterType
from simulator.makers.sweden import RJ12
from simulator.registers import CURRENTS, ENERGIES, POWERS, VOLTAGES
from simulator.telegrams import Number, Telegram

ENCRYPTED = 0x20
SAGEMCOM_PART_SIZE = 252

NETZ_NOE = Maker(
    name="Netz NOe",
    meter_id="181220000001",
    line=Line(2400, 8, "E", 1),
    link=MBus(),
    message=Notification(
        lists={
            3: (
                "timestamp",
                "energy_import_wh",
                "energy_export_wh",
                "power_import_w",
                "power_export_w",
                *VOLTAGES,
                *CURRENTS,
                "power_factor",
                "meter_id",
            )
        },
        list_version="",
        stamp_tag=b"\x0c",
        invoke_id=0x80000000,
        counts_invocations=True,
        clock=Clock(follows_summer_time=True, hundredths=0, deviations_min=(-60, -120), statuses=(0, 0x80)),
        shape=lists.flat,
        text=octet_text,
        values={
            "power": Value(u32, 0),
            "energy": Value(u32, 0),
            "voltage": Value(u16, -1),
            "current": Value(u16, -2),
            "factor": Value(u16, -3),
        },
        obis_medium="1-0:",
        obis={"timestamp": None, "meter_id": None},
    ),
    schedule=Every(5000),
    types=(
        MeterType("MA309M", "", FOUR_WIRE),
        MeterType(
            "T210-D",
            "",
            FOUR_WIRE,
            changes={
                "link": MBus(part_size=SAGEMCOM_PART_SIZE),
                "encryption": Encryption(b"SAGY\x00\x00\x00\x01", security_control=ENCRYPTED),
            },
        ),
    ),
    encryption=Encryption(b"KFMg\x50\x00\x00\x01", security_control=ENCRYPTED),
)

# Security control 0x21, and a length whose parts are of 245 and 109 bytes; texts and clock under codes of their own.
KAIFA_AT = NETZ_NOE._replace(
    name="Kaifa (AT)",
    meter_id="1KFM0200000001",
    message=NETZ_NOE.message._replace(
        lists={
            3: (
                "timestamp",
                "meter_id",
                *VOLTAGES,
                *CURRENTS,
                "power_import_w",
                "power_export_w",
                *ENERGIES,
            )
        },
        obis={"timestamp": "0-0:1.0.0", "meter_id": "0-0:96.1.0"},
    ),
    types=(MeterType("MA309", "", FOUR_WIRE),),
    encryption=Encryption(b"KFMg\x50\x00\x00\x02", length_size=2, security_control=0x21),
)

LANDIS_GYR_LINK = Hdlc((103, 127), (1,), 0x13)
WHOLE_VOLTS = {
    "power": Value(u32, 0),
    "energy": Value(u32, 0),
    "voltage": Value(u16, 0),
    "current": Value(u16, -2),
}
E450_HEAD = (*VOLTAGES, *CURRENTS, "power_import_w", "power_export_w", "energy_import_wh", "energy_export_wh")
UNNAMED = NETZ_NOE.message._replace(
    lists={3: (*E450_HEAD, u16(99), u16(98), u16(97), "meter_id")},
    shape=lists.bare_values,
    values=WHOLE_VOLTS,
    obis={},
)
LANDIS_GYR_AT = NETZ_NOE._replace(
    name="Landis+Gyr (AT)",
    meter_id="LGZ0000000001",
    link=LANDIS_GYR_LINK,
    message=UNNAMED,
    schedule=Every(10_000),
    types=(
        MeterType("E450", "", FOUR_WIRE),
        MeterType(
            "E450-11", "", FOUR_WIRE, changes={"message": UNNAMED._replace(lists={3: (*E450_HEAD, "meter_id")})}
        ),
    ),
    encryption=Encryption(b"LGZ\x67\x00\x00\x00\x01", security_control=0x30),
)
WIENER_NETZE = LANDIS_GYR_AT._replace(
    name="Wiener Netze",
    meter_id="",
    message=UNNAMED._replace(lists={3: ("timestamp", *ENERGIES, *POWERS)}),
    types=(MeterType("E450", "", FOUR_WIRE),),
)
# Behind the code of the list itself: number, time, date, registers, powers, two empty texts.
ISKRA_AT = LANDIS_GYR_AT._replace(
    name="Iskraemeco (AT)",
    meter_id="1121000000001",
    link=Hdlc((103,), (1, 17), 0x13),
    message=UNNAMED._replace(
        lists={
            3: (
                obis("0-6:25.9.0"),
                "meter_id",
                octets(b"\x0c\x00\x00\x00"),
                octets(b"\x07\xea\x06\x0f\x01"),
                *ENERGIES,
                "power_import_w",
                "power_export_w",
                octets(b""),
                octets(b""),
            )
        }
    ),
    types=(MeterType("AM550", "", FOUR_WIRE),),
    encryption=Encryption(b"ISK\x69\x00\x00\x00\x01", security_control=ENCRYPTED),
)

# Styria: whole Wh and W, in an envelope without a frame; the lines in the order of dsmr-parser's SAGEMCOM_T210_D_R.
EST = Telegram(
    ident="EST5\\253710000_A",
    lines=(
        "1-3:0.2.8(50)",
        "timestamp",
        "energy_import_wh",
        "energy_import_t1_wh",
        "energy_import_t2_wh",
        "power_import_w",
        "reactive_energy_export_varh",
        "reactive_import_var",
        "energy_export_wh",
        "energy_export_t1_wh",
        "energy_export_t2_wh",
        "power_export_w",
        "reactive_energy_import_varh",
        "reactive_export_var",
    ),
    numbers={
        "w": Number(5, 0, "W"),
        "var": Number(5, 0, "var"),
        "wh": Number(6, 0, "Wh"),
        "varh": Number(6, 0, "varh"),
    },
    clock=Clock(follows_summer_time=True),
)
P1_AT = NETZ_NOE._replace(
    name="P1 (AT)",
    meter_id="",
    line=RJ12,
    link=Bare(),
    message=EST,
    schedule=Every(10_000),
    types=(MeterType("T210-D-r", "", FOUR_WIRE),),
    encryption=Encryption(b"SAGi\x00\x00\x00\x01", 2, 0x30),
)
