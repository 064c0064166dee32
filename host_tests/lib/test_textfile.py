"""Texts beside a module: every line comes once and whole, wherever the pieces end that the file is read in."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

import textfile
from conftest import ROOT

TEXTS = [path for folder in ("lib", "firmware/app") for path in sorted((ROOT / folder).rglob("*.txt"))]
_LINES = st.text(st.characters(exclude_characters="\n", exclude_categories=["Cs"]), max_size=textfile.LONGEST // 4)


def _module(folder, lines):
    """What lines() wants for `module`, to find these in the file `words`."""
    (folder / "words").write_bytes("".join(line + "\n" for line in lines).encode())
    return f"{folder}/module.py"


@given(lines=st.lists(_LINES, max_size=40), begin=st.sampled_from(["", "a", "æ", "0 "]))
def test_every_line_comes_once_and_whole(tmp_path_factory, lines, begin):
    lines = [begin * (number % 2) + line for number, line in enumerate(lines)]
    expected = [line[len(begin) :] for line in lines if line.startswith(begin)]
    module = _module(tmp_path_factory.getbasetemp(), lines)
    assert list(textfile.lines(module, "words", begin)) == expected


@pytest.mark.parametrize("length", range(textfile.LONGEST - 2, textfile.LONGEST))
def test_a_line_may_fill_the_buffer(tmp_path, length):
    lines = ["x" * length, "y" * length, "", "z"]
    assert list(textfile.lines(_module(tmp_path, lines), "words")) == lines


def test_the_first_line_that_begins_so(tmp_path):
    module = _module(tmp_path, ["ok all is well", "okay no", "ok again"])
    assert textfile.first(module, "words", "ok ") == "all is well"
    assert textfile.first(module, "words", "oka") == "y no"
    assert textfile.first(module, "words", "again") is None


def test_a_file_is_closed_when_its_first_line_was_found(tmp_path, monkeypatch):
    opened = []

    def remembered(*words):
        opened.append(open(*words))  # noqa: SIM115, lines() is to close it
        return opened[-1]

    monkeypatch.setattr(textfile, "open", remembered, raising=False)
    assert textfile.first(_module(tmp_path, ["a 1", "b 2"]), "words", "a ") == "1"
    assert [file.closed for file in opened] == [True]


def test_no_file_raises_oserror(tmp_path):
    with pytest.raises(OSError):
        textfile.first(f"{tmp_path}/module.py", "words", "")


@pytest.mark.parametrize("path", TEXTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_our_texts_can_be_read_so(path):
    content = path.read_bytes()
    assert content.endswith(b"\n")
    assert max(map(len, content.splitlines(keepends=True))) <= textfile.LONGEST
