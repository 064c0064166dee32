"""Images: which are refused before anything is flashed, and what lies in those that `make release` makes."""

import json
import subprocess
import sys

import pytest

import boardfile
import build
import espimage
import flashimage
import release
from deploying import target
from dongle import Link
from flashimage import ImageError
from rv32_dongle import BLOCK, BLOCKS, Rv32Dongle

BOARDS = [name for name in boardfile.names() if boardfile.load(name)[1]["image"]]
FILES = {"main.py": b"print(1)\n", "a/app/start.mpy": bytes(range(256)) * 30, "a/lib/x/y.txt": b"", "slot": b"a"}


def _of(name):
    board = boardfile.load(name)[1]
    return board, espimage.micropython(board["chip"], board["image_offset"])


@pytest.mark.parametrize("chip", ["esp32", "esp32s2", "esp32c3"])
@pytest.mark.parametrize("has_digest", [True, False])
def test_the_images_of_these_tests_are_images_to_esptool(tmp_path, chip, has_digest):
    path = tmp_path / "program.bin"
    path.write_bytes(espimage.program(chip, b"content of it", has_digest))
    command = [sys.executable, "-m", "esptool", "--chip", chip, "image-info", str(path)]
    said = subprocess.run(command, capture_output=True, text=True, timeout=60).stdout
    assert "(valid)" in said and "invalid" not in said
    assert ("Validation hash" in said) == has_digest


@pytest.mark.parametrize("name", BOARDS)
def test_a_whole_image_for_the_boards_chip_may_be_flashed(name):
    board, image = _of(name)
    assert flashimage.check(image, board)["vfs"] == (1, 0x81, espimage.VFS_AT, espimage.VFS_SIZE)


def _flipped(image, at):
    return image[:at] + bytes([image[at] ^ 1]) + image[at + 1 :]


@pytest.mark.parametrize(
    "change, said",
    [
        (lambda image: b"", "it is no ESP32 image"),
        (lambda image: b"UF2\n" + image, "it is no ESP32 image"),
        (lambda image: image[:0x9000], "it breaks off before its program"),
        (lambda image: image[:-100], "it is damaged: the checksum of its program"),
        (lambda image: image[:-1], "it is damaged: the checksum of its program"),
        (lambda image: _flipped(image, len(image) - 200), "it is damaged: the checksum of its program"),
        (lambda image: _flipped(image, len(image) - 1), "it is damaged: the checksum of its program"),
        (lambda image: _flipped(image, 0x28), "it is damaged: the checksum of its bootloader"),
        (lambda image: _flipped(image, flashimage.TABLE_AT - 0x1000 + 40), "its partition table is damaged"),
        (lambda image: image[:0x2000], "it has no partition table"),
        (lambda image: espimage.program("esp32"), "it has no partition table"),
        (
            lambda image: espimage.micropython("esp32s2", 0x1000),
            "it is for an esp32s2, and generic ESP32 has an esp32",
        ),
        (lambda image: espimage.micropython("esp32", 0), "it has no partition table"),
    ],
)
def test_another_image_is_refused_with_its_reason(change, said):
    board, image = _of("esp32")
    with pytest.raises(ImageError) as caught:
        flashimage.check(change(image), board)
    assert str(caught.value).startswith(said)


def test_what_is_put_into_an_image_is_there_when_littlefs_mounts_it():
    board, image = _of("esp32")
    whole = flashimage.with_files(image, board, FILES)
    assert whole[: len(image)] == image
    vfs = whole[espimage.VFS_AT - board["image_offset"] :]
    assert flashimage.files_of(vfs, espimage.VFS_SIZE) == FILES
    assert len(vfs) < espimage.VFS_SIZE // 4


def test_a_partition_that_is_too_small_or_is_not_there_is_said():
    board, _image = _of("esp32")
    small = (*espimage.ROWS[:3], ("vfs", 1, 0x81, espimage.VFS_AT, 0x8000))
    with pytest.raises(ImageError, match="does not fit into the partition"):
        flashimage.with_files(espimage.micropython("esp32", 0x1000, small), board, {"large": bytes(0x9000)})
    with pytest.raises(ImageError, match="no partition for files"):
        flashimage.with_files(espimage.micropython("esp32", 0x1000, espimage.ROWS[:3]), board, FILES)


@pytest.mark.riscv
def test_micropython_mounts_it_and_writes_to_it(tmp_path):
    device = Rv32Dongle(tmp_path, flashimage.file_system(FILES, BLOCK * BLOCKS))
    try:
        with Link(device.port) as link:
            assert {path: file.size for path, file in target.files(link, "a", "main.py", "slot").items()} == {
                path: len(content) for path, content in FILES.items()
            }
            link.put("a/new", b"new")
        assert device.files() == {**FILES, "a/new": b"new"}
    finally:
        device.close()


def test_a_release_has_an_image_for_each_board_whose_micropython_is_given(tmp_path, dongle_builds):
    given, out = tmp_path / "given", tmp_path / "out"
    given.mkdir()
    out.mkdir()
    chips = {"ESP32_GENERIC_S2": "esp32s2", "ESP32_GENERIC_C3": "esp32c3"}
    for name, chip in chips.items():
        offset = 0x1000 if chip == "esp32s2" else 0
        (given / f"{name}-20250415-v1.25.0.bin").write_bytes(espimage.micropython(chip, offset))
    made = list(release.images(given, out, dongle_builds))
    boards = {name: boardfile.load(name) for name in BOARDS}
    assert sorted(path.name for path in made) == sorted(
        f"han-{release.version()}-{name}.bin" for name, (_file, board) in boards.items() if board["image"] in chips
    )
    for path in made:
        name = path.stem[len(f"han-{release.version()}-") :]
        board_file, board = boards[name]
        content = path.read_bytes()
        vfs = flashimage.check(content, board)["vfs"]
        files = flashimage.files_of(content[vfs.at - board["image_offset"] :], vfs.size)
        assert files == flashimage.firmware_files(dongle_builds[board["mpy_arch"]], board_file)
        assert files["slot"] == b"a" and files["board.json"] == board_file.read_bytes()
        manifest = json.loads(path.with_suffix(".json").read_text())
        assert manifest["version"] == release.version()
        (one,) = manifest["builds"]
        assert one["chipFamily"].lower().replace("-", "") == board["chip"]
        assert one["parts"] == [{"path": path.name, "offset": board["image_offset"]}]
        assert (out / one["parts"][0]["path"]).is_file()


def test_a_folder_without_any_boards_micropython_is_said(tmp_path):
    with pytest.raises(ImageError, match="no board's MicroPython"):
        list(release.images(tmp_path, tmp_path, {}))


def test_the_mip_packages_name_every_file_of_the_library(tmp_path, dongle_builds):
    for arch, folder in dongle_builds.items():
        release.mip_packages(folder, arch, tmp_path)
        packages = tmp_path / "mip" / arch
        assert sorted(path.name for path in packages.iterdir()) == sorted(
            source.rsplit("/", 1)[1] for source in build.SOURCES.values() if source.startswith("lib/")
        )
        for package in packages.iterdir():
            urls = json.loads((package / "package.json").read_text())["urls"]
            assert {url for _path, url in urls} | {"package.json"} == {
                path.relative_to(package).as_posix() for path in package.rglob("*") if path.is_file()
            }
            assert all(path == f"{package.name}/{url}" for path, url in urls)
