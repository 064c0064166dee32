#!/usr/bin/env python3
"""A simulated electricity meter with a customer port, on a pseudo-terminal, TCP, a serial line, a file.

It sends what the meters of simulator/makers/ send, bit by bit and second by second as the maker does, at the speed of
its line, measured on an invented household; with faults on request. It ends after --seconds or by Ctrl-C.
"""

import json
import signal
import sys
import time
from collections import Counter
from contextlib import ExitStack, closing, nullcontext

from simulator.line import PacedLine
from simulator.options import parser, simulated_meter
from simulator.outputs import FileOutput, PtyOutput, SerialOutput, TcpOutput

NOT_LATE_S = 0.1
# From this speed on, what keeps a reader's host busy for a moment is no fault of the reader.
HIGH_SPEED = 100
PATIENCE_S = 1


def open_output(options, line):
    if options.pty:
        return PtyOutput(line, options.link, PATIENCE_S if options.speed >= HIGH_SPEED else 0)
    if options.file:
        return FileOutput(options.file)
    if options.serial:
        return SerialOutput(line, options.serial)
    return TcpOutput(options.tcp)


def open_lines(path):
    return open(path, "w", encoding="ascii") if path else nullcontext()


def show_keys(cipher, options):
    """The keys that nobody gave, on standard error."""
    if cipher and not options.key:
        print(f"key: {cipher.key.hex()}", file=sys.stderr, flush=True)
    if cipher and cipher.has_tag and not options.auth_key:
        print(f"authentication key: {cipher.authentication_key.hex()}", file=sys.stderr, flush=True)


def started(options):
    """When, by time.monotonic(), the meter's clock shows --clock."""
    return time.monotonic() + (options.origin - time.time() if options.origin else 0)


def write_hours(rows, until_ms, file):
    """Those of the rows (SimulatedMeter's `on_hour`) whose time has come."""
    while rows and 1000 * (rows[0].get("hour") or rows[0]["exchange"]) <= until_ms:
        print(json.dumps(rows.pop(0)), file=file, flush=True)


def run(meter, options, output, truth, stopped, when_sent):
    """Send until the time is up or `stopped()`; after each frame, `when_sent(due_ms)` is called. Returns how many
    frames were sent, by list, how many of them no decoder can read, and how many seconds the latest one was late."""
    end_ms = meter.start_ms + 1000 * options.seconds if options.seconds else float("inf")
    is_paced = options.pace or not options.file
    paced = PacedLine(meter.maker.line, output, meter.start_ms, options.speed, stopped, started(options))
    sent, damaged = Counter(), 0
    for push in meter.pushes():
        if push.due_ms >= end_ms or stopped():
            break
        if not is_paced:
            output.write(push.frame)
        elif not paced.send(push.frame, push.due_ms):
            break
        sent[push.list_number] += 1
        damaged += push.expected is None
        when_sent(push.due_ms)
        if truth and push.expected is not None:
            row = {"list": push.list_number, "due_ms": push.due_ms, **push.expected}
            print(json.dumps(row), file=truth, flush=True)
    if is_paced:
        paced.wait_until(end_ms)
    if not stopped():
        when_sent(end_ms)
    return sent, damaged, paced.latest_s


def report(sent, damaged, done, late_s, dropped):
    counts = ", ".join(f"{sent[number]} of list {number}" for number in sorted(sent)) or "none"
    harm = f"; {damaged} of them cannot be read" if damaged else ""
    asked = "".join(f"; {name}: {done[name]}" for name in sorted(done) if done[name])
    lost = f"; {dropped} bytes that nobody read" if dropped else ""
    late = f"; up to {1000 * late_s:.0f} ms late" if late_s > NOT_LATE_S else ""
    print(f"frames sent: {counts}{harm}{asked}{lost}{late}", file=sys.stderr)


def main():
    command = parser(__doc__)
    options = command.parse_args()
    signals = []
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *caught: signals.append(caught))
    rows = []
    try:
        meter = simulated_meter(options, rows.append if options.hours else None)
    except ValueError as error:
        command.error(str(error))
    try:
        with ExitStack() as stack:
            output = stack.enter_context(closing(open_output(options, meter.maker.line)))
            truth, hours = (stack.enter_context(open_lines(path)) for path in (options.truth, options.hours))
            if output.address:
                print(output.address, flush=True)
            show_keys(meter.cipher, options)
            told = run(meter, options, output, truth, lambda: bool(signals), lambda ms: write_hours(rows, ms, hours))
            sent, damaged, late_s = told
            report(sent, damaged, meter.done, late_s, output.dropped)
    except OSError as error:
        command.exit(1, f"{command.prog}: {error}\n")


if __name__ == "__main__":
    main()
