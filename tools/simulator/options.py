"""The words of the command meter.py, and the meter that they describe."""

import argparse
import time

from simulator import makers
from simulator.ciphering import KEY_SIZE, SECURITY_CONTROLS
from simulator.clock import unix_ms
from simulator.faults import Faults, faults_named
from simulator.links import Hdlc
from simulator.push import SimulatedMeter
from simulator.telegrams import CHECKS, LINE_ENDS, Telegram

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


def part_size(text):
    number = int(text)
    if not 20 <= number <= 1000:
        raise ValueError
    return number


def key(text):
    data = bytes.fromhex(text)
    if len(data) != KEY_SIZE:
        raise ValueError
    return data


def security(text):
    control = 0 if text == "none" else int(text, 16)
    if control and control not in SECURITY_CONTROLS:
        raise ValueError
    return control


def clock(text):
    try:
        return unix_ms(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text} is no time like 2026-01-15T11:59:50") from None


def type_choices():
    return "; ".join(
        name + ": " + ", ".join(meter_type.name for meter_type in maker.types)
        for name, maker in makers.MAKERS.items()
    )


def parser(description):
    """The parser of the command."""
    parser = Parser(description=description, epilog=EXAMPLE)
    add = parser.add_argument
    _add_meter(add)
    _add_link(add)
    pieces = parser.add_mutually_exclusive_group()
    pieces.add_argument("--segment", type=part_size, metavar="BYTES", help="HDLC: segments of so much information")
    pieces.add_argument("--blocks", type=part_size, metavar="BYTES", help="HDLC: general blocks of so many bytes")
    add("--seed", type=int, default=1, help="another number is another household, other faults (default 1)")
    add("--sun", action="store_true", help="the house has solar panels and exports")
    add("--clock", type=clock, metavar="TIME", help="start, Central European unless it has a zone (default now)")
    add("--origin", type=positive, metavar="SECONDS", help="Unix time at which it is --clock's time (default now)")
    add("--seconds", type=positive, help="simulated seconds to run (default for ever)")
    add("--speed", type=positive, default=1, help="simulated seconds per second, line included (default 1)")
    add(
        "--truth",
        metavar="FILE",
        help="write what each frame that arrives whole says, and when it is due, as JSON lines",
    )
    add("--hours", metavar="FILE", help="write the registers of every full hour, as JSON lines")
    output = parser.add_mutually_exclusive_group(required=True)
    output.add_argument("--pty", action="store_true", help="a pseudo-terminal; its path is printed")
    output.add_argument("--file", help='a file ("-" for standard output), written at once unless --pace')
    output.add_argument("--tcp", type=port, metavar="PORT", help="a port of 127.0.0.1 (0: any free one)")
    output.add_argument("--serial", metavar="PORT", help="a serial port, at the meter's baud rate and parity")
    add("--link", metavar="PATH", help="with --pty: a symlink to it; the line's setting is in PATH.line")
    add("--pace", action="store_true", help="with --file: at the speed of the line")
    return parser


def _add_meter(add):
    add("--meter", required=True, choices=makers.MAKERS, help="maker of the meter, or its port and country")
    add("--type", help=f"type of the meter, by default the maker's first ({type_choices()})")
    add("--meter-id", help="meter id, by default an invented one")
    add(
        "--hourly-second",
        type=int,
        choices=makers.KAMSTRUP_HOURLY_S,
        help="kamstrup, kamstrup-se: when the hourly list is sent",
    )
    add("--old", action="store_true", help="kamstrup: as firmware revision S, with its other time stamp")


def _add_link(add):
    add(
        "--security",
        type=security,
        metavar="CONTROL",
        help="encrypt with this security control: 30, 20, 21, 10 or none (default: as the maker does)",
    )
    add("--key", type=key, metavar="HEX", help="encryption key (default: made of the seed, and printed)")
    add("--auth-key", type=key, metavar="HEX", help="authentication key (default: the same)")
    add("--shared-flags", action="store_true", help="HDLC: the flag that ends a frame begins the next one")
    add("--crc", choices=CHECKS, help="P1: how the check sequence is written (default: as the maker does)")
    add("--line-end", choices=LINE_ENDS, help="P1: how lines end (default crlf)")
    add(
        "--fault",
        action="append",
        default=[],
        metavar="FAULT",
        help="lost=RATE of the bytes, flip=RATE of the bits, noise=RATE before frames, repeat=RATE of lists 3, "
        "replay=RATE of encrypted frames; one noise@SECONDS, lost@SECONDS or repeat@SECONDS; stuck@SECONDS, "
        "silent@START+SECONDS, clock@START+SECONDS=SECONDS off, new-id@SECONDS, counter-back@SECONDS; "
        "or what a wrongly set UART hears: line=2400-8N1; may be given several times",
    )


