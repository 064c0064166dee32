"""Files that are replaced whole; what a power cut does to them is in on_micropython/test_power_cuts.py."""

import pytest

import alone
from app import storage
from identity import Identity


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


_IN_PIECES = """
import gc
from app import certificates, config, storage

settings = config.defaults()
settings["mqtt.tls"] = True
settings["mqtt.ca_file"] = "ca"
gc.collect()
held = []
try:
    while True:
        held.append(bytearray(2048))
except MemoryError:
    pass
for number in range(0, len(held), 2):
    held[number] = None
gc.collect()
try:
    bytearray(4096)
    print("there is a large piece")
except MemoryError:
    pass
print("free", gc.mem_free() > 20000)
print(config.load()[0]["mqtt.host"], certificates.context(settings) is not None)
"""


@pytest.mark.tier3
@pytest.mark.parametrize("form", ["pem", "der", "pem without lines"])
def test_settings_and_certificates_are_read_where_the_heap_has_no_large_piece(tmp_path, compiled, form):
    ca = Identity("CA")
    head, *lines, foot, _ = ca.pem().split(b"\n")
    forms = {
        "pem": b"# ours\n" + ca.pem(),
        "der": ca.der(),
        "pem without lines": b"\n".join([head, b"".join(lines), foot]),
    }
    (tmp_path / "ca").write_bytes(forms[form])
    (tmp_path / "settings.json").write_text('{"mqtt": {"host": "here"}}')
    assert alone.run(_IN_PIECES, tmp_path).splitlines() == ["free True", "here True"]
