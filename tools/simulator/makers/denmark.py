"""Denmark: Kamstrup's "DLMS push 1", mostly encrypted, and P1 telegrams.

KOMNI is Kamstrup's OMNIPOWER HAN interface specification 5512-2584. It names the units Wh, W, A and V, and no scales:
currents and power factors are in hundredths, as Danish meters' public readers have them. Those readers also take
energies to be in 10 Wh, as in Norway, which is not what KOMNI says and not what is done here.
"""

from simulator.clock import Clock
from simulator.encoding import u16, u32
from simulator.lists import Value
from simulator.maker import FOUR_WIRE, ONE_PHASE, Encryption, Every, MeterType
from simulator.makers.norway import KAMSTRUP
from simulator.makers.sweden import KAM5, LGF5, NES5, P1_SE, p1_types
from simulator.registers import CURRENTS, ENERGIES, POWERS, VOLTAGES, by_phase

PUSH_1 = (
    "list_version",
    *ENERGIES,
    "meter_id",
    *POWERS,
    "timestamp",
    *VOLTAGES,
    *CURRENTS,
    *by_phase("power_import_w"),
    *by_phase("power_factor"),
    "power_factor",
    *by_phase("power_export_w"),
    *by_phase("energy_export_wh"),
    *by_phase("energy_import_wh"),
)
L2_L3 = tuple(key for key in PUSH_1 if key.startswith(("l2_", "l3_")))
MESSAGE = KAMSTRUP.message._replace(
    lists={3: PUSH_1},
    clock=Clock(follows_summer_time=True, statuses=(0, 0x80)),
    values={**KAMSTRUP.message.values, "energy": Value(u32, 0), "factor": Value(u16, -2)},
    obis={**KAMSTRUP.message.obis, "meter_id": "1-1:0.0.1"},
    meter_id=lambda text: u32(int(text)),
)
# N1's and Bornholm's meters send 0.01 V.
IN_CENTIVOLTS = MESSAGE._replace(values={**MESSAGE.values, "voltage": Value(u16, -2)})

# A meter with current transformers sends the same list. Encrypted frames have other addresses, and their length is
# written in two bytes whatever it is.
KAMSTRUP_DK = KAMSTRUP._replace(
    name="Kamstrup (DK)",
    meter_id="16909060",
    message=MESSAGE,
    schedule=Every(10_000, start_ms=1100),
    types=(
        MeterType("3-phase", "", FOUR_WIRE),
        MeterType("1-phase", "", ONE_PHASE, absent=L2_L3),
        MeterType("CT", "", FOUR_WIRE),
        MeterType("3-phase-N1", "", FOUR_WIRE, changes={"message": IN_CENTIVOLTS}),
        MeterType("1-phase-N1", "", ONE_PHASE, absent=L2_L3, changes={"message": IN_CENTIVOLTS}),
    ),
    encryption=Encryption(
        system_title=b"KAME\x00\x00\x00\x01",
        length_size=2,
        link_changes={"destination": (32,), "source": (1,)},
    ),
)

# As the Swedish ones; whether their clocks follow summer time is not known, and taken to be so.
LOCAL_TIME = Clock(follows_summer_time=True)
NES_LINE = P1_SE.line._replace(parity="E")
P1_DK = P1_SE._replace(
    name="P1 (DK)",
    message=KAM5,
    types=(
        *p1_types(kam5=KAM5, lgf5=LGF5._replace(clock=LOCAL_TIME)),
        MeterType("nes", "", FOUR_WIRE, changes={"message": NES5._replace(clock=LOCAL_TIME), "line": NES_LINE}),
    ),
)
