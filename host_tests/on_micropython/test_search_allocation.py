"""The search for the line setting takes no heap, whatever comes. Only MicroPython can lock its heap."""

import micropython

from linesearch import LineSearch


def test_a_search_of_an_hour_takes_no_heap():
    search = LineSearch()
    noise = bytearray(b"\x7e\xa0\x2f\x00" * 8)
    changes = 0
    micropython.heap_lock()
    try:
        for step in range(144000):
            if step % 40 < 8:
                search.bytes_came(noise, 32)
            # One good frame, after a minute.
            changes += search.time_passed(25, step, step > 2400)
    finally:
        micropython.heap_unlock()
    assert changes > 100 and search.found
