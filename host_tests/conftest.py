"""Where imports come from, which tests this machine can run, and what is said at the end of a run."""

import fcntl
import os
import platform
import sys
from contextlib import closing
from functools import partial
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
for folder in ("lib", "firmware", "tools", "host_tests/lib", "host_tests"):
    sys.path.insert(0, str(ROOT / folder))

import broker  # noqa: E402
import browser  # noqa: E402
import build  # noqa: E402
import pages  # noqa: E402
import qemu  # noqa: E402
import toolchain  # noqa: E402

SHARED = ROOT.parent / "shared"
IS_ONE_OF_MANY = "PYTEST_XDIST_WORKER" in os.environ  # this is one of several processes that run tests side by side
# Files of tests that read real captures and the facts sheet.
_READ_SHARED = (
    "lib/test_sheet.py",
    "lib/test_captures.py",
    "test_meter_sheet.py",
    "test_maskcapture_captures.py",
)
NEED_SHARED = () if SHARED.is_dir() else _READ_SHARED
NOT_ALL_RAN = 8  # how a run ends that left something out: none of pytest's own, so that it is not tried again
collect_ignore = ["on_micropython", *NEED_SHARED]

left_out = []  # (what, why), for the summary
passed = {"tier 1": 0, "tier 2": 0, "tier 3": 0}
said = []  # lines of say()


@pytest.fixture(scope="session")
def compiled():
    """The firmware as compiled .mpy, in build/host."""
    build.build("host")


@pytest.fixture(scope="session")
def dongle_builds(tmp_path_factory):
    """{arch: folder} of the firmware as compiled for each instruction set that a dongle has."""
    folder = tmp_path_factory.getbasetemp()
    if IS_ONE_OF_MANY:
        folder = folder.parent  # which all of them have
    builds = {arch: folder / "builds" / arch for arch in build.ARCHES if arch != "host"}
    with (folder / "builds.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        for arch, path in builds.items():
            if not path.exists():
                build.build(arch, path)
    return builds


@pytest.fixture(scope="session")
def built_pages(tmp_path_factory):
    """The folder with the dongle's pages, as they are served."""
    folder = tmp_path_factory.mktemp("www")
    pages.build_pages(folder)
    return folder


@pytest.fixture(scope="module")
def chromium():
    with browser.running() as running:
        yield running


@pytest.fixture
def say(record_property):
    """say(line) puts a line into the summary at the end of the run."""
    return partial(record_property, "said")


@pytest.fixture
def stage(tmp_path, compiled):
    """A stage with nothing on it yet."""
    from stage import Stage

    with closing(Stage(tmp_path)) as stage:
        yield stage


def library_modules():
    """Names of the test modules that run on CPython and on MicroPython alike."""
    folder = ROOT / "host_tests" / "lib"
    ignored = {Path(name).name for name in NEED_SHARED}
    return sorted(path.stem for path in folder.glob("test_*.py") if path.name not in ignored)


def _no_micropython():
    """Why there is no MicroPython to test on; None when there is one."""
    try:
        toolchain.micropython()
        toolchain.umqtt()
    except toolchain.ToolchainError as error:
        return str(error)
    return None


def _no_broker():
    return None if broker.is_there() else "no MQTT broker: install mosquitto, or run `make broker`"


def tier(keywords):
    """Of a test, by its keywords, which have its markers."""
    for name in ("tier2", "tier3"):
        if name in keywords:
            return "tier " + name[-1]
    return "tier 1"


def _minutes(item):
    """How long its file takes; 0 for less than one."""
    long = item.get_closest_marker("long")
    return long.args[0] if long else 0


def _leave_out(config, items, what, why, chosen):
    """Take the chosen tests out of this run, to be named at its end."""
    out = [item for item in items if chosen(item)]
    if out:
        left_out.append((what or ", ".join(item.name for item in out), why))
        config.hook.pytest_deselected(items=out)
        items[:] = [item for item in items if item not in out]


@pytest.hookimpl(trylast=True)  # of those that were chosen
def pytest_collection_modifyitems(config, items):
    """The longest first, and tiers in their order; what this machine cannot run is left out, and named."""
    items.sort(key=lambda item: (-_minutes(item), tier(item.keywords)))
    no_micropython = _no_micropython()
    for name in ("tier 2", "tier 3"):
        reason = no_micropython or (_no_broker() if name == "tier 3" else None)
        if reason:
            _leave_out(config, items, name, reason, lambda item, name=name: tier(item.keywords) == name)
    if not broker.mosquitto():
        _leave_out(config, items, None, "no mosquitto", lambda item: item.get_closest_marker("mosquitto"))
    if browser.missing():
        what, why = "the dongle's pages in a browser", browser.missing()
        _leave_out(config, items, what, why, lambda item: item.get_closest_marker("browser"))
    if qemu.missing():
        why = "no RISC-V machine to run on: install " + " ".join(qemu.missing())
        _leave_out(config, items, None, why, lambda item: item.get_closest_marker("riscv"))
    left_out.extend((f"host_tests/{name}", f"no {SHARED.name}/ folder beside the project") for name in NEED_SHARED)


def pytest_runtest_logreport(report):
    """This is told of the tests of other processes, too."""
    if report.when == "call":
        passed[tier(report.keywords)] += report.passed
        said.extend(line for name, line in report.user_properties if name == "said")


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node):
    """One of several processes is at its end; all have left out the same."""
    left_out[:] = getattr(node, "workeroutput", {}).get("left_out", left_out)


def pytest_sessionfinish(session):
    """In CI a test that could not run is a failure, but for those that read what is not in the repository."""
    if IS_ONE_OF_MANY:
        session.config.workeroutput["left_out"] = left_out
    elif os.environ.get("CI") and len(left_out) > len(NEED_SHARED):
        session.exitstatus = NOT_ALL_RAN


def pytest_terminal_summary(terminalreporter):
    terminalreporter.section("tiers")
    terminalreporter.write_line(f"tier 1: {passed['tier 1']} passed on CPython {platform.python_version()}")
    for line in said:
        terminalreporter.write_line(line)
    if passed["tier 3"]:
        terminalreporter.write_line(f"tier 3: {passed['tier 3']} passed with the whole firmware as compiled .mpy")
    for what, why in left_out:
        terminalreporter.write_line(f"LEFT OUT {what}: {why}")
