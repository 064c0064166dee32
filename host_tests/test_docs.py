"""What the READMEs promise is there: their links lead somewhere, and they know every board and every cause."""

import re

import pytest

import boardfile
from conftest import ROOT

PAGES = [*sorted(ROOT.glob("*.md")), *sorted(path for folder in ROOT.glob("[a-z]*") for path in folder.glob("*.md"))]
_LINK = re.compile(r"\[[^\]]+\]\(([^)#]*)(?:#([^)]*))?\)")
WORDS = ROOT / "lib" / "whynodata"


def _anchors(path):
    """What GitHub calls a page's headings."""
    headings = re.findall(r"^#+ (.*)$", path.read_text(encoding="utf-8"), re.M)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def _causes():
    lines = (WORDS / "en.txt").read_text(encoding="utf-8").split("\n")
    return [line.split(" ")[0] for line in lines if " | " in line]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_each_link_leads_to_a_file_and_a_heading_that_are_there(page):
    for target, anchor in _LINK.findall(page.read_text(encoding="utf-8")):
        if target.startswith("http"):
            continue
        path = (page.parent / target).resolve() if target else page
        assert path.exists(), target
        assert not anchor or anchor in _anchors(path), f"{target}#{anchor}"


def test_the_pages_that_are_checked_have_links():
    assert len([page for page in PAGES if _LINK.search(page.read_text(encoding="utf-8"))]) >= 6


def test_boards_readme_has_each_board_that_there_is_and_no_other():
    text = (boardfile.BOARDS / "README.md").read_text(encoding="utf-8")
    cells = re.findall(r"^\| (`.*?) \|", text, re.M)
    names = re.findall(r"`([a-z0-9-]+)`", " ".join(cells))
    assert sorted(names) == sorted(path.stem for path in boardfile.BOARDS.glob("*.json") if path.stem != "schema")


@pytest.mark.parametrize("cause", _causes())
def test_troubleshooting_says_what_to_do_about_each_cause(cause):
    text = (ROOT / "firmware" / "TROUBLESHOOTING.md").read_text(encoding="utf-8")
    rows = [row for row in re.findall(r"^\| (`.*?) \| (.*) \|$", text, re.M) if f"`{cause}`" in row[0]]
    assert len(rows) == 1


def test_the_letter_to_the_grid_company_is_the_one_that_the_dongle_offers():
    lines = (WORDS / "nb.txt").read_text(encoding="utf-8").split("\n")
    letter = "\n".join(line[6:] for line in lines if line.startswith("order"))
    for name, blank in (line[1:].split("] ", 1) for line in lines if line.startswith("[")):
        letter = letter.replace("{" + name + "}", blank)
    assert "```\n" + letter + "\n```" in (ROOT / "firmware" / "OPENING.md").read_text(encoding="utf-8")
