"""`make test`: all tests. It ends with 1 if one failed or, in CI, was left out.

What runs the firmware, a browser or a RISC-V mostly waits, and does so in one process more than there are processors;
what only reckons has the processors while nobody else wants them. What measures times of this computer comes last and
alone. What failed is tried once more with nothing beside it, and named.
"""

import os
import signal
import subprocess
import sys
import tempfile
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NamedTuple


class Run(NamedTuple):
    """`marks` say which tests, `words` are pytest's."""

    name: str
    title: str
    marks: str
    words: tuple = ()


_WAITS = "tier3 or browser or riscv"
_PROCESSORS = os.cpu_count()
WAITING = Run(
    "waiting",
    "What runs the firmware, a browser or a RISC-V; what only reckons is in the background",
    f"({_WAITS}) and not timed",
    # Each file in one process, the longest first.
    ("-n", str(_PROCESSORS + 1), "--dist", "loadfile", "--no-loadscope-reorder"),
)
RECKONING = Run(
    "reckoning",
    "What only reckons",
    f"not ({_WAITS} or timed)",
    ("-n", str(_PROCESSORS), "--dist", "worksteal"),
)
TIMED = Run("timed", "What measures times", "timed")
_SOME_FAILED = 1  # how pytest ends; 0 when all is well, and with anything else it did not run as it should
_NICEST = 19


def _pytest(run, *words):
    return [sys.executable, "-m", "pytest", "-m", run.marks, "-o", f"cache_dir=.pytest_cache/{run.name}", *words]


def _ran(run, title, *words):
    print(title + ":", flush=True)
    return subprocess.run(_pytest(run, *words)).returncode


def _give_way():
    """To whatever else wants a processor; on Linux as a whole session, since it shares them out among those first."""
    os.nice(_NICEST)
    with suppress(OSError):
        Path("/proc/self/autogroup").write_text(str(_NICEST))  # sched(7)


@contextmanager
def _in_the_background(run):
    """Yields its end: a function that waits for it, shows what it has said, and returns its code."""
    with tempfile.TemporaryFile() as said:
        process = subprocess.Popen(
            _pytest(run, "-q", *run.words),
            stdout=said,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            preexec_fn=_give_way,
        )

        def end():
            code = process.wait()
            print(run.title + ":", flush=True)
            said.seek(0)
            sys.stdout.buffer.write(said.read())
            sys.stdout.flush()
            return code

        try:
            yield end
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()


def main():
    codes = {}
    with _in_the_background(RECKONING) as end:
        codes[WAITING] = _ran(WAITING, WAITING.title, "-q", *WAITING.words)
        codes[RECKONING] = end()
    codes[TIMED] = _ran(TIMED, TIMED.title, "-q")
    for run, code in codes.items():
        if code == _SOME_FAILED:
            codes[run] = _ran(run, "WHAT FAILED ABOVE, ONCE MORE AND ALONE", "-v", "--last-failed")
    return 1 if any(codes.values()) else 0


if __name__ == "__main__":
    sys.exit(main())
