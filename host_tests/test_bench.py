"""`make bench`: what it says of a passed budget and of a machine that lacks something, and that its counts hold."""

import re
import shutil
from pathlib import Path

import pytest

import bench
import qemu
import toolchain
from bench import Cost, Frame

BUDGETS = {"list 1": {"whole": 25000}, "list 2": {"whole": 150000, "after": 100000}, "data": {"bytes": 12288}}
BUDGETS["amshan"] = {"factor": 5}
BUDGETS.update({"nobody": {"free": 30000}, "two clients": {"free": 8000, "piece": 4000}})
HEAP = [("nobody", 30000, 20000), ("page", 20000, 9000), ("two", 8000, 4000)]
LIST_1 = Frame("KAIFA list 1", [b"first", b"second", b"third"], {}, "list 1", bench.HDLC)
LIST_2 = Frame("AIDON list 2", [b"first", b"second", b"third"], {}, "list 2", bench.HDLC)
WITHIN = Cost(whole=25000, after=20000, pieces=90000, data=12288, code=20000)


@pytest.fixture
def bench_of(monkeypatch, capsys):
    """Runs `make bench` on one frame with these costs and this factor; returns (what it prints, why it fails)."""

    def run(frame, cost, factor=5.0, heap=HEAP):
        monkeypatch.setattr(bench.heapbench, "measure", lambda: heap)
        monkeypatch.setattr(bench.build, "build", lambda arch: None)
        monkeypatch.setattr(bench, "BUDGETS", BUDGETS)
        monkeypatch.setattr(bench, "frames", lambda: [frame])
        monkeypatch.setattr(bench, "costs", lambda chosen: [cost])
        monkeypatch.setattr(bench, "race", lambda frame: (10.0, 10.0 * factor))
        failure = None
        try:
            bench.main()
        except SystemExit as stop:
            failure = stop.code
        return capsys.readouterr().out, failure

    return run


@pytest.fixture
def bare_machine(tmp_path, monkeypatch):
    """A machine with nothing on its PATH but what a test puts into the folder that is returned."""
    monkeypatch.setattr(toolchain, "CACHE", tmp_path / "cache")
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    for folder in ("cache", "bin"):
        (tmp_path / folder).mkdir()
    return tmp_path / "bin"


def test_what_is_within_its_budget_passes(bench_of):
    printed, failure = bench_of(LIST_1, WITHIN)
    assert failure is None
    assert re.search(r"KAIFA list 1 +5 +25,000 +25,000 +20,000 +90,000", printed)
    assert "All within their budgets." in printed


@pytest.mark.parametrize(
    "frame, cost, line",
    [
        (LIST_1, WITHIN._replace(whole=26000), "KAIFA list 1, whole: 26,000 is 1,000 (4%) past the budget of 25,000"),
        (LIST_2, WITHIN._replace(after=150000),
         "AIDON list 2, after its last byte: 150,000 is 50,000 (50%) past the budget of 100,000"),
        (LIST_1, WITHIN._replace(data=12289), "the decoder's data: 12,289 is 1 (0%) past the budget of 12,288"),
    ],
)  # fmt: skip
def test_a_passed_budget_is_a_failure_that_says_which_and_by_how_much(bench_of, frame, cost, line):
    printed, failure = bench_of(frame, cost)
    assert failure == f"bench: {line}"
    assert frame.name in printed
    assert "All within" not in printed


def test_a_heap_that_is_too_full_or_in_pieces_is_a_failure(bench_of):
    heap = [("nobody", 29000, 20000), ("page", 20000, 9000), ("two", 9000, 3000)]
    printed, failure = bench_of(LIST_1, WITHIN, heap=heap)
    assert failure.split("\n") == [
        "bench: heap, nobody: free: 29,000 is 1,000 (3%) past the budget of 30,000",
        "bench: heap, two: piece: 3,000 is 1,000 (25%) past the budget of 4,000",
    ]
    assert re.search(r"page +20,000 +9,000", printed)


def test_being_less_than_five_times_as_fast_as_amshan_is_a_failure(bench_of):
    _, failure = bench_of(LIST_1, WITHIN, factor=4.0)
    assert failure == "bench: KAIFA list 1, times faster than amshan: 4.0 is 1.0 (20%) past the budget of 5"


def test_every_passed_budget_is_named(bench_of):
    _, failure = bench_of(LIST_2, Cost(whole=150001, after=100001, pieces=0, data=12289, code=0), factor=1.0)
    assert [line.split(":")[1].strip() for line in failure.split("\n")] == [
        "AIDON list 2, whole",
        "AIDON list 2, after its last byte",
        "the decoder's data",
        "AIDON list 2, times faster than amshan",
    ]


def test_every_frame_is_there_and_so_is_its_budget():
    for frame in bench.frames():
        assert frame.expected
        assert len(frame.sent) == 3
        assert frame.budget is None or "whole" in bench.BUDGETS[frame.budget]
    assert all(budget["why"] for budget in bench.BUDGETS.values())


def test_a_frame_is_measured_up_to_the_byte_that_completes_its_reading():
    frame = next(bench.frames())
    longer = frame._replace(sent=[data + b"\x7e\x7e" for data in frame.sent])
    assert bench.until_read(longer) == frame