def simulated_meter(options, on_hour=None):
    """The meter that the options describe; `on_hour` is SimulatedMeter's.

    Raises ValueError where they do not go together.
    """
    maker = makers.MAKERS[options.meter]
    kind = maker.type_named(options.type) if options.type else maker.types[0]
    _check(options, maker.of_type(kind))
    kind = kind._replace(changes={**kind.changes, **_changes(options, maker.of_type(kind))})
    faults = faults_named(options.fault)
    meter = SimulatedMeter(
        maker,
        kind,
        round(time.time() * 1000) if options.clock is None else options.clock,
        options.seed,
        options.sun,
        options.meter_id,
        options.security,
        options.key,
        options.auth_key,
        faults,
        on_hour,
    )
    _check_cipher(options, faults, meter.cipher)
    return meter


def _check(options, maker):
    is_telegram, is_hdlc = isinstance(maker.message, Telegram), isinstance(maker.link, Hdlc)
    size = len(maker.meter_id)
    wrong = (
        (
            options.hourly_second and options.meter not in ("kamstrup", "kamstrup-se"),
            "--hourly-second is for Kamstrup in Norway and Sweden",
        ),
        (options.old and options.meter != "kamstrup", "--old is for Kamstrup"),
        (options.meter_id is not None and not size, f"{maker.name} sends no meter id"),
        (
            options.meter_id is not None and not (options.meter_id.isascii() and len(options.meter_id) == size),
            f"--meter-id of {maker.name} has {size} ASCII characters",
        ),
        (
            options.meter == "kamstrup-dk" and options.meter_id and not options.meter_id.isdigit(),
            f"--meter-id of {maker.name} is a number",
        ),
        ((options.segment or options.blocks or options.shared_flags) and not is_hdlc, f"{maker.name} has no HDLC"),
        ((options.crc or options.line_end) and not is_telegram, f"{maker.name} sends no P1 telegram"),
        (options.link and not options.pty, "--link goes with --pty"),
        (options.pace and not options.file, "--pace goes with --file"),
        (options.file and not (options.pace or options.seconds), "--file needs --seconds, or it never ends"),
        (options.origin and options.clock is None, "--origin goes with --clock"),
        (options.origin and options.file and not options.pace, "--origin with --file needs --pace"),
        (options.serial and options.speed != 1, "--serial has a real line's speed: leave out --speed"),
    )
    for is_wrong, complaint in wrong:
        if is_wrong:
            raise ValueError(complaint)


def _check_cipher(options, faults, cipher):
    if cipher:
        return
    if options.key or options.auth_key:
        raise ValueError("a key needs --security")
    if faults.replay or faults.counter_back_s != Faults().counter_back_s:
        raise ValueError("replay and counter-back are for encrypted frames: see --security")


def _changes(options, maker):
    """What the options change in the maker's table."""
    changes = {}
    if options.hourly_second is not None:
        changes["schedule"] = maker.schedule._replace(hourly_s=options.hourly_second)
    if options.old:
        changes["message"] = makers.KAMSTRUP_REVISION_S.message
    if options.crc or options.line_end:
        telegram = maker.message
        check = CHECKS[options.crc] if options.crc else telegram.check
        line_end = LINE_ENDS[options.line_end] if options.line_end else telegram.line_end
        changes["message"] = telegram._replace(check=check, line_end=line_end)
    link = {"segment_size": options.segment, "block_size": options.blocks, "shares_flags": options.shared_flags}
    link = {name: value for name, value in link.items() if value}
    if link:
        changes["link"] = maker.link._replace(**link)
    return changes
