"""The checks of a whole hard day, in words and in figures."""

from soaking.checks import own_faults, thirds
from soaking.verdict import Verdict, json_lines, judged_hours, marks_heard

from . import checks
from .plan import listed

MOST_LINES = 40  # of faults of one kind
_NO_ROOM = (
    "no room for a request",
    "nobody can be let in now",
    "not now: ",
    "not enough memory",
    "the page is not there",
)


def judged(plan, folder, world, late_ms):
    """The Verdict of a plan that a HardWorld has lived through; `late_ms` is how late its meter has been."""
    truth = json_lines(folder / "meter-truth")
    board, visitor = world.board, world.visitor
    certain = marks_heard(plan, truth, world.downs)
    faults, unexplained, figures = judged_hours(plan, folder, world.listener, certain)
    messages = [(name, payload, world.household_s(came_s)) for name, payload, came_s in world.listener.messages]
    shown = [(world.household_s(at_s), watt) for at_s, watt in visitor.powers]
    free = [probe.free for probe in board.probes if plan.is_alone(world.household_s(probe.at_s) - plan.start_s)]
    for found in (
        unexplained,
        world.faults,
        visitor.faults,
        checks.readings(messages, truth),
        checks.powers(shown, truth),
        checks.starts(board.log),
        own_faults(board.log),
        checks.heap(free),
        checks.delays(board.probes),
        checks.done(plan.counts, world.done),
    ):
        faults += list(found)[:MOST_LINES]
    start, end = thirds(free)
    powers = sum(name == "power" for name, _payload, _at in messages)
    asked = sum(visitor.answers.values())
    delay_ms = max((probe.delay_ms for probe in board.probes), default=0)
    figures.update(
        {
            "faults": listed({kind: world.done[kind] for kind in plan.counts}),
            "faults in all": sum(world.done.values()),
            "lists that came whole": len(truth),
            "readings published": powers,
            "readings on the page": len(shown),
            "starts of the firmware": sum("] start: firmware " in line for line in board.log),
            "answers of the page": f"{asked}, of which {visitor.answers[200]} were whole and well",
            "times without room": sum(text in line for line in board.log for text in _NO_ROOM),
            "longest UART delay": f"{delay_ms:.0f} ms",
            "heap free with nobody at the page": f"{start} bytes in the first hours, {end} in the last",
            "the meter was late by": f"{late_ms} ms",
        }
    )
    return Verdict(faults, figures, late_ms)
