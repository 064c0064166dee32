"""One meter's lists become totals and hours, by each maker's timing: Aidon, Kaifa, Kamstrup, P1."""

from app.totals import Totals
from energy.calendar import HOUR_S, date_time, offset_s, seconds
from energy.hour import ESTIMATE, HOUR, MARK, Hour
from hanport import Reading
from hanport.registers import INDEX

_CET = 1
_AIDON, _KAIFA, _KAMSTRUP = b"AIDON_V0001", b"KFM_001", b"Kamstrup_V0001"


def _reading(shown_s=None, maker=None, meter_id=b"1", summer="W", **registers):
    """A list with these registers, whose clock shows so."""
    reading = Reading()
    for key, value in registers.items():
        reading.put_number(INDEX[key], value, 0)
    if registers.keys() - {"power_import_w"}:
        reading.put_text(INDEX["meter_id"], meter_id, 0, len(meter_id))
    if maker:
        reading.put_text(INDEX["list_version"], maker, 0, len(maker))
    if shown_s is not None:
        year, *rest = date_time(shown_s)
        text = "{:02d}{:02d}{:02d}{:02d}{:02d}{:02d}".format(year - 2000, *rest) + (summer if maker is None else "")
        reading.put_clock_text(text.encode(), 0, len(text))
    return reading


class _House:
    """Drives Totals with a clock of its own, and collects the hours that are completed."""

    def __init__(self, maker, start_s, ntp=True, shown=lambda at_s: at_s + HOUR_S, totals=None):
        self.totals = totals or Totals(_CET)
        self.maker = maker
        self.now_s = start_s
        self.ntp = ntp
        self.shown = shown
        self.wh = 1000000
        self.hours = []
        self.meter_id = b"1"

    def use(self, watts, seconds_, step_s=10):
        """Lists of power alone for so long; the register goes on."""
        for _ in range(0, seconds_, step_s):
            self.now_s += step_s
            self._count(_reading(power_import_w=watts), step_s)
        self.wh += watts * seconds_ // 3600

    def silence(self, watts, seconds_):
        self.now_s += seconds_
        self.wh += watts * seconds_ // 3600

    def list_3(self, lag_s=0, **more):
        """The hourly list, whose clock shows the time `lag_s` ago."""
        shown_s = self.shown(self.now_s - lag_s)
        registers = {"power_import_w": 0, "energy_import_wh": self.wh, **more}
        self._count(_reading(shown_s, self.maker, self.meter_id, **registers), 0)

    def _count(self, reading, elapsed_s):
        self.totals.count(reading, 1000 * elapsed_s, self.now_s if self.ntp else None, self.ntp)
        record = Hour()
        while self.totals.hours.next(record):
            self.hours.append((record.hour, record.kind, record.wh[0]))
            self.totals.hours.done()


_NOON = seconds(2026, 1, 15, 12)


def test_an_aidons_list_3_ten_seconds_past_the_hour_completes_the_hour_that_has_ended():
    house = _House(_AIDON, _NOON - 10)
    house.use(3600, 20)
    house.list_3(10)
    house.use(3600, HOUR_S)
    house.list_3(10)
    hour = _NOON // HOUR_S
    assert house.hours == [(hour - 1, MARK, None), (hour, HOUR, 3600)]


