"""SECURITY.md claims nothing that no test would notice."""

import re

from conftest import ROOT

PAGE = (ROOT / "SECURITY.md").read_text(encoding="utf-8")
_ROW = re.compile(r"^\| (?!who |---)(.+?) \| (.+?) \| (.+?) \|$", re.M)


def test_each_claim_names_tests_that_are_there():
    defined = {
        name
        for path in (ROOT / "host_tests").rglob("test_*.py")
        for name in re.findall(r"^def (test_\w+)", path.read_text(encoding="utf-8"), re.M)
    }
    rows = _ROW.findall(PAGE)
    assert len(rows) >= 12
    for who, _what, tests in rows:
        names = re.findall(r"`(test_\w+)`", tests)
        assert names, who
        assert not set(names) - defined, who
