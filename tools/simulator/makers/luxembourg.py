"""Luxembourg: DSMR 5 telegrams in an envelope, with the same authentication key for all (Smarty P1 1.1.3)."""

from simulator.dsmr import EQUIPMENT, GAS, TARIFF, failure_log, meter_behind
from simulator.maker import FOUR_WIRE, Encryption, Every, MeterType
from simulator.makers.netherlands import CUBIC_METRES, DSMR5, ENERGIES_BY_TARIFF, P1_NL
from simulator.registers import CURRENTS, ENERGIES, POWERS, VOLTAGES, by_phase
from simulator.telegrams import Number

SMARTY = DSMR5._replace(
    ident="SYN5\\000000001_A",
    lines=(
        "1-3:0.2.8(42)",
        "timestamp",
        EQUIPMENT,
        *ENERGIES,
        *ENERGIES_BY_TARIFF,
        TARIFF,
        *POWERS,
        "0-0:17.0.0(27.6*kVA)",
        "1-0:9.7.0(00.500*kVA)",
        "1-0:31.4.0(040*A)(-40*A)",
        "0-0:96.3.10(1)",
        "0-0:96.7.21(00010)",
        failure_log(2),
        *VOLTAGES,
        *CURRENTS,
        *by_phase("power_import_w"),
        *by_phase("power_export_w"),
        meter_behind(1, GAS, "SYN0002", "gas_dm3", CUBIC_METRES, 60),
    ),
    numbers={**DSMR5.numbers, "var": Number(2, 3, "kvar"), "varh": Number(6, 3, "kvarh")},
)
PUBLIC_KEY = bytes.fromhex("00112233445566778899AABBCCDDEEFF")

P1_LU = P1_NL._replace(
    name="P1 (LU)",
    message=SMARTY,
    schedule=Every(10_000),
    types=(MeterType("smarty", "", FOUR_WIRE),),
    encryption=Encryption(b"SAGg\x00\x00\x00\x01", 2, 0x30, authentication_key=PUBLIC_KEY),
)
