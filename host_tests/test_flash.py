"""`make flash` and `make erase` up to esptool: what is looked at before anything is erased, and what esptool is told.

The chip is asked by the real esptool, of a boot loader that a test makes: Espressif's "Serial protocol".
"""

import os
import pty
import struct
import threading
import tty
import urllib.error

import pytest

import boardfile
import dongle
import espimage
from deploying import flash
from dongle import DongleError

MAGIC_AT = 0x40001000
MAGIC = {"esp32": 0x00F01D83, "esp32s2": 0x000007C6}  # what lies there in the chip's ROM
SYNC, READ_REG = 0x08, 0x0A


class BootLoader:
    """A chip's ROM on a pty: it syncs and says what lies at an address, and knows no other command."""

    def __init__(self, chip):
        self._magic = MAGIC[chip]
        self._master, self._slave = pty.openpty()
        tty.setraw(self._slave)
        self.port = os.ttyname(self._slave)
        threading.Thread(target=self._answer, daemon=True).start()

    def _answer(self):
        packet = b""
        while True:
            try:
                packet += os.read(self._master, 1024)
            except OSError:
                return
            while packet.count(b"\xc0") >= 2:
                _, one, packet = packet.split(b"\xc0", 2)
                if one:
                    self._reply(one.replace(b"\xdb\xdc", b"\xc0").replace(b"\xdb\xdd", b"\xdb"))

    def _reply(self, packet):
        command = packet[1]
        address = struct.unpack_from("<I", packet, 8)[0] if command == READ_REG else 0
        value = self._magic if address == MAGIC_AT else 0
        status = b"\x00\x00\x00\x00" if command in (SYNC, READ_REG) else b"\x01\x05\x00\x00"
        answer = struct.pack("<BBHI", 1, command, len(status), value) + status
        answer = answer.replace(b"\xdb", b"\xdb\xdd").replace(b"\xc0", b"\xdb\xdc")
        for _time in range(8 if command == SYNC else 1):
            os.write(self._master, b"\xc0" + answer + b"\xc0")

    def close(self):
        os.close(self._slave)
        os.close(self._master)


@pytest.fixture
def loader():
    made = []

    def loader(chip):
        made.append(BootLoader(chip))
        return made[-1]

    yield loader
    for one in made:
        one.close()


@pytest.fixture
def told(monkeypatch):
    """What esptool is told, in place of being run; the chip says that it is an ESP32 with 4 MB."""
    commands = []
    monkeypatch.setattr(flash, "_esptool", lambda port, *words: commands.append((port, *words)))
    said = "Detecting chip type... ESP32\nDetected flash size: 4MB\n"
    monkeypatch.setattr(flash, "_asked", lambda port: (said, ""))
    return commands


@pytest.fixture
def image(tmp_path):
    path = tmp_path / "ESP32_GENERIC-20250415-v1.25.0.bin"
    path.write_bytes(espimage.micropython("esp32", 0x1000))
    return path


def test_esptool_erases_and_writes_in_one_go_where_the_board_file_says(told, image, capsys):
    flash.flash("esp32", "PORT", str(image))
    assert told == [("PORT", "--chip", "esp32", "write-flash", "--erase-all", "0x1000", str(image))]
    assert "make upload BOARD=esp32" in capsys.readouterr().out


def test_a_c3_is_written_from_address_0(told, tmp_path, monkeypatch):
    path = tmp_path / "c3.bin"
    path.write_bytes(espimage.micropython("esp32c3", 0))
    monkeypatch.setattr(flash, "_asked", lambda port: ("Detecting chip type... ESP32-C3\n", ""))
    flash.flash("esp32c3", "PORT", str(path))
    assert told == [("PORT", "--chip", "esp32c3", "write-flash", "--erase-all", "0x0", str(path))]


FATAL = "ERROR: A fatal error occurred: "


@pytest.mark.parametrize(
    "said, error, reason",
    [
        ("... ESP32-S2\n", "", "has an esp32, but on PORT is an ESP32-S2: wrong board or port"),
        ("... ESP32\nDetected flash size: 2MB\n", "", "is for 4 MB of flash, and the chip has 2 MB"),
        ("", FATAL + "Failed to connect to it\n", "no chip answers on PORT: hold BOOT"),
        ("", FATAL + "Could not open PORT, busy\n", "there is no port PORT"),
        ("", FATAL + "What nobody\nknows\n", "esptool says: What nobody knows"),
    ],
)
def test_another_chip_or_none_is_one_line_and_nothing_is_erased(told, image, monkeypatch, said, error, reason):
    monkeypatch.setattr(flash, "_asked", lambda port: ("Detecting chip type" + said, error))
    with pytest.raises(DongleError) as caught:
        flash.flash("esp32", "PORT", str(image))
    assert reason in str(caught.value) and "\n" not in str(caught.value)
    assert told == []


