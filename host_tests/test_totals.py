"""The totals of import and export over the lists of one meter, and of the next one."""

from app.totals import Totals
from hanport import Reading
from hanport.registers import INDEX


def _list_3(wh, clock=b"241209140000W", meter_id=b"1", watts=0):
    reading = Reading()
    reading.put_number(INDEX["power_import_w"], watts, 0)
    reading.put_number(INDEX["energy_import_wh"], wh, 0)
    reading.put_text(INDEX["meter_id"], meter_id, 0, len(meter_id))
    reading.put_clock_text(clock, 0, len(clock))
    assert reading.list == 3
    return reading


def _list_1(watts):
    reading = Reading()
    reading.put_number(INDEX["power_import_w"], watts, 0)
    return reading


def _list_2(import_w, export_w):
    reading = _list_1(import_w)
    reading.put_number(INDEX["power_export_w"], export_w, 0)
    return reading


def _an_hour_at(totals, watts):
    for _ in range(360):
        totals.count(_list_1(watts), 10000)


def test_an_hour_between_two_lists_3_is_carried_on_by_power():
    totals = Totals()
    totals.count(_list_3(1000000), 0)
    _an_hour_at(totals, 4000)
    assert totals.imported.wh == 1004000
    totals.count(_list_3(1004100, b"241209150000W"), 0)
    assert totals.imported.wh == 1004100
    assert totals.exported.wh is None


def test_export_goes_on_through_the_lists_1_that_do_not_carry_it():
    totals = Totals()
    totals.exported.set_register(0)
    for _ in range(360):
        for _ in range(3):
            totals.count(_list_1(0), 2500)
        totals.count(_list_2(0, 4000), 2500)
    assert totals.exported.wh == 4000


def test_nothing_is_exported_while_power_is_imported():
    totals = Totals()
    totals.exported.set_register(0)
    for _ in range(3600):
        totals.count(_list_1(500), 2500)
    totals.count(_list_2(0, 4000), 2500)
    assert totals.exported.wh == 2


def test_a_repeated_list_3_is_not_taken_for_new_registers():
    totals = Totals()
    totals.count(_list_3(1000000), 0)
    _an_hour_at(totals, 4000)
    totals.count(_list_3(1000000), 0)
    _an_hour_at(totals, 4000)
    assert totals.imported.wh == 1008000
    assert totals.imported.overshoot_wh == 0


def test_another_meter_begins_anew_though_its_registers_are_lower():
    totals = Totals()
    assert not totals.count(_list_3(1000000), 0)
    assert totals.count(_list_3(5, meter_id=b"2"), 0)
    assert totals.imported.wh == 5


def _tariffs(clock, **registers):
    reading = Reading()
    for key, wh in registers.items():
        reading.put_number(INDEX[f"energy_{key}_wh"], wh, 0)
    reading.put_clock_text(clock, 0, len(clock))
    return reading


def test_where_each_tariff_has_its_register_the_total_is_both():
    totals = Totals()
    totals.count(_tariffs(b"240715120010S", import_t1=1234567, import_t2=2345678, export_t1=12345, export_t2=0), 0)
    assert (totals.imported.wh, totals.exported.wh) == (3580245, 12345)
    # The meter's own sum is preferred, and one tariff alone is no total.
    totals.count(_tariffs(b"240715120020S", **{"import": 3580250, "import_t1": 1, "import_t2": 2, "export_t1": 9}), 0)
    assert (totals.imported.wh, totals.exported.wh) == (3580250, 12345)
