"""Sweden: the trade recommendation's P1 telegram with its makers' deviations, and older meters' DLMS lists.

EFS is the recommendation v2.0 (2019-12), ASE Aidon's RJ12 HAN interface description 1.9A. The item orders and units
of the P1 makers are those of telegrams seen in the field; NES's order is taken to be EFS's.
"""

from simulator import lists
from simulator.clock import Clock
from simulator.encoding import i16, octet_text, u16, u32, u64
from simulator.line import Line
from simulator.links import Bare
from simulator.lists import Notification, Value
from simulator.maker import FOUR_WIRE, ONE_PHASE, THREE_WIRE, Every, Maker, MeterType
from simulator.makers.norway import AIDON, KAIFA, KAMSTRUP, L2_L3, LISTS, values
from simulator.registers import CURRENTS, ENERGIES, POWERS, VOLTAGES, by_phase
from simulator.telegrams import CHECKS, Number, Telegram, nes_time

RJ12 = Line(115200, 8, "N", 1, is_inverted=True)
QUANTITIES_OF_A_PHASE = ("power_import_w", "power_export_w", "reactive_import_var", "reactive_export_var")

# ASE 3.3.2: one list of 27 items, on either socket. It carries no meter id.
AIDON_SE = AIDON._replace(
    name="Aidon (SE)",
    meter_id="",
    line=RJ12,
    message=AIDON.message._replace(
        lists={
            3: (
                "timestamp",
                *POWERS,
                *CURRENTS,
                *VOLTAGES,
                *(f"l{phase}_{name}" for phase in (1, 2, 3) for name in QUANTITIES_OF_A_PHASE),
                *ENERGIES,
            )
        },
        clock=Clock(statuses=(0xFF, 0xFF)),
        values=values(current=Value(i16, -1), voltage=Value(u16, -1), energy=Value(u32, 0)),
    ),
    schedule=Every(10_000),
    types=(
        MeterType("RJ12", "6534", FOUR_WIRE),
        MeterType("RJ45", "6534", FOUR_WIRE, changes={"line": AIDON.line}),
    ),
)

# As Norway's, but for the source address, and list 3 every time; the clock is taken to be as Norway's. The list with
# OBIS codes claims UTC+1 even in summer.
KAIFA_SE_LISTS = {3: LISTS[3]}
KAIFA_SE_OBIS = Notification(
    lists=KAIFA_SE_LISTS,
    list_version="KFM_001",
    invoke_id=0x40000000,
    stamp_tag=None,
    clock=Clock(deviations_min=(-60, -60)),
    shape=lists.pairs,
    text=octet_text,
    values=KAIFA.message.values,
    obis_medium="1-0:",
    obis={
        "list_version": "1-0:0.2.129",
        "meter_id": "0-0:96.1.0",
        "meter_type": "0-0:96.1.7",
        "timestamp": "0-0:1.0.0",
    },
)
KAIFA_SE_MESSAGE = KAIFA.message._replace(lists=KAIFA_SE_LISTS)
KAIFA_SE = KAIFA._replace(
    name="Kaifa (SE)",
    meter_id="7340150000000001",
    link=KAIFA.link._replace(source=(0, 0)),
    message=KAIFA_SE_MESSAGE,
    schedule=Every(15_000),
    types=(
        MeterType("MA304H4", "MA304H4", FOUR_WIRE),
        MeterType("MA304H4-OBIS", "MA304H4", FOUR_WIRE, changes={"message": KAIFA_SE_OBIS}),
        MeterType("MA105H2E", "MA105H2E", ONE_PHASE, absent=L2_L3),
        MeterType("MA304H3E", "MA304H3E", THREE_WIRE, zero=("l2_voltage_v",)),
        MeterType(
            "MA304T4",
            "MA304T4",
            FOUR_WIRE,
            changes={"message": KAIFA_SE_MESSAGE._replace(values={**KAIFA.message.values, "energy": Value(u64, 0)})},
        ),
    ),
)

# Energies in Wh, the hourly list at :35; a frame of June 2021 has summer time and says so in its status.
KAMSTRUP_SE = KAMSTRUP._replace(
    name="Kamstrup (SE)",
    message=KAMSTRUP.message._replace(
        clock=Clock(follows_summer_time=True, statuses=(0, 0x80)),
        values={**KAMSTRUP.message.values, "energy": Value(u32, 0)},
    ),
    schedule=KAMSTRUP.schedule._replace(hourly_s=35),
    types=(
        MeterType("6841131", "6841131BN245101092", FOUR_WIRE),
        MeterType("6861111", "6861111BN245101092", ONE_PHASE, null=L2_L3),
    ),
)

# P1: EFS's 27 items, in its order.
HEAD = ("timestamp", *ENERGIES, *POWERS)
TAIL = (*VOLTAGES, *CURRENTS)
BY_DIRECTION = tuple(key for name in QUANTITIES_OF_A_PHASE for key in by_phase(name))
BY_PHASE = tuple(
    f"l{phase}_{name}"
    for names in (QUANTITIES_OF_A_PHASE[:2], QUANTITIES_OF_A_PHASE[2:])
    for phase in (1, 2, 3)
    for name in names
)


def numbers(reactive):
    """EFS's formats; makers spell reactive power and energy in their own ways."""
    return {
        "w": Number(4, 3, "kW"),
        "var": Number(4, 3, reactive),
        "wh": Number(8, 3, "kWh"),
        "varh": Number(8, 3, reactive + "h"),
        "v": Number(3, 1, "V"),
        "a": Number(3, 1, "A"),
    }


EFS = Telegram(
    ident="XXX5\\SYN0001",
    lines=(*HEAD, *BY_DIRECTION, *TAIL),
    numbers=numbers("kVAr"),
    clock=Clock(),
)
LGF5 = EFS._replace(ident="LGF5E360", lines=(*HEAD, *BY_PHASE, *TAIL))
# Begins with an empty line; some tell summer time in April, others do not.
KAM5 = EFS._replace(ident="KAM5", begin="\r\n", clock=Clock(follows_summer_time=True))
ELL5 = EFS._replace(ident="ELL5\\253000001_A", numbers=numbers("kvar"))
NES5 = EFS._replace(ident="NES5\\0000001", numbers=numbers("kvar"), time=nes_time)
# In the field it has a check; ASE's example has none, and no line for the "!".
ADN9 = LGF5._replace(ident="ADN9 6534")
ADN9_ASE = ADN9._replace(check=CHECKS["none"], ends_in_last_line=True)


def p1_types(**telegrams):
    """A type for each telegram."""
    return tuple(
        MeterType(name.replace("_", "-"), "", FOUR_WIRE, changes={"message": telegram})
        for name, telegram in telegrams.items()
    )


P1_SE = Maker(
    name="P1 (SE)",
    meter_id="",
    line=RJ12,
    link=Bare(),
    message=EFS,
    schedule=Every(10_000),
    types=p1_types(efs=EFS, lgf5=LGF5, kam5=KAM5, ell5=ELL5, nes=NES5, adn9=ADN9_ASE, adn9_crc=ADN9),
)