def test_an_image_that_is_damaged_or_anothers_is_refused_before_the_port_is_opened(told, image):
    content = image.read_bytes()
    image.write_bytes(content[:-1])
    with pytest.raises(DongleError, match="v1.25.0.bin is not flashed: it is damaged"):
        flash.flash("esp32", None, str(image))
    image.write_bytes(content)
    with pytest.raises(DongleError, match="is not flashed: it is for an esp32, and .* has an esp32s2"):
        flash.flash("pow-u", None, str(image))
    with pytest.raises(DongleError, match="there is no file nothing.bin"):
        flash.flash("esp32", None, "nothing.bin")
    assert told == []


class _Answer:
    def __init__(self, content):
        self.headers = {"Content-Length": str(len(content))}
        self._content = content

    def __enter__(self):
        return self

    def __exit__(self, *_error):
        pass

    def read(self, most):
        piece, self._content = self._content[:most], self._content[most:]
        return piece


def test_without_an_image_micropythons_own_is_fetched_once_and_kept(told, tmp_path, monkeypatch):
    asked = []

    def urlopen(url, timeout):
        asked.append(url)
        return _Answer(espimage.micropython("esp32", 0x1000))

    monkeypatch.setattr(flash.urllib.request, "urlopen", urlopen)
    monkeypatch.setattr(flash, "_CACHE", tmp_path / "images")
    flash.flash("esp32", "PORT", None)
    flash.flash("esp32", "PORT", f"ESP32_GENERIC-{flash.RELEASE}")
    assert asked == [f"https://micropython.org/resources/firmware/ESP32_GENERIC-{flash.RELEASE}.bin"]
    assert [words[-1] for words in told] == [str(tmp_path / "images" / f"ESP32_GENERIC-{flash.RELEASE}.bin")] * 2


@pytest.mark.parametrize(
    "failure, said",
    [
        (urllib.error.URLError("Name not known"), "no network .Name not known.: fetch it elsewhere"),
        (TimeoutError("timed out"), "no network"),
        (urllib.error.HTTPError("url", 404, "Not Found", {}, None), "there is no ESP32_GENERIC-.*404"),
        (_Answer(b"<html>Log in to this network</html>"), "has not arrived well: it is no ESP32 image"),
        (_Answer(espimage.micropython("esp32", 0x1000)[:-9]), "has not arrived well: it is damaged"),
    ],
)
def test_without_a_network_or_with_half_an_image_nothing_is_kept(told, tmp_path, monkeypatch, failure, said):
    def urlopen(url, timeout):
        if isinstance(failure, Exception):
            raise failure
        return failure

    monkeypatch.setattr(flash.urllib.request, "urlopen", urlopen)
    monkeypatch.setattr(flash, "_CACHE", tmp_path / "images")
    with pytest.raises(DongleError, match=said):
        flash.flash("esp32", "PORT", None)
    assert told == []
    assert list(tmp_path.rglob("*.bin")) == []


def test_the_real_esptool_recognises_the_chip_and_another_is_refused(loader, image):
    port = loader("esp32s2").port
    with pytest.raises(DongleError, match=f"has an esp32, but on {port} is an ESP32-S2: wrong board or port"):
        flash.flash("esp32", port, str(image))
    said, _error = flash._asked(loader("esp32").port)
    assert flash._CHIP.search(said)[1] == "ESP32"


def test_the_real_esptool_says_that_nothing_answers_or_that_there_is_no_port(image):
    master, slave = pty.openpty()
    tty.setraw(slave)
    port = os.ttyname(slave)
    with pytest.raises(DongleError, match=f"no chip answers on {port}: hold BOOT"):
        flash.flash("esp32", port, str(image))
    os.close(master)
    os.close(slave)
    with pytest.raises(DongleError, match="there is no port /dev/ttyUSB77"):
        flash.flash("esp32", "/dev/ttyUSB77", str(image))


def test_erase_asks_and_erases_only_for_yes(told, monkeypatch):
    for answer in ("", "no", "y"):
        monkeypatch.setattr("builtins.input", lambda question, answer=answer: answer)
        with pytest.raises(DongleError, match="nothing has been erased"):
            flash.erase("PORT", False)
    assert told == []
    monkeypatch.setattr("builtins.input", lambda question: "yes" if "PORT goes" in question else "")
    flash.erase("PORT", False)
    flash.erase("PORT", True)
    assert told == [("PORT", "erase-flash")] * 2


def test_no_board_is_flashed_that_has_no_image():
    with pytest.raises(boardfile.BoardError, match="is not flashed"):
        flash.flash(str(boardfile.BOARDS / "host" / "board.json"), "PORT", None)


def test_the_port_is_found_by_itself(told, image, monkeypatch):
    monkeypatch.setattr(dongle, "find_port", lambda: "FOUND")
    flash.flash("esp32", None, str(image))
    assert told[0][0] == "FOUND"
