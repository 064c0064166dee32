"""Slovenia and Croatia: lists without OBIS codes, scalers and units, as they are seen in public threads."""

from simulator.encoding import octet_text, octets, u16, u32
from simulator.line import Line
from simulator.links import Hdlc
from simulator.lists import Value
from simulator.maker import FOUR_WIRE, ONE_PHASE, MeterType
from simulator.makers.austria import LANDIS_GYR_AT, UNNAMED
from simulator.registers import CURRENTS, ENERGIES, POWERS, VOLTAGES, by_phase

NAME = octet_text("ISK1030000000001")
BREAKER, TARIFF = b"\x03\x01", octet_text("0001")
IMPORTS = ("energy_import_wh", "energy_import_t1_wh", "energy_import_t2_wh")
EXPORTS = ("energy_export_wh", "energy_export_t1_wh", "energy_export_t2_wh")
PHASES = (*by_phase("power_import_w"), *by_phase("power_export_w"))
L1 = ("l1_voltage_v", "l1_current_a")
TENTHS = {**UNNAMED.values, "voltage": Value(u16, -1), "factor": Value(u16, -3)}


def message(*keys):
    return UNNAMED._replace(lists={3: keys}, values=TENTHS)


def kind(name, *keys, network=FOUR_WIRE):
    return MeterType(name, "", network, changes={"message": message(*keys)})


# Several of these alternate in the field. The device's name comes first, and in all but one its number.
ISKRA_SI = LANDIS_GYR_AT._replace(
    name="Iskraemeco (SI)",
    meter_id="16820001",
    line=Line(115200, 8, "N", 1, is_inverted=True),
    link=Hdlc((103,), (1, 17), 0x13),
    message=message(NAME, "meter_id", *POWERS, *VOLTAGES, *CURRENTS, *PHASES),
    types=(
        kind("18", NAME, "meter_id", *POWERS, *VOLTAGES, *CURRENTS, *PHASES),
        kind("12", NAME, "meter_id", *VOLTAGES, *CURRENTS, *POWERS),
        kind("12-energy", NAME, "meter_id", BREAKER, TARIFF, *IMPORTS, *EXPORTS, *ENERGIES[2:]),
        kind("10", NAME, "meter_id", *POWERS, *L1, "l1_power_import_w", "l1_power_export_w", network=ONE_PHASE),
        kind("10-energy", NAME, "meter_id", *IMPORTS[1:], *EXPORTS[1:], *(u32(7) for _ in range(4))),
        kind("9", NAME, "meter_id", *POWERS, "l1_voltage_v", *EXPORTS[1:], network=ONE_PHASE),
        kind("9-energy", NAME, *POWERS[:2], *IMPORTS, *EXPORTS),
        kind("8", NAME, "meter_id", *L1, *POWERS, network=ONE_PHASE),
        kind("4", NAME, "meter_id", IMPORTS[0], EXPORTS[0]),
    ),
    encryption=None,
)
WHOLE_VOLTS = UNNAMED._replace(lists={3: ("meter_id", *POWERS, *ENERGIES)})
LANDIS_GYR_SI = LANDIS_GYR_AT._replace(
    name="Landis+Gyr (SI)",
    meter_id="00000001",
    line=Line(2400, 8, "N", 1),
    message=WHOLE_VOLTS,
    types=(
        MeterType("9", "", FOUR_WIRE, changes={"message": WHOLE_VOLTS}),
        MeterType(
            "14",
            "",
            FOUR_WIRE,
            changes={
                "message": WHOLE_VOLTS._replace(
                    lists={3: (octet_text("00000002"), u16(5000), *CURRENTS, *VOLTAGES, *PHASES)}
                )
            },
        ),
    ),
    encryption=None,
)
# In segments, as all of this maker's long lists. Of the last five elements nothing is known: some number each.
IE5 = message(
    "meter_id",
    octets(b"\x0f\x20\x0a\x00"),
    octets(b"\x07\xe9\x0c\x03\x03"),
    *IMPORTS,
    *EXPORTS,
    *(u32(number) for number in (1234567, 765432, 55401, 1345707)),
    *POWERS[:2],
    "power_factor",
    *PHASES,
    *VOLTAGES,
    *CURRENTS,
    *(u16(0) for _ in range(5)),
)
ISKRA_HR = ISKRA_SI._replace(
    name="Iskraemeco (HR)",
    meter_id="92020001",
    link=Hdlc((103,), (1, 17), 0x13, segment_size=150),
    message=IE5,
    types=(MeterType("IE.5", "", FOUR_WIRE),),
)
