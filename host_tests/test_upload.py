"""`make upload` against a real MicroPython with a real littlefs, over a real serial line: the RISC-V of QEMU.

Whatever is broken off, the version that ran before is whole and starts.
"""

import json
import shutil

import pytest

import boardfile
import build
import dongle
import flashimage
from deploying import target, upload
from dongle import DongleError
from rv32_dongle import BLOCK, BLOCKS, Rv32Dongle

pytestmark = [pytest.mark.riscv, pytest.mark.long(4)]
SECRET = "hemmelig-123"
BOARD = "esp32c3"
SIZE = BLOCK * BLOCKS
# A firmware of two modules, which says what any says when it starts.
START = """
import time
from app import words
import helper
def start():
    print("[     0] start: firmware %s on rv32, device han-333201" % words.VERSION)
    print("[     0] helper:", helper.SAYS)
    while True:
        time.sleep_ms(50)
"""
OLD = {"app/__init__": "", "app/start": START, "app/words": "VERSION = 'one'", "helper": "SAYS = 'as ever'"}
NEW = {**OLD, "app/words": "VERSION = 'two'"}


def _compiled(folder, sources):
    """A build of these modules, as build.build() makes one."""
    shutil.rmtree(folder, ignore_errors=True)
    text = folder.parent / (folder.name + "-text")
    shutil.rmtree(text, ignore_errors=True)
    for name, source in sources.items():
        path = text / (name if name.startswith("app/") else f"lib/{name}")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.with_suffix(".py").write_text(source)
    for name in ("app", "lib"):
        build.compile_folder(text / name, folder / name, "rv32imc")
    (folder / "www").mkdir()
    (folder / "www" / "page.html.gz").write_bytes(bytes(range(256)) * 20)
    build.write_manifest(folder, "rv32imc")
    shutil.copy(build.ROOT / "firmware" / "main.py", folder)
    return folder


@pytest.fixture
def builds(tmp_path, monkeypatch):
    """(the old build, the new one); an upload takes what use() names."""
    monkeypatch.setattr(upload, "SETTINGS", tmp_path / "settings.json")
    monkeypatch.setattr(upload, "LOG_S", 1)
    return _compiled(tmp_path / "old", OLD), _compiled(tmp_path / "new", NEW)


@pytest.fixture
def plug(tmp_path):
    """Plugs in a dongle with {path: content} on its flash."""
    dongles = []

    def plug(files=None):
        flash = flashimage.file_system(files, SIZE) if files else b""
        folder = tmp_path / f"dongle{len(dongles)}"
        folder.mkdir()
        dongles.append(Rv32Dongle(folder, flash))
        return dongles[-1]

    yield plug
    for device in dongles:
        device.close()


def _use(monkeypatch, folder):
    monkeypatch.setattr(upload.build, "build", lambda arch: folder)


def _slot(folder, name):
    """{path: content} of a build in a slot."""
    paths = (path for path in folder.rglob("*") if path.is_file() and path.name != "main.py")
    return {f"{name}/{path.relative_to(folder).as_posix()}": path.read_bytes() for path in paths}


def _with(folder, name="a", **more):
    """{path: content} of a dongle on which this build runs."""
    main = (folder / "main.py").read_bytes()
    board = (boardfile.BOARDS / f"{BOARD}.json").read_bytes()
    return {**_slot(folder, name), "main.py": main, "board.json": board, "slot": name.encode(), **more}


def _restart(device):
    """Reset it, and see that what it has starts."""
    with dongle.Link(device.port) as link:
        link.reset()
        upload.watch(link)


def _sent(capsys):
    return [line for line in capsys.readouterr().out.splitlines() if " files to copy" in line][0]


OWNERS = {"settings.json": b"{}", "label": b"abcdefghjkmn", "state.json": b"{}", "hours": b"\0" * 3000}


def test_an_empty_dongle_gets_one_version_and_starts_it(plug, builds, monkeypatch, capsys):
    device = plug()
    _use(monkeypatch, builds[0])
    upload.upload(BOARD, device.port, None)
    said = capsys.readouterr().out
    assert "the settings are missing on the dongle too" in said
    assert "start: firmware one on rv32" in said and "helper: as ever" in said and "has come up" in said
    assert "trial" not in said
    assert device.files() == _with(builds[0])


