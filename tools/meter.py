#!/usr/bin/env python3
"""A simulated electricity meter with a Norwegian HAN port, on a pseudo-terminal, TCP, a serial line, a file.

It sends the lists of an Aidon, Embriq, Kaifa or Kamstrup meter, bit by bit and second by second as the maker
does, at the speed of its line, measured on an invented household. It ends after --seconds or by Ctrl-C.
"""

import argparse
import json
import signal
import sys
import time
from collections import Counter
from contextlib import closing, nullcontext
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "lib"))

from simulator import makers  # noqa: E402
from simulator.clock import unix_ms  # noqa: E402
from simulator.line import PacedLine  # noqa: E402
from simulator.outputs import FileOutput, PtyOutput, SerialOutput, TcpOutput  # noqa: E402
from simulator.push import SimulatedMeter  # noqa: E402

EXAMPLE = "example: meter.py --meter aidon --type 6525 --pty --link /tmp/han --clock 2026-01-15T11:59:50"


class Parser(argparse.ArgumentParser):
    def error(self, message):
        """One line, without the usage."""
        self.exit(2, f"{self.prog}: {message} (see --help)\n")


def positive(text):
    number = float(text)
    if not 0 < number < float("inf"):
        raise ValueError
    return number


def port(text):
    number = int(text)
    if not 0 <= number <= 65535:
        raise ValueError
    return number


def clock(text):
    try:
        return unix_ms(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text} is no time like 2026-01-15T11:59:50") from None


def type_choices():
    return "; ".join(
        key + ": " + ", ".join(meter_type.name for meter_type in maker.types) for key, maker in makers.MAKERS.items()
    )


def arguments():
    parser = Parser(description=__doc__, epilog=EXAMPLE)
    add = parser.add_argument
    add("--meter", required=True, choices=makers.MAKERS, help="maker of the meter")
    add("--type", help=f"type of the meter, by default the maker's first ({type_choices()})")
    add("--meter-id", help="meter id, by default an invented one")
    add(
        "--hourly-second",
        type=int,
        choices=makers.KAMSTRUP_HOURLY_S,
        help="Kamstrup: when the hourly list is sent (default 5)",
    )
    add("--old", action="store_true", help="Kamstrup: as firmware revision S, with its other time stamp")
    add("--sun", action="store_true", help="the house has solar panels and exports")
    add("--seed", type=int, default=1, help="another number is another household (default 1)")
    add("--clock", type=clock, metavar="TIME", help="start, Norwegian unless it has a zone (default now)")
    add("--seconds", type=positive, help="simulated seconds to run (default for ever)")
    add("--speed", type=positive, default=1, help="simulated seconds per second, line included (default 1)")
    add("--truth", metavar="FILE", help="write what each frame must be read as, one JSON object a line")
    output = parser.add_mutually_exclusive_group(required=True)
    output.add_argument("--pty", action="store_true", help="a pseudo-terminal; its path is printed")
    output.add_argument("--file", help='a file ("-" for standard output), written at once unless --pace')
    output.add_argument("--tcp", type=port, metavar="PORT", help="a port of 127.0.0.1 (0: any free one)")
    output.add_argument("--serial", metavar="PORT", help="a serial port, at the meter's baud rate and parity")
    add("--link", metavar="PATH", help="with --pty: a symlink to it; the line's setting is in PATH.line")
    add("--pace", action="store_true", help="with --file: at the speed of the line")
    return parser, parser.parse_args()


def check(options):
    """Raises ValueError when options that are right one by one do not go together."""
    wrong = (
        (options.hourly_second and options.meter != "kamstrup", "--hourly-second is for Kamstrup"),
        (options.old and options.meter != "kamstrup", "--old is for Kamstrup"),
        (options.link and not options.pty, "--link goes with --pty"),
        (options.pace and not options.file, "--pace goes with --file"),
        (options.file and not (options.pace or options.seconds), "--file needs --seconds, or it never ends"),
        (options.serial and options.speed != 1, "--serial has a real line's speed: leave out --speed"),
    )
    for is_wrong, complaint in wrong:
        if is_wrong:
            raise ValueError(complaint)


def simulated_meter(options):
    """Raises ValueError when the maker has no such type or meter id."""
    maker = makers.KAMSTRUP_REVISION_S if options.old else makers.MAKERS[options.meter]
    size = len(maker.meter_id)
    if options.meter_id is not None and not (options.meter_id.isascii() and len(options.meter_id) == size):
        raise ValueError(f"--meter-id of {maker.name} has {size} ASCII characters")
    meter_type = maker.type_named(options.type) if options.type else maker.types[0]
    if options.hourly_second is not None:
        maker = maker._replace(schedule=maker.schedule._replace(hourly_s=options.hourly_second))
    start_ms = round(time.time() * 1000) if options.clock is None else options.clock
    return SimulatedMeter(maker, meter_type, start_ms, options.seed, options.sun, options.meter_id)


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


def run(meter, options, output, truth, stopped):
    """Send until the time is up or `stopped()`. Returns how many frames were sent, by list."""
    end_ms = meter.start_ms + 1000 * options.seconds if options.seconds else float("inf")
    is_paced = options.pace or not options.file
    paced = PacedLine(meter.maker.line, output, meter.start_ms, options.speed, stopped)
    sent = Counter()
    for push in meter.pushes():
        if push.due_ms >= end_ms or stopped():
            break
        if not is_paced:
            output.write(push.frame)
        elif not paced.send(push.frame, push.due_ms):
            break
        sent[push.list_number] += 1
        if truth:
            print(json.dumps({"list": push.list_number, **push.expected}), file=truth, flush=True)
    if is_paced:
        paced.wait_until(end_ms)
    return sent


def report(sent, dropped):
    counts = ", ".join(f"{sent[number]} of list {number}" for number in sorted(sent)) or "none"
    lost = f"; {dropped} bytes that nobody read" if dropped else ""
    print(f"frames sent: {counts}{lost}", file=sys.stderr)


def main():
    parser, options = arguments()
    signals = []
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *caught: signals.append(caught))
    try:
        check(options)
        meter = simulated_meter(options)
    except ValueError as error:
        parser.error(str(error))
    try:
        with closing(open_output(options, meter.maker.line)) as output, open_truth(options.truth) as truth:
            if output.address:
                print(output.address, flush=True)
            report(run(meter, options, output, truth, lambda: bool(signals)), output.dropped)
    except OSError as error:
        parser.exit(1, f"{parser.prog}: {error}\n")


if __name__ == "__main__":
    main()
