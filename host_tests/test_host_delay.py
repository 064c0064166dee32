"""On the host, what the computer itself held the firmware up for is no delay of the reader's; all else is."""

import json
import os
import shutil
import subprocess
import sys
from contextlib import contextmanager

import pytest

import alone
from conftest import ROOT

pytestmark = [pytest.mark.tier3, pytest.mark.timed]

# A reader, and beside it a task that does something again and again. It says the reader's longest delay, and the
# longest that the task took.
_READING = """
import asyncio, json, time
from app.board import Board
from app.reader import Reader

async def wait():
    await asyncio.sleep_ms(60)

def reckon():
    for _ in range(4000000):
        pass

async def work():
    reckon()
    await asyncio.sleep_ms(30)

async def wait_for_a_thread():
    ended = []
    def run():
        reckon()
        ended.append(True)
    _thread.start_new_thread(run, ())
    while not ended:
        await asyncio.sleep_ms(30)

async def main(task):
    reader = Reader(Board(), "2400 8E1", {}, None)
    reading = asyncio.create_task(reader.run())
    await asyncio.sleep_ms(300)
    reader.longest_delay_ms = longest_ms = 0
    began = time.ticks_ms()
    while time.ticks_diff(time.ticks_ms(), began) < 1000:
        task_began = time.ticks_ms()
        await task()
        longest_ms = max(longest_ms, time.ticks_diff(time.ticks_ms(), task_began))
    await asyncio.sleep_ms(200)  # MicroPython does not end well while a thread runs
    print(json.dumps([reader.longest_delay_ms, longest_ms]))

import _thread
asyncio.run(main(TASK))
"""


def _yield():
    """The firmware has a tenth of one processor, where others want it too."""
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    os.nice(10)


def _yield_to_all():
    """It has it when nobody else wants it, so that it waits long even for a moment of it."""
    _yield()
    os.sched_setscheduler(0, os.SCHED_IDLE, os.sched_param(0))


@contextmanager
def _busy():
    """Others want that processor always."""
    processor = min(os.sched_getaffinity(0))
    program = f"import os; os.sched_setaffinity(0, {{{processor}}})\nwhile True: pass"
    processes = [subprocess.Popen([sys.executable, "-c", program]) for _ in range(2)]
    try:
        yield
    finally:
        for process in processes:
            process.kill()
            process.wait()


@pytest.fixture
def delays(tmp_path, compiled):
    """delays(task, manner): (the reader's longest delay, the longest that the task took) in ms."""
    shutil.copy(ROOT / "boards" / "host" / "board.json", tmp_path)

    def run(task, manner):
        said = alone.run(_READING.replace("TASK", task), tmp_path, seconds=60, preexec_fn=manner)
        return json.loads(said.splitlines()[-1])

    return run


def test_what_the_computer_holds_up_is_no_delay(delays):
    with _busy():
        delay_ms, longest_ms = delays("wait", _yield_to_all)
    assert longest_ms > 60 + 10 > 60 + delay_ms


@pytest.mark.parametrize("task", ["work", "wait_for_a_thread"])
def test_what_the_firmware_does_itself_is_one_however_busy_the_computer_is(delays, task):
    alone_ms, alone_longest_ms = delays(task, _yield)
    with _busy():
        delay_ms, longest_ms = delays(task, _yield)
    assert longest_ms > 2 * alone_longest_ms
    assert delay_ms > alone_ms / 2 > 5