def test_a_new_version_goes_into_the_other_slot_and_what_differs_over_the_cable(plug, builds, monkeypatch, capsys):
    old = _with(builds[0], **OWNERS)
    device = plug(old)
    _use(monkeypatch, builds[1])
    upload.upload(BOARD, device.port, None)
    said = capsys.readouterr().out
    size = sum((builds[1] / path).stat().st_size for path in ("app/words.mpy", "MANIFEST"))
    assert f"2 of 6 files to copy ({size} bytes), 4 are there" in said
    assert "the settings stay as they are" in said
    assert "start: firmware two on rv32" in said and "goes back to the old one by itself" in said
    assert device.files() == {**old, **_slot(builds[1], "b"), "slot": b"b a 1"}


def test_what_the_dongle_runs_already_is_not_copied_and_nothing_is_on_trial(plug, builds, monkeypatch, capsys):
    old = _with(builds[0])
    device = plug(old)
    _use(monkeypatch, builds[0])
    upload.upload(BOARD, device.port, None)
    said = capsys.readouterr().out
    assert "0 of 6 files to copy" in said and "trial" not in said
    assert device.files() == old


def test_while_a_version_is_on_trial_the_one_it_would_go_back_to_is_not_touched(plug, builds, monkeypatch, capsys):
    old = {**_with(builds[0]), **_slot(builds[0], "b"), "slot": b"b a 2", "b/app/old.mpy": b"stale"}
    device = plug(old)
    _use(monkeypatch, builds[1])
    upload.upload(BOARD, device.port, None)
    assert _sent(capsys).startswith("2 of 6")
    assert device.files() == {**_with(builds[0]), **_slot(builds[1], "b"), "slot": b"b a 1"}


def test_a_version_in_the_root_is_what_the_first_one_in_a_slot_goes_back_to(plug, builds, monkeypatch, capsys):
    flat = {path[2:]: content for path, content in _slot(builds[0], "a").items() if "MANIFEST" not in path}
    flat["lib/hanport/old.mpy"] = b"old"  # of a folder that only an upload makes
    flat["main.py"] = b"from app.start import start\nstart()\n"
    owners = {**OWNERS, "app/notes.md": b"mine", "lib/other.py": b"mine"}
    device = plug({**flat, **owners})
    _use(monkeypatch, builds[1])
    upload.upload(BOARD, device.port, None)
    files = device.files()
    assert files["slot"] == b"a . 1"
    assert {path: files[path] for path in flat if path != "main.py"} == {
        path: content for path, content in flat.items() if path != "main.py"
    }
    with dongle.Link(device.port) as link:  # it does not do well, three times
        target.put_in_place(link, {"slot": b"a . 3"})
    capsys.readouterr()
    _restart(device)
    assert "start: firmware one" in capsys.readouterr().out
    with dongle.Link(device.port) as link:  # or it does, and then the old one goes with the next upload
        target.put_in_place(link, {"slot": b"a"})
    upload.upload(BOARD, device.port, None)
    files = device.files()
    assert not [path for path in files if path.startswith(("app/", "lib/hanport", "www/")) and path != "app/notes.md"]
    assert {path: files[path] for path in owners} == owners


@pytest.fixture(scope="module")
def whole():
    """What an upload that is not disturbed sends, in bytes; filled by the first test that asks."""
    return []


@pytest.mark.parametrize("part", [0.3, 0.6, 0.9])
def test_a_cable_that_is_pulled_leaves_the_old_version_whole_and_it_starts(
    plug, builds, whole, monkeypatch, capsys, tmp_path, part
):
    changed = {**NEW, "helper": "SAYS = %r" % ("new " * 900), "more": "TEXT = %r" % ("more " * 1500)}
    new = _compiled(tmp_path / "large", changed)
    _use(monkeypatch, new)
    old = _with(builds[0], **OWNERS)
    if not whole:
        device = plug({**old, "b/app/stale.mpy": b"stale"})
        upload.upload(BOARD, device.port, None)
        whole.append(device.sent)
        capsys.readouterr()
    device = plug({**old, "b/app/stale.mpy": b"stale"})
    device.cut_after = int(whole[0] * part)
    with pytest.raises(DongleError) as caught:
        upload.upload(BOARD, device.port, None)
    if "files to copy" in capsys.readouterr().out:
        assert "; the dongle still has the firmware it had: run it again" in str(caught.value)
    assert "\n" not in str(caught.value)
    left = flashimage.files_of(device.flash(), SIZE)
    assert {path: left.get(path) for path in old} == old
    again = plug(left)
    _restart(again)
    assert "start: firmware one on rv32" in capsys.readouterr().out
    upload.upload(BOARD, again.port, None)
    assert again.files() == {**old, **_slot(new, "b"), "slot": b"b a 1"}


