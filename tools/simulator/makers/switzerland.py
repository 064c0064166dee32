"""Switzerland: Landis+Gyr's E450 and E570, whose push goes in general blocks."""

from simulator import encoding
from simulator.clock import Clock
from simulator.encoding import i8, obis, octet_text, u16, u32, u64
from simulator.line import Line
from simulator.links import Hdlc
from simulator.lists import Notification, Value
from simulator.maker import FOUR_WIRE, Encryption, Every, Maker, MeterType
from simulator.registers import CURRENTS, QUADRANTS, VOLTAGES

PUSH_SETUP, DATA, REGISTER = 40, 1, 3  # interface classes (Blue Book)
PUSH_LIST = "0-8:25.9.0"
METER_ID = "0-0:96.1.0"


def described(items):
    """A structure whose first element describes all of them, itself first; then values, without units."""
    objects = [(PUSH_SETUP, PUSH_LIST, 2), (PUSH_SETUP, PUSH_LIST, 1)]
    objects += [(DATA if item.obis == METER_ID else REGISTER, item.obis, 2) for item in items]
    descriptions = encoding.array(
        [encoding.structure((u16(kind), obis(code), i8(attribute), u16(0))) for kind, code, attribute in objects]
    )
    return encoding.structure([descriptions, obis(PUSH_LIST), *(item.value for item in items)])


ENERGIES = ("energy_import_wh", "energy_export_wh")
E450 = Notification(
    lists={3: ("meter_id", "power_import_w", "power_export_w", *ENERGIES, *QUADRANTS, *CURRENTS)},
    list_version="",
    stamp_tag=b"\x0c",
    counts_invocations=True,
    clock=Clock(follows_summer_time=True),
    shape=described,
    text=octet_text,
    values={"power": Value(u32, 0), "energy": Value(u32, 0), "current": Value(u16, -2)},
    obis_medium="1-0:",
    obis={
        "meter_id": METER_ID,
        **{key: f"1-1:{number}.8.0" for number, key in zip((1, 2, 5, 6, 7, 8), ENERGIES + QUADRANTS)},
    },
)
# Voltages in whole volts; and energies of 64 bits.
WITH_VOLTS = E450._replace(lists={3: (*E450.lists[3], *VOLTAGES)}, values={**E450.values, "voltage": Value(u16, 0)})
E570 = WITH_VOLTS._replace(values={**WITH_VOLTS.values, "energy": Value(u64, 0)})
LANDIS_GYR_CH = Maker(
    name="Landis+Gyr (CH)",
    meter_id="00000001",
    line=Line(2400, 8, "E", 1),
    link=Hdlc((103, 127), (1,), 0x13, block_size=120),
    message=E450,
    schedule=Every(5000),
    types=(
        MeterType("E450", "", FOUR_WIRE),
        MeterType("E450-volts", "", FOUR_WIRE, changes={"message": WITH_VOLTS}),
        MeterType("E570", "", FOUR_WIRE, changes={"message": E570}),
    ),
    encryption=Encryption(b"LGZ\x00\x00\x00\x00\x01"),
)
