"""Hungary: the telegram of all grid companies, four tariffs, reactive energy by quadrant (E.ON's description of it).

The order of the lines is that of telegrams seen in the field (dsmr-parser's EON_HUNGARY).
"""

from simulator.dsmr import TARIFF
from simulator.maker import FOUR_WIRE, MeterType
from simulator.makers.netherlands import DSMR5, P1_NL
from simulator.registers import CURRENTS, ENERGIES, POWERS, VOLTAGES, by_phase
from simulator.telegrams import Extra, Number


def others(*codes):
    """Tariffs that nothing is counted in."""
    expected = {f"energy_{way}_t{number}_wh": 0 for way in codes for number in (3, 4)}
    digits = {"import": 1, "export": 2}
    lines = "\r\n".join(f"1-0:{digits[way]}.8.{number}(000000.000*kWh)" for way in codes for number in (3, 4))
    return Extra(lambda readings: lines, lambda readings: expected)


EON = DSMR5._replace(
    ident="SYN5SYN-METER",
    lines=(
        "timestamp",
        "0-0:42.0.0(53594E303030303030303031)",
        Extra(
            lambda readings: f"0-0:96.1.0({readings['meter_id']})",
            lambda readings: {"meter_id": readings["meter_id"]},
        ),
        TARIFF,
        "0-0:96.50.68(CSATLAKOZTATVA)",
        "0-0:17.0.0(90.000*kW)",
        "energy_import_wh",
        "energy_import_t1_wh",
        "energy_import_t2_wh",
        others("import"),
        "energy_export_wh",
        "energy_export_t1_wh",
        "energy_export_t2_wh",
        others("export"),
        *ENERGIES[2:],
        "1-0:5.8.0(000000.123*kvarh)",
        "1-0:6.8.0(000000.000*kvarh)",
        "1-0:7.8.0(000000.000*kvarh)",
        "1-0:8.8.0(000000.321*kvarh)",
        "1-0:15.8.0(000001.234*kWh)",
        *VOLTAGES,
        *CURRENTS,
        "power_factor",
        *by_phase("power_factor"),
        "1-0:14.7.0(50.00*Hz)",
        *POWERS[:2],
        "1-0:5.7.0(00.010*kvar)",
        "1-0:6.7.0(00.000*kvar)",
        "1-0:7.7.0(00.000*kvar)",
        "1-0:8.7.0(00.000*kvar)",
        "0-0:98.1.0(230401000000S)(000005.112*kWh)(000004.334*kWh)(000000.778*kWh)(000000.000*kWh)",
        "1-0:31.4.0(050.00*A)",
        f"0-0:96.13.0({'4D454752454E44454C45532E' * 16})",
    ),
    numbers={
        "w": Number(2, 3, "kW"),
        "wh": Number(6, 3, "kWh"),
        "varh": Number(6, 3, "kvarh"),
        "v": Number(3, 1, "V"),
        "a": Number(3, 0, "A"),
        "": Number(1, 3, ""),
    },
)

P1_HU = P1_NL._replace(
    name="P1 (HU)",
    message=EON,
    types=(MeterType("eon", "", FOUR_WIRE, changes={"message": EON}),),
)
