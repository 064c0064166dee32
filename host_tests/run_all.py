"""`make test`: all tests. It ends with 1 if one failed or, in CI, was left out.

What runs the firmware, a browser or a RISC-V mostly waits, and does so in one process more than there are processors;
what only reckons has the processors while nobody else wants them. What measures times of this computer comes last and
alone. Of all but the reckoning, what failed is tried once more with nothing beside it, and named.
"""

import os
import signal
import subprocess
import sys
import tempfile
from contextlib import contextmanager, suppress
from pathlib import Path

_WAITS = "tier3 or browser or riscv"
_RECKONING = ("-m", f"not ({_WAITS} or timed)", "--dist", "worksteal", "-o", "cache_dir=.pytest_cache/reckoning")
# Each file's tests in one process, the long files first.
_WAITING = ("-m", f"({_WAITS}) and not timed", "--dist", "loadfile", "--no-loadscope-reorder", "--cache-clear")
_TIMED = ("-m", "timed")
_AGAIN = ("-v", "-m", f"{_WAITS} or timed", "--last-failed", "--last-failed-no-failures", "none")
_ALL_WELL, _SOME_FAILED = 0, 1  # how pytest ends; with anything else it did not run as it should
_PROCESSORS = os.cpu_count()
_NICEST = 19


def _pytest(*words):
    return [sys.executable, "-m", "pytest", *words]


def _run(title, *words):
    print(title, flush=True)
    return subprocess.run(_pytest(*words)).returncode


def _give_way():
    """To whatever else wants a processor; on Linux as a whole session, since it shares them out among those first."""
    os.nice(_NICEST)
    with suppress(OSError):
        Path("/proc/self/autogroup").write_text(str(_NICEST))  # sched(7)


@contextmanager
def _in_the_background(*words):
    """A run that gives way to all others. Yields its end: a function that waits for it, shows what it has said, and
    returns its code."""
    with tempfile.TemporaryFile() as said:
        process = subprocess.Popen(
            _pytest(*words), stdout=said, stderr=subprocess.STDOUT, start_new_session=True, preexec_fn=_give_way
        )

        def end():
            code = process.wait()
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
    with _in_the_background("-q", "-n", str(_PROCESSORS), *_RECKONING) as end:
        title = "What runs the firmware, a browser or a RISC-V; what only reckons is in the background:"
        codes = [_run(title, "-q", "-n", str(_PROCESSORS + 1), *_WAITING)]
        print("What only reckons:", flush=True)
        is_well = end() == _ALL_WELL
    codes.append(_run("What measures times:", "-q", *_TIMED))
    if any(code not in (_ALL_WELL, _SOME_FAILED) for code in codes):
        return 1
    if _SOME_FAILED in codes:
        is_well = _run("WHAT FAILED ABOVE, ONCE MORE AND ALONE:", *_AGAIN) == _ALL_WELL and is_well
    return 0 if is_well else 1


if __name__ == "__main__":
    sys.exit(main())
