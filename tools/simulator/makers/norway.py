"""Norway: lists 1, 2 and 3 of the HAN-NVE, in every maker's own way.

A11 is Aidon's HAN interface description 1.1A (2019), KFM Kaifa's "HAN OBIS codes KFM_001" (2017) and KNVE Kamstrup's
HAN-NVE interface description 3.1; the rest is from captured frames.
"""

from simulator import lists
from simulator.clock import Clock
from simulator.encoding import i16, octet_text, u16, u32, visible_text
from simulator.line import Line
from simulator.links import Hdlc
from simulator.lists import Notification, Value
from simulator.maker import FOUR_WIRE, ONE_PHASE, THREE_WIRE, Hourly, Maker, MeterType
from simulator.registers import CURRENTS, ENERGIES, POWERS, VOLTAGES

TEXTS = ("list_version", "meter_id", "meter_type")
LIST_2 = (*TEXTS, *POWERS, *CURRENTS, *VOLTAGES)
LISTS = {1: ("power_import_w",), 2: LIST_2, 3: (*LIST_2, "timestamp", *ENERGIES)}
L2_L3 = ("l2_current_a", "l3_current_a", "l2_voltage_v", "l3_voltage_v")
METER_ID_SIZE = 16


def values(**values):
    """Powers are the same everywhere."""
    return {"power": Value(u32, 0), **values}


def padded_text(text):
    """Embriq's shorter meter id."""
    return visible_text(text.ljust(METER_ID_SIZE, "\0"))


# A11 3.1 to 3.3. Two points the frames decide: the middle current of a three-wire meter is absent, not 0, and
# the clock stays on UTC+1 all year, with weekday and deviation 0 (early firmware had the weekday, some +60).
AIDON = Maker(
    name="Aidon",
    meter_id="7359990000000001",
    line=Line(2400, 8, "E", 1),
    link=Hdlc((32,), (4, 65), 0x13),
    message=Notification(
        lists=LISTS,
        list_version="AIDON_V0001",
        invoke_id=0x40000000,
        stamp_tag=None,
        clock=Clock(has_weekday=False, deviations_min=(0, 0)),
        shape=lists.array_of_structures,
        text=visible_text,
        values=values(current=Value(i16, -1), voltage=Value(u16, -1), energy=Value(u32, 1)),
        obis_medium="1-0:",
        obis={
            "list_version": "1-1:0.2.129",
            "meter_id": "0-0:96.1.0",
            "meter_type": "0-0:96.1.7",
            "timestamp": "0-0:1.0.0",
        },
    ),
    # The clock shows the full hour that list 3 is about.
    schedule=Hourly(
        step_ms=2500,
        has_list_1=True,
        hourly_s=10,
        hourly_replaces_list_2=True,
        clock_lag_s=10,
    ),
    types=(
        MeterType("6525", "6525", THREE_WIRE, absent=("l2_current_a",)),
        MeterType("6515", "6515", ONE_PHASE, absent=L2_L3),
        MeterType("6534", "6534", FOUR_WIRE),
        MeterType("6540", "6540", THREE_WIRE, absent=("l2_current_a",)),
        MeterType("6550", "6550", FOUR_WIRE),
    ),
)

# Embriq's card in Landis+Gyr meters, from captured frames: like Aidon's but for these. Its clock is not
# rounded (seen 13:00:06). No 1-phase list is known. Weekday, deviation and time zone are taken to be as
# Aidon's.
EMBRIQ = AIDON._replace(
    name="Embriq",
    meter_id="00000001",
    message=AIDON.message._replace(
        list_version="EMBRIQ_V1_1",
        values=values(current=Value(i16, -2), voltage=Value(u16, -1), energy=Value(u32, 0)),
        meter_id=padded_text,
    ),
    schedule=AIDON.schedule._replace(clock_lag_s=4),
    types=(
        MeterType("ZMF1", "ZMF1", FOUR_WIRE),
        MeterType("ZFF1", "ZFF1", THREE_WIRE, zero=("l2_current_a", "l2_voltage_v")),
    ),
)

