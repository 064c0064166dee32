"""The simulated meter: which list it sends when, with which readings."""

from typing import NamedTuple, Optional

from simulator.ciphering import Cipher, derived_key
from simulator.faults import Damage, Faults
from simulator.house import House
from simulator.links import FLAG
from simulator.maker import HOUR_S
from simulator.registers import REGISTERS

FIRST_SEQUENCE = 0xA000  # invocations and frames that the meter has counted when it is first looked at


class Push(NamedTuple):
    due_ms: int  # Unix time when the first byte leaves the meter, or as soon after it as the line is free
    list_number: int
    frame: bytes  # on the wire, with what faults have made of it
    expected: Optional[dict]  # see Notification.expected_reading; None where no decoder can read it


class SimulatedMeter:
    """A meter of `maker` and `meter_type` (makers/), switched on at `start_ms` (Unix time).

    The household is drawn from `seed`; with `sun` it has solar panels. Powers, currents and voltages are those of
    the moment. `security_control` is one of ciphering.SECURITY_CONTROLS, 0 for none, or None for what the maker does.

    `on_hour` is called at every full hour, whatever is sent then, with {"hour": Unix time, "meter_id": ...} and the
    energy registers as a list with registers would say them; and, with "exchange" in the place of "hour", with the
    last ones of a meter that is exchanged.
    """

    def __init__(
        self,
        maker,
        meter_type,
        start_ms,
        seed=1,
        sun=False,
        meter_id=None,
        security_control=None,
        key=None,
        authentication_key=None,
        faults=None,
        on_hour=None,
    ):
        self.maker = maker.of_type(meter_type)
        self.meter_type = meter_type
        self.start_ms = start_ms
        start_s = start_ms // 1000
        step_s = self.maker.schedule.register_step_s
        self.house = House(start_s - start_s % HOUR_S, meter_type.network, seed, sun, step_s)
        self.cipher = self._cipher(security_control, key, authentication_key, seed)
        if self.cipher:
            link = self.maker.link._replace(**self.maker.encryption.link_changes)
            self.maker = self.maker._replace(link=link)
        self._faults = faults or Faults()
        self._damage = Damage(self._faults, self.maker.line, seed)
        self._sequence = FIRST_SEQUENCE
        self._has_sent = False
        self._last_list_3 = None
        self._on_hour = on_hour
        self._next_hour_s = -(-start_ms // (1000 * HOUR_S)) * HOUR_S
        self._texts = {
            "list_version": self.maker.message.list_version,
            "meter_id": meter_id or self.maker.meter_id,
            "meter_type": meter_type.text,
        }

    @property
    def done(self):
        """{fault: how often it has come} of those that were asked for at a moment."""
        return dict(self._damage.done)

    def _cipher(self, security_control, key, authentication_key, seed):
        encryption = self.maker.encryption
        if security_control is None and encryption:
            security_control = encryption.security_control
        if not security_control:
            return None
        if not encryption:
            raise ValueError(f"{self.maker.name} does not encrypt")
        return Cipher(
            encryption.system_title,
            encryption.length_size,
            security_control,
            key or derived_key(seed, "key"),
            authentication_key or encryption.authentication_key or derived_key(seed, "authentication key"),
        )

    def pushes(self):
        """Every Push, in order, without end unless the meter gets stuck."""
        step_ms = self.maker.schedule.step_ms
        tick_ms = -(-self.start_ms // step_ms) * step_ms  # the first one at or after the start
        while tick_ms - self.start_ms < 1000 * self._faults.stuck_s:
            self._tell_hour(tick_ms // 1000)
            self._grow_older(step_ms, tick_ms)
            if not self._faults.is_silent((tick_ms - self.start_ms) / 1000):
                for number in self.maker.schedule.due_lists(tick_ms):
                    yield from self._sent(self._push(tick_ms, number))
            tick_ms += step_ms

    def _tell_hour(self, second):
        if self._on_hour and second >= self._next_hour_s:
            self._tell("hour", self._next_hour_s, self.house.readings(self._next_hour_s))
            self._next_hour_s += HOUR_S

    def _tell(self, what, second, readings):
        readings = {**self._texts, **readings, **self.maker.message.clock.readings(second)}
        said = self.maker.expected_reading(self.meter_type, 3, readings)
        energies = {key: said[key] for key in said if key in REGISTERS and REGISTERS[key].quantity == "energy"}
        self._on_hour({what: second, "meter_id": self._texts["meter_id"], **energies})

    def _grow_older(self, step_ms, tick_ms):
        """What happens to the meter in the step that ends with this tick."""
        age_s, before_s = (tick_ms - self.start_ms) / 1000, (tick_ms - step_ms - self.start_ms) / 1000
        if before_s < self._faults.new_id_s <= age_s:
            readings = self.house.readings(tick_ms // 1000)
            readings.update(self.house.exchange_meter(tick_ms // 1000))
            if self._on_hour:
                self._tell("exchange", tick_ms // 1000, readings)
            self._last_list_3 = None
            self._texts["meter_id"] = next_id(self._texts["meter_id"])
        if before_s < self._faults.counter_back_s <= age_s:
            self._sequence = 0

    def _push(self, tick_ms, number):
        """A list as the meter sends it."""
        readings = self._readings(tick_ms // 1000, number)
        self._sequence += 1
        frame = self.maker.encode(self.meter_type, number, readings, self._sequence, self.cipher)
        if self.maker.link.shares_flags and self._has_sent:
            frame = frame[len(FLAG) :]
        expected = self.maker.expected_reading(self.meter_type, number, readings)
        if "timestamp" in expected:
            self._damage.note_clock(tick_ms / 1000 - self.start_ms / 1000)
        return Push(tick_ms + self.maker.schedule.start_ms, number, frame, expected)

    def _readings(self, second, number):
        lag_s = self.maker.schedule.clock_lag_s if number == 3 else 0
        age_s = second - self.start_ms / 1000
        clock = self.maker.message.clock.readings(second - lag_s + self._faults.clock_off_s(age_s))
        readings = {**self._texts, **self.house.readings(second), **clock}
        if number == 3:
            if self._last_list_3 and self._repeats(age_s):
                readings.update(self._last_list_3)
            self._last_list_3 = {key: readings[key] for key in readings if key in clock or "energy" in key}
        return readings

    def _repeats(self, age_s):
        is_by_chance = self._damage.happens(self._faults.repeat)
        return self._damage.has_come("repeat", age_s) or is_by_chance

    def _sent(self, push):
        """The push as it arrives, and after it perhaps once more: where a tag proves it old, it is refused."""
        self._has_sent = True
        yield self._arrived(push)
        if self.cipher and self._damage.happens(self._faults.replay):
            again = None if self.cipher.has_tag else push.expected
            yield self._arrived(push._replace(expected=again))

    def _arrived(self, push):
        age_s = (push.due_ms - self.start_ms) / 1000
        frame, is_readable = self._damage.on_the_way(push.frame, age_s, self.maker.link.shares_flags)
        return push._replace(frame=frame, expected=push.expected if is_readable else None)


def next_id(meter_id):
    """The id of the meter that comes after; "" stays so."""
    return meter_id and meter_id[:-1] + ("0" if meter_id[-1] != "0" else "1")