def test_kaifas_and_kamstrups_lists_show_the_second_when_they_are_sent():
    for maker, second in ((_KAIFA, 10), (_KAMSTRUP, 5), (_KAMSTRUP, 55)):
        house = _House(maker, _NOON + second)
        house.list_3()
        house.use(3600, HOUR_S, 5)
        house.list_3()
        assert house.hours[1:] == [(_NOON // HOUR_S, HOUR, 3600)]


def test_a_repeated_list_3_is_neither_an_hour_nor_a_new_register():
    house = _House(_AIDON, _NOON)
    house.list_3()
    house.use(3600, HOUR_S)
    before = house.totals.imported.wh
    # The previous list once more: its clock, its register.
    house.totals.count(
        _reading(_NOON + HOUR_S, _AIDON, power_import_w=0, energy_import_wh=1000000), 0, house.now_s, True
    )
    assert house.totals.imported.wh == before
    house.use(7200, HOUR_S)
    house.list_3()
    hour = _NOON // HOUR_S
    assert house.hours == [(hour - 1, MARK, None), (hour, ESTIMATE, 3600), (hour + 1, ESTIMATE, 7200)]


def test_a_missed_list_3_makes_two_estimates_that_add_up():
    house = _House(_AIDON, _NOON)
    house.list_3()
    house.use(1000, HOUR_S)
    house.use(3000, HOUR_S)
    house.wh += 40
    house.list_3()
    assert [row[1:] for row in house.hours[1:]] == [(ESTIMATE, 1010), (ESTIMATE, 3030)]


def test_a_dongle_started_in_the_middle_of_an_hour_waits_for_the_first_mark():
    house = _House(_AIDON, _NOON + 1500)
    house.use(3600, 2100)
    house.list_3()
    assert house.hours == [(_NOON // HOUR_S, MARK, None)]


def _night_of_change(maker, shown, first_s):
    """Six hours of a meter, starting 3 h before the change, without NTP: the hours that come out."""
    house = _House(maker, first_s, ntp=False, shown=shown)
    own = {}
    totals = house.totals
    for _ in range(6):
        house.now_s += 10
        registers = {"power_import_w": 0, "energy_import_wh": house.wh}
        reading = _reading(shown(house.now_s), maker, **registers)
        # The dongle's clock runs as the meter has set it.
        totals.count(reading, 10000, own.get("s") and house.now_s, False)
        own["s"] = totals.at_s
        assert totals.at_s == house.now_s
        record = Hour()
        while totals.hours.next(record):
            house.hours.append((record.hour, record.kind, record.wh[0]))
            totals.hours.done()
        house.now_s += HOUR_S - 10
        house.wh += 1000
    return house.hours


def _walls_time(at_s):
    return at_s + offset_s(at_s, _CET)


def test_both_nights_of_summer_time_have_every_hour_once():
    for first_s in (seconds(2026, 3, 28, 22), seconds(2026, 10, 24, 22)):
        for maker, shown in (
            (_KAIFA, _walls_time),
            (_AIDON, lambda s: s + HOUR_S),
            (_KAMSTRUP, lambda s: s + HOUR_S),
        ):
            hours = _night_of_change(maker, shown, first_s)
            assert [row[0] for row in hours] == list(range(first_s // HOUR_S - 1, first_s // HOUR_S + 5)), maker
            assert [row[1:] for row in hours[1:]] == [(HOUR, 1000)] * 5


def test_a_replaced_meter_makes_an_estimate_of_its_hour_and_no_spike():
    house = _House(_AIDON, _NOON)
    house.list_3()
    house.use(2000, HOUR_S // 2)
    total = house.totals.imported.wh
    house.meter_id = b"2"
    house.wh = 45000000
    house.use(4000, HOUR_S // 2)
    house.list_3()
    house.use(1000, HOUR_S)
    house.list_3()
    assert [row[1:] for row in house.hours[1:]] == [(ESTIMATE, 3000), (HOUR, 1000)]
    assert house.totals.imported.wh == total + 2000 + 1000


def test_a_register_that_rolls_over_makes_an_ordinary_hour():
    house = _House(_AIDON, _NOON)
    house.wh = 10**9 - 500
    house.list_3()
    house.use(2000, HOUR_S)
    house.wh -= 10**9
    house.list_3()
    assert house.hours[1:] == [(_NOON // HOUR_S, HOUR, 2000)]


def test_export_is_counted_by_the_hour_too():
    totals = Totals(_CET)
    record = Hour()
    for i, (import_wh, export_wh) in enumerate(((1000, 500), (1200, 900))):
        at_s = _NOON + i * HOUR_S
        reading = _reading(
            at_s + HOUR_S, _AIDON, power_import_w=0, energy_import_wh=import_wh, energy_export_wh=export_wh
        )
        totals.count(reading, 10000, at_s, True)
        assert totals.hours.next(record)
        totals.hours.done()
    assert record.wh == [200, 400]


def test_p1_telegrams_mark_an_hour_only_at_its_very_beginning():
    house = _House(None, _NOON)
    house.list_3()
    assert house.hours == [(_NOON // HOUR_S - 1, MARK, None)]
    for _ in range(360):
        house.use(3600, 10)
        house.list_3()
    assert house.hours[1:] == [(_NOON // HOUR_S, HOUR, 3600)]
    # Silent over the next mark: what comes 40 s late is no mark.
    for _ in range(300):
        house.use(3600, 10)
        house.list_3()
    house.silence(3600, 640)
    house.list_3()
    assert len(house.hours) == 2


def test_a_meter_whose_clock_is_wrong_has_hours_all_the_same():
    house = _House(_KAMSTRUP, _NOON + 5, shown=lambda at_s: at_s - seconds(2026, 1, 15) + seconds(2000, 1, 1))
    for _ in range(8):
        house.list_3()
        house.use(1000, HOUR_S)
    assert house.hours[-1] == (_NOON // HOUR_S + 6, HOUR, 1000)
    assert sum(row[2] for row in house.hours if row[2]) == 1000 * (len(house.hours) - 1)


def test_a_clock_before_any_dongle_was_made_sets_nothing():
    totals = Totals(_CET)
    totals.count(_reading(seconds(2000, 1, 1), _KAMSTRUP, power_import_w=1, energy_import_wh=1), 0, None, False)
    assert totals.at_s is None and totals.hours.mark is None


def test_after_a_restart_amid_an_hour_the_register_still_gives_the_whole_hour():
    house = _House(_AIDON, _NOON)
    house.list_3()
    house.use(2000, HOUR_S // 2)
    kept = Hour()
    kept.hour, kept.meter = house.totals.hours.mark - 1, house.totals.meter
    kept.registers, kept.totals = list(house.totals.hours.registers), list(house.totals.hours.totals)
    again = Totals(_CET)
    again.resume(kept)
    again.restore(house.totals.hours.mark, house.totals.hours.pending(), "standard")
    assert again.imported.wh == house.totals.imported.wh == 1001000
    rest = _House(_AIDON, house.now_s, totals=again)
    rest.wh = house.wh
    rest.use(2000, HOUR_S // 2)
    rest.list_3()
    assert rest.hours == [(_NOON // HOUR_S, HOUR, 2000)]


def test_a_meter_that_was_exchanged_while_the_dongle_was_off_is_noticed():
    kept = Hour()
    kept.hour, kept.meter = _NOON // HOUR_S - 1, 12345
    kept.registers, kept.totals = [1000000, None], [1000000, None]
    totals = Totals(_CET)
    totals.resume(kept)
    house = _House(_AIDON, _NOON + HOUR_S, totals=totals)
    house.wh = 77000000
    house.list_3()
    assert house.hours == [(_NOON // HOUR_S, ESTIMATE, 0)]
    assert totals.imported.wh == 1000000


def test_an_hour_between_two_lists_3_is_carried_on_by_power():
    house = _House(_AIDON, _NOON)
    house.list_3()
    house.use(4000, HOUR_S)
    assert house.totals.imported.wh == 1004000
    assert house.totals.so_far(_NOON // HOUR_S, 0) == 4000
    house.wh += 100
    house.list_3()
    assert house.totals.imported.wh == 1004100
    assert house.totals.exported.wh is None


def _totals_with_export():
    totals = Totals(_CET)
    totals.exported.set_register(0)
    return totals


def _count(totals, elapsed_ms, **registers):
    totals.count(_reading(**registers), elapsed_ms, None, False)


def test_export_goes_on_through_the_lists_1_that_do_not_carry_it():
    totals = _totals_with_export()
    for _ in range(360):
        for _ in range(3):
            _count(totals, 2500, power_import_w=0)
        _count(totals, 2500, power_import_w=0, power_export_w=4000)
    assert totals.exported.wh == 4000


def test_nothing_is_exported_while_power_is_imported():
    totals = _totals_with_export()
    for _ in range(3600):
        _count(totals, 2500, power_import_w=500)
    _count(totals, 2500, power_import_w=0, power_export_w=4000)
    assert totals.exported.wh == 2


def test_where_each_tariff_has_its_register_the_total_is_both():
    totals = Totals(_CET)

    def count(shown_s, **registers):
        totals.count(_reading(shown_s, **{f"energy_{key}_wh": wh for key, wh in registers.items()}), 0, None, False)

    count(_NOON, import_t1=1234567, import_t2=2345678, export_t1=12345, export_t2=0)
    assert totals.wh == (3580245, 12345)
    # The meter's own sum is preferred, and one tariff alone is no total.
    count(_NOON + 10, **{"import": 3580250, "import_t1": 1, "import_t2": 2, "export_t1": 9})
    assert totals.wh == (3580250, 12345)