# KFM. Frames decide: currents in mA and voltages in 0.1 V as u32, energies in Wh, and MA304H3E does send its
# middle current. A character takes 12 bit times on the wire.
KAIFA = Maker(
    name="Kaifa",
    meter_id="6970630000000001",
    line=Line(2400, 8, "E", 1, idle_bits=1),
    link=Hdlc((0,), (1, 0), 0x10),
    message=Notification(
        lists=LISTS,
        list_version="KFM_001",
        invoke_id=0x40000000,
        stamp_tag=b"\x09\x0c",
        clock=Clock(follows_summer_time=True),
        shape=lists.bare_values,
        text=octet_text,
        values=values(current=Value(u32, -3), voltage=Value(u32, -1), energy=Value(u32, 0)),
        obis_medium="",
        obis={},
    ),
    schedule=Hourly(step_ms=2000, has_list_1=True, hourly_s=10, hourly_replaces_list_2=True),
    types=(
        MeterType("MA304H3E", "MA304H3E", THREE_WIRE, zero=("l2_voltage_v",)),
        MeterType("MA105H2E", "MA105H2E", ONE_PHASE, absent=L2_L3),
        MeterType("MA304H4", "MA304H4", FOUR_WIRE),
        MeterType("MA304T3", "MA304T3", THREE_WIRE, zero=("l2_current_a", "l2_voltage_v")),
        MeterType("MA304T4", "MA304T4", FOUR_WIRE),
    ),
)


def kamstrup_type(number, network, name=None, **keys):
    return MeterType(name or number, number + "BN243101040", network, **keys)


# KNVE. The clock stays on UTC+1 all year in the frames seen. A list starts about 1.1 s after its stamp.
KAMSTRUP = Maker(
    name="Kamstrup",
    meter_id="5706567000000001",
    line=Line(2400, 8, "N", 1),
    link=Hdlc((21,), (16,), 0x13),
    message=Notification(
        lists={number: keys for number, keys in LISTS.items() if number > 1},
        list_version="Kamstrup_V0001",
        stamp_tag=b"\x0c",
        clock=Clock(),
        shape=lists.pairs,
        text=visible_text,
        values=values(current=Value(u32, -2), voltage=Value(u16, 0), energy=Value(u32, 1)),
        obis_medium="1-1:",
        obis={
            "list_version": None,
            "meter_id": "1-1:0.0.5",
            "meter_type": "1-1:96.1.1",
            "timestamp": "0-1:1.0.0",
        },
    ),
    # Every hourly second that has been seen is a multiple of the step.
    schedule=Hourly(
        step_ms=5000,
        has_list_1=False,
        hourly_s=5,
        hourly_replaces_list_2=False,
        start_ms=1100,
    ),
    types=(
        kamstrup_type("6841121", THREE_WIRE),
        kamstrup_type("6841131", FOUR_WIRE),
        kamstrup_type("6861111", ONE_PHASE, null=L2_L3),
        # KNVE's third example: one phase, one quadrant, what is not measured left out. Not seen in the field.
        kamstrup_type(
            "6861111",
            ONE_PHASE,
            name="6861111-1Q",
            absent=(
                *L2_L3,
                "power_export_w",
                "reactive_import_var",
                "reactive_export_var",
                "energy_export_wh",
                "reactive_energy_import_varh",
                "reactive_energy_export_varh",
            ),
        ),
        kamstrup_type("6851121", THREE_WIRE),
        kamstrup_type("6851131", FOUR_WIRE),
    ),
)
# KNVE says :05, the OBIS list document :10; seen are :05, :25, :35 and :55, on different meters.
KAMSTRUP_HOURLY_S = (5, 10, 25, 35, 55)
# Firmware revision S put an octet-string tag before the APDU's date-time; later ones do not (KNVE).
KAMSTRUP_REVISION_S = KAMSTRUP._replace(message=KAMSTRUP.message._replace(stamp_tag=b"\x09\x0c"))
