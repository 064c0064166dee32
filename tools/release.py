#!/usr/bin/env python3
"""Makes what owners download, in build/release/.

For each instruction set a .tar, which the dongle's page takes as an update, and the library's mip packages. For each
board whose MicroPython is given, an image of the whole flash (flashimage.py) and the manifest with which a browser
flashes it (esp-web-tools).
"""

import argparse
import json
import shutil
import sys
import tarfile
from pathlib import Path

import boardfile
import build
import flashimage
from version import version

OUT = build.ROOT / "build" / "release"
ARCHES = tuple(arch for arch in build.ARCHES if arch != "host")


def archive(folder, out):
    """The .tar of a built folder: its MANIFEST first, and then what that names, in its order."""
    lines = (folder / build.MANIFEST).read_text().splitlines()[3:]
    with tarfile.open(out, "w", format=tarfile.USTAR_FORMAT) as tar:
        for name in (build.MANIFEST, *(line.split(" ")[2] for line in lines)):
            info = tarfile.TarInfo(name)
            info.size = (folder / name).stat().st_size
            with (folder / name).open("rb") as file:
                tar.addfile(info, file)
    return out


def mip_packages(folder, arch, out):
    """The library's packages for `mpremote mip install` or `mip.install()`, compiled: out/mip/<arch>/<name>/."""
    for package in sorted(path for path in (folder / "lib").iterdir() if path.is_dir()):
        files = sorted(path for path in package.rglob("*") if path.is_file())
        urls = [[f"{package.name}/{name}", name] for name in (path.relative_to(package).as_posix() for path in files)]
        target = out / "mip" / arch / package.name
        shutil.copytree(package, target)
        about = {"urls": urls, "version": version()}
        (target / "package.json").write_text(json.dumps(about, indent=2) + "\n")


def images(folder, out, compiled):
    """An image for each board whose MicroPython is in `folder`, named as on MicroPython's download page; yields them.
    `compiled`: {arch: folder}."""
    found = False
    for name in boardfile.names():
        board_file, board = boardfile.load(name)
        paths = [*folder.glob(f"{board['image']}.bin"), *sorted(folder.glob(f"{board['image']}-[0-9]*.bin"))]
        if paths:
            found = True
            yield flashimage.make(paths[-1], board_file, board, compiled[board["mpy_arch"]], version(), out)
    if not found:
        raise flashimage.ImageError(
            f"no board's MicroPython is in {folder}, as in ESP32_GENERIC-20250415-v1.25.0.bin"
        )


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--images", type=Path, help="a folder with MicroPython's .bin files, for whole images")
    words = parser.parse_args()
    shutil.rmtree(OUT, ignore_errors=True)
    OUT.mkdir(parents=True)
    compiled = {}
    try:
        for arch in ARCHES:
            compiled[arch] = build.build(arch)
            _say(archive(compiled[arch], OUT / f"han-{version()}-{arch}.tar"))
            mip_packages(compiled[arch], arch, OUT)
        for path in images(words.images, OUT, compiled) if words.images else ():
            _say(path)
    except (build.BuildError, boardfile.BoardError, flashimage.ImageError, OSError) as error:
        sys.exit(f"release: {error}")


def _say(path):
    print(f"{path.relative_to(build.ROOT)}: {path.stat().st_size} bytes", flush=True)


if __name__ == "__main__":
    main()
