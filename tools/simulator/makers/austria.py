"""Austria: what the meters of Netz Niederoesterreich send, encrypted, on M-Bus (its brochure on the port)."""

from simulator import lists
from simulator.clock import Clock
from simulator.encoding import octet_text, u16, u32
from simulator.line import Line
from simulator.links import MBus
from simulator.lists import Notification, Value
from simulator.maker import FOUR_WIRE, Encryption, Every, Maker, MeterType
from simulator.registers import CURRENTS, VOLTAGES

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
