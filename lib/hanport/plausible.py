"""Are the scalers that a maker's table says plausible? Judged once for each quantity, by what the lists say.

Voltages: 230 V, 20 % more or less. Currents: with these voltages, they make about the power. Powers: what the phases
take and give is the whole's. Energies: the tariffs do not exceed the whole. What fails is taken out of the readings:
the owner's multiplier (Receiver's `scalers`) settles it.

A list without the phases' powers, of a house that takes by one phase what it gives by another, has currents that look
too large for its power: they are left out until a list without sun settles it.
"""

from .const import const
from .fields import STAMP, VALUES
from .groups import CURRENTS, EXPORTS, IMPORTS, PHASES_EXPORT, PHASES_IMPORT, POWERS, REACTIVE_POWERS, VOLTAGES
from .registers import INDEX, UNITS, VAR, VARH, WH, A, V, W

_IMPORT = INDEX["power_import_w"]
_ENERGY = INDEX["energy_import_wh"]
_EXPORT = POWERS[1:]
_TARIFFS = IMPORTS[1:]
_EXPORTED = EXPORTS[:1]

_QUANTITIES = ("voltage", "current", "power", "energy")
_OF_UNIT = {V: 0, A: 1, W: 2, VAR: 2, WH: 3, VARH: 3}
_LEAST_MV = const(184000)
_MOST_MV = const(276000)
_ENOUGH_W = const(300)  # with less, what a meter's own rounding does tells nothing
_SLACK_W = const(50)
_SLACK_WH = const(1000)
_SEVERAL = const(3)


class Judge:
    """Remembers what is settled. What is judged has a bit each: 1 << its place in _QUANTITIES."""

    def __init__(self):
        self._settled = 0  # what is known to be right, or is as the owner says
        self._doubtful = 0
        self._times = bytearray(4)  # that each was found doubtful
        self.is_due = False

    def begin(self, scalers):
        """A list comes that does not scale itself; `scalers` are the owner's, by unit."""
        self.is_due = True
        for unit in scalers:
            self._settled |= 1 << _OF_UNIT[unit]

    def judge(self, reading):
        """The list is read: take out of the reading what is doubtful. As Receiver.doubtful: once is an odd list, of
        which there is nothing to be said."""
        settled = self._settled
        if not settled & 1:
            self._take(0, _voltage(reading))
        if not settled & 2:
            self._take(1, _current(reading))
        if not settled & 4:
            self._take(2, _power(reading))
        if not settled & 8:
            self._take(3, _energy(reading))
        if self._doubtful:
            self._take_out(reading)
            for quantity in range(len(_QUANTITIES)):
                if self._doubtful >> quantity & 1 and self._times[quantity] == _SEVERAL:
                    return _QUANTITIES[quantity]
        return ""

    def _take(self, quantity, verdict):
        """What was doubtful several times is so where a list tells nothing, too."""
        times = self._times
        if verdict < 0 and times[quantity] < _SEVERAL:
            times[quantity] += 1
        if verdict > 0:
            self._settled |= 1 << quantity
        if verdict < 0 or (verdict == 0 and times[quantity] == _SEVERAL):
            self._doubtful |= 1 << quantity
        else:
            self._doubtful &= ~(1 << quantity)

    def _take_out(self, reading):
        for register in range(len(UNITS)):
            if reading.has(register) and self._doubtful >> _OF_UNIT.get(UNITS[register], 7) & 1:
                reading.store[VALUES + 3 * register + 2] = reading.store[STAMP] - 1
                reading.refuse()


def _sum(reading, registers):
    """The sum of those that the reading has, -1 when it has none."""
    found = -1
    for register in registers:
        if reading.has(register):
            found = max(found, 0) + reading.store[VALUES + 3 * register]
    return found


def _voltage(reading):
    """1 plausible, -1 not, 0: who knows; as of all of these. A phase without voltage tells nothing."""
    verdict = 0
    for register in VOLTAGES:
        value = reading.store[VALUES + 3 * register]
        if reading.has(register) and value:
            if _LEAST_MV <= value <= _MOST_MV:
                return 1
            verdict = -1
    return verdict


def _current(reading):
    """Apparent power is at least the active one, and not many times the active and reactive ones. Where phases give
    and take at a time, the whole is less than what flows in them: if the list has the phases', these count."""
    watts = max(_sum(reading, POWERS), 0)
    if _power(reading) > 0:
        watts = max(watts, _sum(reading, PHASES_IMPORT) + max(_sum(reading, PHASES_EXPORT), 0))
    if watts < _ENOUGH_W or _sum(reading, CURRENTS) < 0 or _voltage(reading) < 1:
        return 0
    apparent = 0
    for phase in range(3):
        if reading.has(CURRENTS[phase]):
            volts = reading.store[VALUES + 3 * VOLTAGES[phase]] // 1000 or 230
            apparent += volts * (reading.store[VALUES + 3 * CURRENTS[phase]] // 10) // 100
    if watts // 2 <= apparent <= 3 * (watts + max(_sum(reading, REACTIVE_POWERS), 0)):
        return 1
    return -1


def _power(reading):
    """The whole is what the phases take without what they give; of a list that does not tell the latter nothing is
    known where a house gives."""
    taken, given = _sum(reading, PHASES_IMPORT), _sum(reading, PHASES_EXPORT)
    if not reading.has(_IMPORT) or taken < 0 or (given < 0 and _sum(reading, _EXPORTED) > 0):
        return 0
    whole = reading.store[VALUES + 3 * _IMPORT] - max(_sum(reading, _EXPORT), 0)
    given = max(given, 0)
    most = max(abs(whole), taken + given)
    if most < _ENOUGH_W:
        return 0
    return 1 if abs(whole - taken + given) <= _SLACK_W + most // 10 else -1


def _energy(reading):
    """Two tariffs of four may be less than the whole."""
    tariffs = _sum(reading, _TARIFFS)
    if tariffs <= 0 or not reading.has(_ENERGY):
        return 0
    whole = reading.store[VALUES + 3 * _ENERGY]
    if tariffs > whole + whole // 100 + _SLACK_WH:
        return -1
    return 1 if tariffs >= whole - whole // 100 - _SLACK_WH else 0
