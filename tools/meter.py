#!/usr/bin/env python3
"""A simulated electricity meter with a customer port, on a pseudo-terminal, TCP, a serial line, a file.

It sends what meters in Norway, Sweden, Denmark and Finland send, and some of the Netherlands, Austria and
Switzerland, bit by bit and second by second as the maker does, at the speed of its line, measured on an invented
household; with faults on request. It ends after --seconds or by Ctrl-C.
"""

import json
import signal
import sys
from collections import Counter
from contextlib import closing, nullcontext

from simulator.line import PacedLine
from simulator.options import parser, simulated_meter
from simulator.outputs import FileOutput, PtyOutput, SerialOutput, TcpOutput


def open_output(options, line):
    if options.pty:
        return PtyOutput(line, options.link)
    if options.file:
        return FileOutput(options.file)
    if options.serial:
        return SerialOutput(line, options.serial)
    return TcpOutput(options.tcp)


def open_truth(path):
    return open(path, "w", encoding="ascii") if path else nullcontext()


def show_keys(cipher, options):
    """The keys that nobody gave, on standard error."""
    if cipher and not options.key:
        print(f"key: {cipher.key.hex()}", file=sys.stderr, flush=True)
    if cipher and cipher.has_tag and not options.auth_key:
        print(f"authentication key: {cipher.authentication_key.hex()}", file=sys.stderr, flush=True)


def run(meter, options, output, truth, stopped):
    """Send until the time is up or `stopped()`. Returns how many frames were sent, by list, and how many of them
    no decoder can read."""
    end_ms = meter.start_ms + 1000 * options.seconds if options.seconds else float("inf")
    is_paced = options.pace or not options.file
    paced = PacedLine(meter.maker.line, output, meter.start_ms, options.speed, stopped)
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
        if truth and push.expected is not None:
            print(json.dumps({"list": push.list_number, **push.expected}), file=truth, flush=True)
    if is_paced:
        paced.wait_until(end_ms)
    return sent, damaged


def report(sent, damaged, dropped):
    counts = ", ".join(f"{sent[number]} of list {number}" for number in sorted(sent)) or "none"
    harm = f"; {damaged} of them cannot be read" if damaged else ""
    lost = f"; {dropped} bytes that nobody read" if dropped else ""
    print(f"frames sent: {counts}{harm}{lost}", file=sys.stderr)


def main():
    command = parser(__doc__)
    options = command.parse_args()
    signals = []
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *caught: signals.append(caught))
    try:
        meter = simulated_meter(options)
    except ValueError as error:
        command.error(str(error))
    try:
        with closing(open_output(options, meter.maker.line)) as output, open_truth(options.truth) as truth:
            if output.address:
                print(output.address, flush=True)
            show_keys(meter.cipher, options)
            report(*run(meter, options, output, truth, lambda: bool(signals)), output.dropped)
    except OSError as error:
        command.exit(1, f"{command.prog}: {error}\n")


if __name__ == "__main__":
    main()
