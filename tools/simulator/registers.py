"""What the simulated meters measure: the project's keys with their OBIS codes, and the numbers behind them.

The household gives its readings as integers under the same keys: in W, var, Wh and varh; currents and voltages in
thousandths as `l1_current_ma` and `l1_voltage_mv`, power factors as `power_factor_permille`.
"""

from typing import NamedTuple

MILLI = ("current", "voltage", "factor")


class Register(NamedTuple):
    quantity: str  # "text", "clock", "power", "current", "voltage", "factor", "energy"
    code: str = ""  # groups C.D.E of the OBIS code; texts and clocks have the maker's own


# In the order of their codes.
POWERS = ("power_import_w", "power_export_w", "reactive_import_var", "reactive_export_var")
ENERGIES = (
    "energy_import_wh",
    "energy_export_wh",
    "reactive_energy_import_varh",
    "reactive_energy_export_varh",
)
# Reactive energy by quadrant, which only the Swiss E450 sends; the decoder has no keys for it.
QUADRANTS = tuple(f"reactive_energy_q{quadrant}_varh" for quadrant in (1, 2, 3, 4))


def _totals():
    yield from ((key, Register("power", f"{number}.7.0")) for number, key in enumerate(POWERS, 1))
    yield from ((key, Register("energy", f"{number}.8.0")) for number, key in enumerate(ENERGIES + QUADRANTS, 1))
    yield "power_factor", Register("factor", "13.7.0")
    for tariff in (1, 2):
        yield f"energy_import_t{tariff}_wh", Register("energy", f"1.8.{tariff}")
        yield f"energy_export_t{tariff}_wh", Register("energy", f"2.8.{tariff}")


def _of_phase(phase):
    """The codes of a phase are those of the total, 20 further for each phase (Blue Book table 8)."""
    first = 20 * phase
    yield f"l{phase}_power_import_w", Register("power", f"{first + 1}.7.0")
    yield f"l{phase}_power_export_w", Register("power", f"{first + 2}.7.0")
    yield f"l{phase}_reactive_import_var", Register("power", f"{first + 3}.7.0")
    yield f"l{phase}_reactive_export_var", Register("power", f"{first + 4}.7.0")
    yield f"l{phase}_energy_import_wh", Register("energy", f"{first + 1}.8.0")
    yield f"l{phase}_energy_export_wh", Register("energy", f"{first + 2}.8.0")
    yield f"l{phase}_current_a", Register("current", f"{first + 11}.7.0")
    yield f"l{phase}_voltage_v", Register("voltage", f"{first + 12}.7.0")
    yield f"l{phase}_power_factor", Register("factor", f"{first + 13}.7.0")


REGISTERS = {
    **{key: Register("text") for key in ("list_version", "meter_id", "meter_type")},
    "timestamp": Register("clock"),
    **dict(_totals()),
    **{key: register for phase in (1, 2, 3) for key, register in _of_phase(phase)},
}


def by_phase(name):
    """The keys of the three phases, such as l1_current_a of "current_a"."""
    return tuple(f"l{phase}_{name}" for phase in (1, 2, 3))


CURRENTS = by_phase("current_a")
VOLTAGES = by_phase("voltage_v")


def reading_key(key):
    """The name under which the household gives what this key stands for."""
    quantity = REGISTERS[key].quantity
    if quantity == "factor":
        return key + "_permille"
    return f"{key[:-1]}m{key[-1]}" if quantity in MILLI else key


def count(key, exponent, readings):
    """A reading as a number of steps of 10**exponent W, A, V, Wh, ...

    Registers are rounded down, as a counter is, the rest to the nearest.
    """
    quantity = REGISTERS[key].quantity
    amount = readings[reading_key(key)]
    step = 10 ** (exponent + 3 if quantity in MILLI else exponent)
    return amount // step if quantity == "energy" else (amount + step // 2) // step


def in_si(key, number, exponent):
    """That many steps in SI units: a float for what is measured in thousandths, an integer for the rest."""
    return number / 10**-exponent if REGISTERS[key].quantity in MILLI else number * 10**exponent


def unit(key):
    """The unit of a key, such as "varh"; "" for a power factor."""
    return "" if REGISTERS[key].quantity == "factor" else key.rpartition("_")[2]
