"""The setup network's DNS answers take no heap: phones ask whenever they like, and as often."""

import micropython

import captivedns
from test_captivedns import AAAA, ADDRESS, ANY, HTTPS, OPT, A, query, question


def test_no_query_takes_heap_whether_it_is_answered_or_dropped():
    queries = [query(question(kind=kind), extra=OPT) for kind in (A, AAAA, HTTPS, ANY)]
    queries += [query(question(), flags=0x8000), query(question(), count=2), query(question())[:20]]
    out = bytearray(captivedns.LARGEST)
    answer = captivedns.answer
    answers = 0
    micropython.heap_lock()
    try:
        for data in queries:
            if answer(data, len(data), ADDRESS, out):
                answers += 1
    finally:
        micropython.heap_unlock()
    assert answers == 4