def test_a_frame_that_is_not_read_or_read_otherwise_is_no_figure():
    frame = next(bench.frames())
    with pytest.raises(bench.BenchError, match="AIDON 6525 list 1: no reading on CPython"):
        bench.until_read(frame._replace(sent=[frame.sent[0][:-3]] * 3))
    with pytest.raises(bench.BenchError, match="power_import_w is read as 0 on CPython, not as 1"):
        bench.until_read(frame._replace(expected={"power_import_w": 1}))


def test_no_table_is_wider_than_a_terminal(bench_of):
    frame = LIST_1._replace(name="KAMSTRUP_REVISION_S 6841121")
    printed, _ = bench_of(frame, Cost(whole=9999999, after=9999999, pieces=99999999, data=0, code=0))
    assert max(map(len, printed.split("\n"))) <= 100


def test_the_blocks_for_the_target_decrypt_an_encrypted_frame():
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    key, title, counter = bytes(range(16)), b"KAM\x00\x00\x00\x00\x01", b"\x00\x00\x01\x02"
    text = bytes(range(200))
    sealed = AESGCM(key).encrypt(title + counter, text, None)
    frame = b"\x7e\xa1\x00\xdb\x08" + title + b"\x82\x00\xd9\x30" + counter + sealed
    blocks = bench.aes_blocks(LIST_1._replace(sent=[frame], options={"key": key}))
    stream = b"".join(blocks[title + counter + number.to_bytes(4, "big")] for number in range(2, 15))
    assert bytes(a ^ b for a, b in zip(sealed, stream))[:200] == text
    assert bytes(16) in blocks


def test_a_machine_without_the_risc_v_tools_is_told_which_packages_it_lacks(bare_machine):
    with pytest.raises(toolchain.ToolchainError) as caught:
        qemu.firmware()
    assert str(caught.value) == (
        "the RISC-V machine is not installed: "
        "sudo apt install qemu-system-misc make gcc-riscv64-unknown-elf picolibc-riscv64-unknown-elf"
    )


def test_a_machine_that_has_the_firmware_needs_no_compiler(bare_machine):
    qemu.cached().touch()
    assert qemu.missing() == ["qemu-system-misc"]


def test_another_recipe_is_another_firmware(tmp_path):
    larger = qemu.BENCH._replace(recipe=(*qemu.BENCH.recipe, "MICROPY_HEAP_SIZE=1"))
    assert qemu.cached() != qemu.cached(larger)
    shutil.copytree(qemu.DONGLE.folder, tmp_path / "dongle")
    copy = qemu.DONGLE._replace(folder=tmp_path / "dongle")
    assert qemu.cached(copy) == qemu.cached(qemu.DONGLE)
    (tmp_path / "dongle" / "main.c").write_text("another")
    assert qemu.cached(copy) != qemu.cached(qemu.DONGLE)


# On the machine itself.


@pytest.mark.riscv
def test_a_frame_costs_the_same_in_two_runs():
    chosen = [next(bench.frames())]
    assert bench.costs(chosen) == bench.costs(chosen)


@pytest.mark.riscv
def test_a_frame_that_is_not_read_or_read_otherwise_on_the_target_is_no_figure():
    frame = next(bench.frames())
    with pytest.raises(bench.BenchError, match="power_import_w is read as 0 on MicroPython, not as 1"):
        bench.costs([frame._replace(expected={"power_import_w": 1})])
    with pytest.raises(bench.BenchError, match=r"ValueError: next\(\) is False after 2 of 2 pieces"):
        bench.costs([frame._replace(sent=[frame.sent[0][:-3]] * 3)])


@pytest.mark.riscv
def test_aes_on_the_target_costs_a_call_however_many_blocks(tmp_path):
    tools = Path(qemu.__file__).parent / "rv32"
    for name in ("cryptolib.py", "instret.py"):
        (tmp_path / name).write_text((tools / name).read_text())
    script = """
import cryptolib
from instret import COST, instret
cryptolib.blocks = {b"k" * 16: {b"%15d." % n: b"%15d!" % n for n in range(8)}}
aes = cryptolib.aes(b"k" * 16, 1)
def cost(n):
    now = instret
    given = b"".join(b"%15d." % i for i in range(n))
    into = bytearray(16 * n)
    spent = cryptolib.spent[0]
    start = now()
    aes.encrypt(given, into)
    end = now()
    print(into == given.replace(b".", b"!"), end - start - COST - (cryptolib.spent[0] - spent))
cost(1)
cost(1)
cost(8)
"""
    first, one, eight = (line.split() for line in qemu.run(tmp_path, script).splitlines())
    assert first[0] == one[0] == eight[0] == "True"
    assert 0 < int(one[1]) == int(eight[1]) < 2000


@pytest.mark.riscv
def test_a_script_that_raises_or_hangs_is_ended_with_one_line(tmp_path):
    (tmp_path / "package").mkdir()
    (tmp_path / "package" / "__init__.py").write_text("def fail():\n    raise ValueError('on the target')\n")
    assert qemu.run(tmp_path, "import package\nprint(package.__name__)") == "package\n"
    with pytest.raises(qemu.TargetError, match="^ValueError: on the target$"):
        qemu.run(tmp_path, "import package\nprint(1)\npackage.fail()")
    with pytest.raises(qemu.TargetError, match="^SyntaxError"):
        qemu.run(tmp_path, "this is no Python")
    with pytest.raises(qemu.TargetError, match="stopped before the script ended"):
        qemu.run(tmp_path, "import machine\nmachine.reset()")
    with pytest.raises(toolchain.ToolchainError, match="did not finish in 1 s"):
        qemu.run(tmp_path, "while True: pass", timeout_s=1)
