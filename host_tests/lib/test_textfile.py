"""Texts beside a module: every line comes once and whole, wherever the pieces end that the file is read in."""

import os
import random

import hadiscovery
import textfile
import whynodata

_BESIDE = (os.getenv("TMPDIR") or ".") + "/module.py"


class Text:
    """A file of these lines beside _BESIDE, while it is entered; its name."""

    def __init__(self, lines):
        self._lines = lines
        self._name = "textfile-" + "".join(["%02x" % octet for octet in os.urandom(8)])

    def __enter__(self):
        with open(self._path(), "wb") as file:
            for line in self._lines:
                file.write((line + "\n").encode())
        return self._name

    def __exit__(self, _kind, _error, _trace):
        os.remove(self._path())

    def _path(self):
        return _BESIDE.rsplit("/", 1)[0] + "/" + self._name


def _drawn():
    """Lines of all lengths, in letters of one to four bytes."""
    lengths = [
        random.choice((0, 1, 7, 60, random.randrange(textfile.LONGEST // 4))) for _ in range(random.randrange(40))
    ]
    return ["".join([random.choice("a b|æø€😀") for _ in range(length)]) for length in lengths]


def _all_and_those_with(lines, begin):
    with Text(lines) as name:
        return list(textfile.lines(_BESIDE, name)), list(textfile.lines(_BESIDE, name, begin))


def test_every_line_comes_once_and_whole():
    random.seed(20261126)
    for _ in range(100):
        lines = _drawn()
        for begin in ("a", "æ", "€ "):
            lines = [begin * random.randrange(2) + line for line in lines]
            expected = [line[len(begin) :] for line in lines if line.startswith(begin)]
            assert _all_and_those_with(lines, begin) == (lines, expected)


def test_a_line_may_fill_the_buffer():
    for length in range(textfile.LONGEST - 3, textfile.LONGEST):
        lines = ["x" * length, "y" * length, "", "z"]
        assert _all_and_those_with(lines, "yy") == (lines, ["y" * (length - 2)])


def test_the_first_line_that_begins_so():
    with Text(["ok all is well", "okay no", "ok again"]) as name:
        assert textfile.first(_BESIDE, name, "ok ") == "all is well"
        assert textfile.first(_BESIDE, name, "oka") == "y no"
        assert textfile.first(_BESIDE, name, "again") is None


def test_a_file_is_closed_when_its_first_line_was_found():
    opened = []

    def remembered(path, mode):
        opened.append(open(path, mode))  # noqa: SIM115, lines() is to close it
        return opened[-1]

    textfile.open = remembered
    try:
        with Text(["a 1", "b 2"]) as name:
            assert textfile.first(_BESIDE, name, "a ") == "1"
    finally:
        del textfile.open
    assert len(opened) == 1
    try:
        opened[0].read(1)
        raise AssertionError("it is open")
    except (OSError, ValueError):
        pass


def test_no_file_raises_oserror():
    try:
        textfile.first(_BESIDE, "textfile-none", "")
        raise AssertionError("nothing was raised")
    except OSError:
        pass


def test_the_librarys_texts_can_be_read_so():
    packages = {whynodata: ("nb", "nn", "en", "faults"), hadiscovery: ("nb", "nn", "en", "components", "kinds")}
    for package, names in packages.items():
        for name in names:
            path = package.__file__.rsplit("/", 1)[0] + "/" + name + ".txt"
            with open(path, "rb") as file:
                content = file.read()
            assert content.endswith(b"\n")
            assert list(textfile.lines(package.__file__, name + ".txt")) == content.decode().split("\n")[:-1]
