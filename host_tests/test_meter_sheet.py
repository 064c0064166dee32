"""The simulated meters and golden/nordics.json against the facts sheet: links, Norway, other countries."""

import re

import pytest

import sheet
from conftest import SHARED
from simulated import golden, readings_of
from simulator.makers import AIDON, EMBRIQ, KAIFA, KAIFA_SE, KAMSTRUP, KAMSTRUP_REVISION_S
from test_meter_nordics import NORDICS

SHEET = (SHARED / "spec.md").read_text()
# The examples that may not stand in the repository, and every other one of chapter C.
FRAMES = {name: (frame, expected) for chapter in "CD" for name, _, frame, expected in sheet.frames(SHEET, chapter)}
MAKERS = {
    "AIDON-L1": (AIDON, "6525", 1),
    "AIDON-L2-IT": (AIDON, "6525", 2),
    "AIDON-L2-IT-NEG": (AIDON, "6525", 2),
    "AIDON-L2-TN": (AIDON, "6534", 2),
    "KAIFA-L1": (KAIFA, "MA304H4", 1),
    "KAIFA-L2-1P": (KAIFA, "MA105H2E", 2),
    "KAIFA-L2-H3E": (KAIFA, "MA304H3E", 2),
    "KAIFA-L2-H4": (KAIFA, "MA304H4", 2),
    "KAIFA-L3-1P": (KAIFA, "MA105H2E", 3),
    "KAIFA-L3-H3E": (KAIFA, "MA304H3E", 3),
    "KAIFA-L3-H4": (KAIFA, "MA304H4", 3),
    "EMBRIQ-L2": (EMBRIQ, "ZFF1", 2),
    "KAM-L2-3P": (KAMSTRUP, "6841131", 3),
    "KAM-OLD-L1": (KAMSTRUP_REVISION_S, "6841131", 2),
    "KAIFA-SE-OBIS": (KAIFA_SE, "MA304H4-OBIS", 3),
}


def blocks(kind):
    """The sheet's code blocks of one kind, without white space at their ends."""
    return [block.strip() for block in re.findall(rf"```{kind}\n(.*?)```", SHEET, re.DOTALL)]


@pytest.mark.parametrize("name", MAKERS)
def test_a_frame_of_the_sheet_is_rebuilt_to_the_bit_from_its_readings(name):
    maker, type_name, number = MAKERS[name]
    frame, expected = next(entry for title, entry in FRAMES.items() if title.split()[0] == name)
    kind = maker.type_named(type_name)
    maker = maker.of_type(kind)
    readings = readings_of(expected)
    assert maker.encode(kind, number, readings).hex() == frame.hex()
    assert maker.expected_reading(kind, number, readings) == expected


@pytest.mark.parametrize(
    "entry", [entry for entry in NORDICS if entry["name"] in FRAMES], ids=lambda entry: entry["name"]
)
def test_a_golden_frame_and_its_reading_are_the_sheets(entry):
    frame, expected = FRAMES[entry["name"]]
    assert (entry["hex"], entry["expected"]) == (frame.hex().upper(), expected)


def test_the_golden_frames_of_other_links_are_the_sheets():
    known = {"".join(block.split()) for block in blocks("hex")}
    known |= {"\r\n".join([*block.splitlines(), ""]).encode("ascii").hex().upper() for block in blocks("p1")}
    assert {entry["hex"] for entry in NORDICS} <= known


def test_a_golden_message_in_an_envelope_is_read_as_the_message_itself():
    for entry in NORDICS:
        if entry["name"].startswith("KAM-DOC-1"):
            assert entry["expected"] == golden("KAM-DOC-1")["expected"]
