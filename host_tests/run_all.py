"""`make test`: all tests. It ends with 1 if one failed or, in CI, was left out.

Three runs at the same time: what lives through much in little time, and is to have a processor at once; what else
runs the firmware, a browser or a RISC-V, which mostly waits; and what only reckons, while no other wants the
processors. What measures times of this computer comes last and alone. Of all but the reckoning, what failed is tried
once more with nothing beside it, and named.
"""

import os
import signal
import subprocess
import sys
import tempfile
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import NamedTuple


class Run(NamedTuple):
    """`marks` say which tests, `words` are pytest's; the nicer, the less it takes the processors from others."""

    name: str
    title: str
    marks: str
    words: tuple = ()
    niceness: int = 0


_WAITS = "tier3 or browser or riscv"
_SIDE_BY_SIDE = ("-n", str(os.cpu_count()))
PROMPT = Run("prompt", "What lives through much in little time", "prompt")
WAITING = Run(
    "waiting",
    "What runs the firmware, a browser or a RISC-V",
    f"({_WAITS}) and not (prompt or timed)",
    (*_SIDE_BY_SIDE, "--dist", "loadfile", "--no-loadscope-reorder"),  # each file in one process, the long ones first
    10,
)
RECKONING = Run(
    "reckoning",
    "What only reckons",
    f"not ({_WAITS} or prompt or timed)",
    (*_SIDE_BY_SIDE, "--dist", "worksteal"),
    19,
)
TIMED = Run("timed", "What measures times", "timed")
_ALL_WELL, _SOME_FAILED = 0, 1  # how pytest ends; with anything else it did not run as it should


def _command(run, *words):
    return [sys.executable, "-m", "pytest", "-m", run.marks, "-o", f"cache_dir=.pytest_cache/{run.name}", *words]


def _give_way(niceness):
    """On Linux as a whole session, since it shares the processors out among those first (sched(7))."""
    os.nice(niceness)
    with suppress(OSError):
        Path("/proc/self/autogroup").write_text(str(niceness))


@contextmanager
def _started(run, said=None):
    """A run in a session of its own; what it says goes to the file. Yields its process."""
    process = subprocess.Popen(
        _command(run, "-q", *run.words),
        stdout=said,
        stderr=said and subprocess.STDOUT,
        start_new_session=True,
        preexec_fn=lambda: _give_way(run.niceness),
    )
    try:
        yield process
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


@contextmanager
def _in_the_background(run):
    """Yields its end: a function that waits for it, shows what it has said, and returns its code."""
    with tempfile.TemporaryFile() as said, _started(run, said) as process:

        def end():
            code = process.wait()
            _say(run.title)
            said.seek(0)
            sys.stdout.buffer.write(said.read())
            sys.stdout.flush()
            return code

        yield end


def _say(title):
    print(title + ":", flush=True)


def _ran(run):
    _say(run.title)
    with _started(run) as process:
        return process.wait()


def _is_well_alone(run):
    _say("WHAT FAILED ABOVE, ONCE MORE AND ALONE")
    return subprocess.run(_command(run, "-v", "--last-failed")).returncode == _ALL_WELL


def main():
    with ExitStack() as stack:
        prompt_end, reckoning_end = (stack.enter_context(_in_the_background(run)) for run in (PROMPT, RECKONING))
        codes = {WAITING: _ran(WAITING), PROMPT: prompt_end()}
        is_well = reckoning_end() == _ALL_WELL
    codes[TIMED] = _ran(TIMED)
    for run, code in codes.items():
        if code == _SOME_FAILED:
            is_well = _is_well_alone(run) and is_well
        elif code != _ALL_WELL:
            is_well = False
    return 0 if is_well else 1


if __name__ == "__main__":
    sys.exit(main())