def test_what_arrives_damaged_is_not_started(plug, builds, monkeypatch):
    old = _with(builds[0])
    device = plug(old)
    _use(monkeypatch, builds[1])
    real = dongle.Link.put
    monkeypatch.setattr(
        dongle.Link,
        "put",
        lambda self, path, content, *told: real(self, path, content.replace(b"two", b"tvo"), *told),
    )
    with pytest.raises(
        DongleError, match="app/words.mpy has arrived damaged; the dongle still has the firmware it had"
    ):
        upload.upload(BOARD, device.port, None)
    assert {path: content for path, content in device.files().items() if not path.startswith("b/")} == old


def test_a_flash_that_is_full_is_said_before_anything_is_touched(plug, builds, monkeypatch):
    old = _with(builds[0], hours=b"h" * (SIZE - 40 * BLOCK))
    device = plug(old)
    _use(monkeypatch, builds[1])
    with pytest.raises(DongleError, match="no space on the dongle's flash: the new version needs .* still has"):
        upload.upload(BOARD, device.port, None)
    assert device.files() == old


def test_a_flash_that_fills_up_on_the_way_is_one_line(plug):
    device = plug({"hours": b"h" * (SIZE - 10 * BLOCK)})
    with (
        dongle.Link(device.port) as link,
        pytest.raises(dongle.NoSpaceError, match="^no space on the dongle's flash$"),
    ):
        link.put("large", bytes(10 * BLOCK))


def test_settings_and_their_certificate_go_along_and_no_secret_is_shown(plug, builds, monkeypatch, capsys):
    device = plug(_with(builds[0], **OWNERS))
    _use(monkeypatch, builds[0])
    text = json.dumps({"wifi": {"ssid": "huset", "password": SECRET}, "mqtt": {"tls": True, "ca_file": "ca.pem"}})
    upload.SETTINGS.write_text(text)
    (upload.SETTINGS.parent / "ca.pem").write_text("certificate")
    upload.upload(BOARD, device.port, None)
    files = device.files()
    assert (files["settings.json"].decode(), files["ca.pem"]) == (text, b"certificate")
    assert SECRET not in capsys.readouterr().out


@pytest.mark.parametrize(
    "source, said, shown",
    [
        ("raise ValueError('at once')", "has not started within", "ValueError: at once"),
        (START.replace("while True:", "raise ValueError(helper.SAYS)\n    while True:"), "does not run", "as ever"),
    ],
)
def test_a_version_that_does_not_come_up_is_said_with_its_traceback(
    plug, builds, monkeypatch, capsys, tmp_path, source, said, shown
):
    monkeypatch.setattr(upload, "START_S", 4)
    device = plug(_with(builds[0]))
    _use(monkeypatch, _compiled(tmp_path / "broken", {**NEW, "app/start": source}))
    with pytest.raises(DongleError, match=said):
        upload.upload(BOARD, device.port, None)
    printed = capsys.readouterr().out
    assert shown in printed and "goes back to the old one by itself" in printed
    assert "come up" not in printed


def test_another_board_is_refused_before_anything_is_touched(plug, builds):
    device = plug(_with(builds[0]))
    before = device.files()
    with pytest.raises(DongleError, match="has an esp32, but on .* is a virt with rv32.*: wrong board or port"):
        upload.upload("esp32", device.port, None)
    assert device.files() == before


def test_the_whole_firmware_starts_from_mpy_and_each_module_is_imported(plug, capsys, dongle_builds):
    files = flashimage.firmware_files(dongle_builds["rv32imc"], boardfile.load(BOARD)[0])
    settings = json.dumps({"wifi": {"ssid": "huset", "password": SECRET}}).encode()
    device = plug({**files, "settings.json": settings})
    _restart(device)
    said = capsys.readouterr().out
    assert "start: firmware" in said and "Traceback" not in said
    modules = sorted(path[2:-4] for path in files if path.endswith(".mpy"))
    assert len(modules) > 90
    # In parts, each on a fresh heap: what they hold together is more than an ESP32 has.
    for at in range(0, len(modules), 10):
        names = [
            path.replace("lib/", "").replace("/__init__", "").replace("/", ".") for path in modules[at : at + 10]
        ]
        with dongle.Link(device.port) as link:
            said = link.run(IMPORT.format(names=names), timeout_s=200)
        assert said.split() == names


# Prints what can be imported, and why the rest cannot.
IMPORT = """
import gc, sys
gc.threshold(4096)  # as main.py
sys.path[:0] = ["a", "a/lib"]
for name in {names}:
    gc.collect()
    try:
        __import__(name)
        print(name)
    except Exception as error:
        print(name, repr(error))
"""
