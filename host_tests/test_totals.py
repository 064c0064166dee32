"""The totals of import and export over the lists of one meter, and of the next one."""

from app.totals import Totals
from hanport import Reading
from hanport.registers import INDEX


def _list_3(wh, clock="07E80C09000E0000FF000000", meter_id=b"1", watts=0):
    reading = Reading()
    reading.put_number(INDEX["power_import_w"], watts, 0)
    reading.put_number(INDEX["energy_import_wh"], wh, 0)
    reading.put_text(INDEX["meter_id"], meter_id, 0, len(meter_id))
    reading.put_clock(bytes.fromhex(clock), 0)
    assert reading.finish()
    return reading


def _list_1(watts):
    reading = Reading()
    reading.put_number(INDEX["power_import_w"], watts, 0)
    assert reading.finish()
    return reading


def _an_hour_at(totals, watts):
    for _ in range(360):
        totals.count(_list_1(watts), 10000)


def test_an_hour_between_two_lists_3_is_carried_on_by_power():
    totals = Totals()
    totals.count(_list_3(1000000), 0)
    _an_hour_at(totals, 4000)
    assert totals.imported.wh == 1004000
    totals.count(_list_3(1004100, "07E80C09000F0000FF000000"), 0)
    assert totals.imported.wh == 1004100
    assert totals.exported.wh is None


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
