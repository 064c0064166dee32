"""`make backup` and `make restore`: all that is the owner's, and nothing else, there and back; `make label`."""

import io
import json
import re
import stat
import tarfile

import pytest

import boardfile
import dongle
import flashimage
from deploying import keep, label
from dongle import DongleError
from rv32_dongle import BLOCK, BLOCKS, FAKES, Rv32Dongle

SECRET = "hemmelig-123"
LABEL = "abcdefghjkmn"
ID = "han-333201"
OWNERS = {
    "settings.json": json.dumps({"wifi": {"ssid": "huset", "password": SECRET}}).encode(),
    "ca.pem": b"certificate",
    "label": LABEL.encode(),
    "line": b"2400 8E1",
    "state.json": b"{}",
    "hours.bin": bytes(range(256)) * 40,
}
FIRMWARE = {
    "main.py": b"",
    "board.json": b"{}",
    "slot": b"a",
    "slot.new": b"b a 0",
    "setup": b"owner",
    "a/app/start.mpy": b"M",
    "a/MANIFEST": b"x",
}


@pytest.fixture
def plug(tmp_path):
    devices = []

    def plug(files):
        folder = tmp_path / f"dongle{len(devices)}"
        folder.mkdir()
        devices.append(Rv32Dongle(folder, flashimage.file_system(files, BLOCK * BLOCKS), FAKES))
        return devices[-1]

    yield plug
    for device in devices:
        device.close()


@pytest.mark.riscv
def test_a_backup_brought_to_an_empty_dongle_makes_it_the_owners(plug, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(keep, "_FOLDER", tmp_path / "backups")
    device = plug({**OWNERS, **FIRMWARE})
    keep.backup(device.port, None)
    (path,) = (tmp_path / "backups").iterdir()
    assert path.name.startswith(ID)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    with tarfile.open(path) as tar:
        assert {info.name: tar.extractfile(info).read() for info in tar} == OWNERS
    assert device.files() == {**OWNERS, **FIRMWARE}
    other = plug({**FIRMWARE, "label": b"mnkjhgfedcba"})
    keep.restore(other.port, None)
    assert other.files() == {**FIRMWARE, **OWNERS}
    said = capsys.readouterr().out
    assert "It holds passwords" in said
    assert SECRET not in said and LABEL not in said


@pytest.mark.riscv
def test_a_backup_of_another_dongle_is_said_and_restored(plug, tmp_path, capsys):
    path = tmp_path / "han-000009-old.tar"
    path.write_bytes(_tar({"settings.json": b"{}"}))
    device = plug(FIRMWARE)
    keep.restore(device.port, str(path))
    assert f"this is {ID}, and the backup does not say" in capsys.readouterr().out
    assert device.files() == {**FIRMWARE, "settings.json": b"{}"}


@pytest.mark.riscv
def test_a_dongle_with_nothing_of_the_owners_and_one_without_a_backup_are_one_line(plug, tmp_path, monkeypatch):
    monkeypatch.setattr(keep, "_FOLDER", tmp_path / "backups")
    device = plug(FIRMWARE)
    with pytest.raises(DongleError, match="nothing of the owner's"):
        keep.backup(device.port, None)
    with pytest.raises(DongleError, match=f"there is no backup of {ID}"):
        keep.restore(device.port, None)


def _tar(files):
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as tar:
        for name, content in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            tar.addfile(info, io.BytesIO(content))
    return out.getvalue()


@pytest.mark.parametrize(
    "content",
    [b"", b"x" * 2000, _tar({}), _tar({"main.py": b""}), _tar({"../x": b""}), _tar({"a/app/start.mpy": b""})],
)
def test_what_is_no_backup_is_refused_in_one_line(tmp_path, content):
    path = tmp_path / "some.tar"
    path.write_bytes(content)
    with pytest.raises(DongleError, match="some.tar is no backup: .") as caught:
        keep._read(path)
    assert "\n" not in str(caught.value)


@pytest.fixture
def firmware(dongle_builds):
    files = flashimage.firmware_files(dongle_builds["rv32imc"], boardfile.load("esp32c3")[0])
    return {**files, "settings.json": b"{}"}


@pytest.mark.riscv
def test_a_label_has_the_network_and_the_secret_that_the_dongle_made_and_keeps(plug, firmware, tmp_path, capsys):
    device = plug(firmware)
    label.label(device.port, str(tmp_path / "labels"))
    said = capsys.readouterr().out
    secret = re.search(r"Password: (\w{12})\n", said)[1]
    assert device.files()["label"].decode() == secret
    assert "Network:  HAN-333201\n" in said
    assert said.count("█") + said.count("▀") + said.count("▄") > 100
    svg, png = tmp_path / "labels" / "HAN-333201.svg", tmp_path / "labels" / "HAN-333201.png"
    assert secret in svg.read_text() and "HAN-333201" in svg.read_text()
    assert png.read_bytes().startswith(b"\x89PNG")
    assert {stat.S_IMODE(path.stat().st_mode) for path in (svg, png)} == {0o600}
    label.label(device.port, str(tmp_path / "labels"))
    assert f"Password: {secret}\n" in capsys.readouterr().out


@pytest.mark.riscv
def test_a_dongle_without_the_firmware_has_no_label_yet(plug, tmp_path):
    device = plug({"boot.py": b""})
    with pytest.raises(DongleError, match="make upload first"):
        label.label(device.port, str(tmp_path))
    assert list(tmp_path.glob("*.svg")) == []


@pytest.mark.riscv
def test_a_cable_that_is_pulled_in_a_restore_leaves_each_file_as_it_was(plug, tmp_path):
    path = tmp_path / "b.tar"
    path.write_bytes(_tar({**OWNERS, "label": b"mnkjhgfedcba", "settings.json": b'{"new": {}}'}))
    device = plug({**OWNERS, **FIRMWARE})
    device.cut_after = 9000
    with pytest.raises(DongleError):
        keep.restore(device.port, str(path))
    left = flashimage.files_of(device.flash(), BLOCK * BLOCKS)
    assert {name: left[name] for name in OWNERS} == OWNERS
    assert dongle.why_closed(device.port)
