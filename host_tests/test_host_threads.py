"""The host's threads take turns, as an ESP32's: one runs until it waits, and whatever it waits in lets others run."""

import json

import pytest

import alone

pytestmark = pytest.mark.tier3

# Another thread counts as fast as it can, whenever it has the turn.
_COUNTING = """
import machine
import _thread, json, select, socket, time
count, is_over = 0, False

def run():
    global count
    while not is_over:
        count += 1
        time.sleep_us(0)

_thread.start_new_thread(run, ())
"""
# MicroPython does not end well while a thread runs.
_END = """
is_over = True
time.sleep_ms(50)
"""


def _said(program, folder):
    return json.loads(alone.run(program, folder))


def test_what_two_threads_do_without_a_lock_is_not_lost(compiled, tmp_path):
    program = """
import machine
import _thread, json, time
total, ended = 0, 0

def add():
    global total, ended
    for number in range(100):
        for _ in range(1000):
            total += 1
        time.sleep_us(1)
    ended += 1

for _ in range(2):
    _thread.start_new_thread(add, ())
while ended < 2:
    time.sleep_ms(1)
print(json.dumps(total))
"""
    assert _said(program, tmp_path) == 200000


def test_who_does_not_wait_keeps_the_turn(compiled, tmp_path):
    program = (
        _COUNTING
        + """
time.sleep_ms(50)
before = count
began = time.ticks_ms()
while time.ticks_diff(time.ticks_ms(), began) < 200:
    pass
print(json.dumps([before > 0, count - before]))
"""
        + _END
    )
    assert _said(program, tmp_path) == [True, 0]


@pytest.mark.parametrize(
    "wait",
    [
        "time.sleep(0.1)",
        "time.sleep_ms(100)",
        "time.sleep_us(100000)",
        "poller.poll(100)",
        "list(poller.ipoll(100))",
        "asyncio.run(nap())",
        "ask(socket)",
        "ask(umqtt.simple.socket)",
    ],
)
def test_who_waits_lets_others_run(compiled, tmp_path, wait):
    program = (
        _COUNTING
        + f"""
import asyncio, umqtt.simple
listening = socket.socket()
listening.bind(socket.getaddrinfo("127.0.0.1", 0)[0][-1])
listening.listen(1)
poller = select.poll()
poller.register(listening, select.POLLIN)

async def nap():
    await asyncio.sleep_ms(100)

def ask(module):
    for _ in range(1000):
        module.getaddrinfo("localhost", 80)

before = count
{wait}
print(json.dumps(count - before))
"""
        + _END
    )
    assert _said(program, tmp_path) > 1


def test_an_exception_in_a_thread_ends_it_alone(compiled, tmp_path):
    program = """
import machine
import _thread, time

def fail():
    raise ValueError("as it should")

_thread.start_new_thread(fail, ())
time.sleep_ms(50)
print("on")
"""
    said = alone.run(program, tmp_path)
    assert "ValueError: as it should" in said and said.endswith("on\n")
