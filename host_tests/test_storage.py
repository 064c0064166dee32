"""Files that are replaced whole; what a power cut does to them is in on_micropython/test_power_cuts.py."""

import pytest

from app import storage


class FullDisk:
    """open(), with room for so many bytes more."""

    def __init__(self, room):
        self._room = room

    def __call__(self, path, mode):
        self._path, self._mode = path, mode
        return self

    def __enter__(self):
        return self

    def __exit__(self, *error):
        pass

    def write(self, content):
        with open(self._path, self._mode) as file:
            file.write(content[: self._room])
        raise OSError(28, "no space left")


def test_a_file_is_replaced_and_nothing_else_is_left(tmp_path):
    path = str(tmp_path / "state.json")
    for content in (b"the first", b"", bytes(range(256))):
        storage.write_file(path, content)
        assert storage.read_file(path, 256) == content
        assert [entry.name for entry in tmp_path.iterdir()] == ["state.json"]


@pytest.mark.parametrize("room", range(4))
def test_the_old_content_stays_when_the_flash_refuses_the_new(tmp_path, monkeypatch, room):
    path = str(tmp_path / "state.json")
    storage.write_file(path, b"old")
    with monkeypatch.context() as patch, pytest.raises(OSError):
        patch.setattr(storage, "open", FullDisk(room), raising=False)
        storage.write_file(path, b"new")
    assert storage.read_file(path, 3) == b"old"
    storage.write_file(path, b"new")
    assert storage.read_file(path, 3) == b"new"


def test_a_file_that_is_missing_or_too_large_is_none(tmp_path):
    path = str(tmp_path / "state.json")
    assert storage.read_file(path, 100) is None
    storage.write_file(path, b"12345")
    assert storage.read_file(path, 5) == b"12345"
    assert storage.read_file(path, 4) is None
    assert storage.read_file(str(tmp_path), 100) is None
