"""The fuzzer: a short run of it; and it finds what it is there to find."""

import subprocess
import sys

import pytest

from conftest import ROOT
from fuzz import make_trial
from fuzzing.oracle import intact_frames
from fuzzing.sources import frames, sources
from fuzzing.trial import LONGEST_PIECE, Part, Trial, run, shrunk
from hanport import Receiver

KNOWN = sources()


def source(name):
    return next(one for one in KNOWN if one.name == name)


def trial(link, *parts):
    return Trial({"link": link, "size": 4096}, parts, (), "1")


def damaged(data):
    return data[:40] + bytes((data[40] ^ 1,)) + data[41:]


def test_a_short_run_finds_nothing_and_says_what_it_did():
    command = [sys.executable, ROOT / "tools" / "fuzz.py", "--seconds", "5", "--seed", "1"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.startswith("seed 1, ")
    assert "mutated bytes" in done.stdout and "FOUND" not in done.stdout


def test_the_same_seed_makes_the_same_trials():
    assert make_trial("3/0/1", KNOWN) == make_trial("3/0/1", KNOWN) != make_trial("3/0/2", KNOWN)


@pytest.mark.parametrize("one", KNOWN, ids=lambda one: one.name)
def test_the_oracle_knows_the_frames_of_every_meter_and_no_damaged_ones(one):
    is_unchecked = one.options.get("unchecked", False)
    for push in one.pushes[:3]:
        found = intact_frames(push.data, one.link, is_unchecked)
        assert [frame.data for frame in found] == [frame.lstrip() for frame in frames(push.data, one.link)]
        if not is_unchecked:
            assert len(intact_frames(damaged(push.data), one.link)) == len(found) - 1


def test_a_reading_of_a_damaged_frame_is_a_finding(monkeypatch):
    push = source("Netz NOe MA309M in the clear").pushes[0]
    at = push.data.index(push.expected["meter_id"].encode())
    wrong = push.data[:at] + b"9" + push.data[at + 1 :]
    assert run(trial("line", Part(wrong))).finding == ""
    monkeypatch.setattr("hanport.mbus.total", lambda buffer, start, stop: buffer[stop])
    assert run(trial("line", Part(wrong))).finding.startswith("no intact frame says")


def test_a_frame_that_is_not_delivered_is_a_finding(monkeypatch):
    push, *_ = source("P1 (SE) efs").pushes
    assert run(trial("line", Part(*push))).finding == ""
    monkeypatch.setattr("hanport.p1.check_of", lambda buffer, pos, tail: 0)
    assert run(trial("line", Part(*push))).finding.startswith("not delivered in time")


def test_an_error_a_loop_and_a_leak_are_findings(monkeypatch):
    push, *_ = source("Aidon 6534").pushes
    kept = []

    def fail(receiver, reading):
        raise IndexError("out of range")

    def loop(receiver, reading):
        while True:
            pass

    def leak(receiver, reading):
        receiver.kept = kept
        kept.append(bytes(LONGEST_PIECE * 100))
        return False

    for fault, finding in ((fail, "IndexError"), (loop, "TimeoutError"), (leak, "the receiver has grown")):
        monkeypatch.setattr(Receiver, "next", fault)
        assert run(trial("line", Part(*push))).finding.startswith(finding)


def test_a_finding_is_made_shorter(monkeypatch):
    pushes = source("Netz NOe MA309M in the clear").pushes
    monkeypatch.setattr("hanport.mbus.total", lambda buffer, start, stop: buffer[stop])
    wrong = damaged(pushes[3].data)
    long = trial("mbus", Part(bytes(300)), *(Part(*push) for push in pushes[:3]), Part(wrong), Part(*pushes[4]))
    short = shrunk(long)
    assert run(short).finding == run(long).finding
    assert sum(len(part.data) for part in short.parts) <= len(wrong)
