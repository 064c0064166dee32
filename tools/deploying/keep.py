"""What the owner has on a dongle, to a file and back: settings, certificates, label, hours, state.

That is all that lies in the root of its flash but the firmware's own, as a .tar for nobody but its owner: it holds
passwords. Nothing of it is shown.
"""

import io
import os
import sys
import tarfile
import time
from pathlib import Path

import build
import dongle
from deploying import ondongle, target
from deploying.progress import Bar
from dongle import DongleError

sys.path.insert(0, str(build.ROOT / "firmware"))

from app import config  # noqa: E402

_FOLDER = build.ROOT / "build" / "backups"
# What is no owner's: the firmware, the hardware, and what was being written or carried out.
_NOT_KEPT = ("main.py", "boot.py", "board.json", "slot", "setup", "update.tar")


def private(path):
    """A file to write into that nobody else may read."""
    path = Path(path)
    path.unlink(missing_ok=True)
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")


def is_kept(name):
    return name not in _NOT_KEPT and not name.endswith(".new") and "/" not in name and name not in ("", ".", "..")


def backup(port, out):
    """Copy the owner's files from the dongle on the port."""
    port = port or dongle.find_port()
    with dongle.Link(port) as link:
        found = target.examine(link)
        lines = link.run(ondongle.ROOT_FILES).splitlines()
        names = [line[5:] for line in lines if line.startswith("name ") and is_kept(line[5:])]
        about = target.files(link, *names)
        with Bar("reading", sum(file.size for file in about.values())) as bar:
            contents = {}
            for name in sorted(about):
                contents[name] = link.get(name)
                bar.add(about[name].size)
        link.reset()
    if not contents:
        raise DongleError("there is nothing of the owner's on this dongle")
    path = _path(out, found.device)
    path.parent.mkdir(parents=True, exist_ok=True)
    with private(path) as file, tarfile.open(fileobj=file, mode="w") as tar:
        for name, content in contents.items():
            info = tarfile.TarInfo(name)
            info.size, info.mode, info.mtime = len(content), 0o600, int(time.time())
            tar.addfile(info, io.BytesIO(content))
    print(f"{path}: {len(contents)} files ({', '.join(contents)})")
    if config.SETTINGS_FILE in contents or "label" in contents:
        print("It holds passwords: nobody else on this computer may read it, and it is not encrypted")


def restore(port, file):
    """Put the owner's files back, each whole."""
    port = port or dongle.find_port()
    with dongle.Link(port) as link:
        found = target.examine(link)
        path = Path(file) if file else _latest(found.device)
        contents = _read(path)
        print(f"{path}: {len(contents)} files ({', '.join(contents)})")
        if found.device and found.device not in path.name:
            print(f"Note: this is {found.device}, and the backup does not say that it is this dongle's")
        with Bar("writing", sum(map(len, contents.values()))) as bar:
            target.put_in_place(link, contents, bar.add)
        link.reset()
    print("They are back, and the dongle starts anew")


def _path(out, device):
    name = f"{device or 'dongle'}-{time.strftime('%Y%m%d-%H%M%S')}.tar"
    if not out:
        return _FOLDER / name
    return Path(out) / name if Path(out).is_dir() else Path(out)


def _latest(device):
    """This dongle's newest backup."""
    paths = sorted(_FOLDER.glob(f"{device}-*.tar")) if device else []
    if not paths:
        raise DongleError(f"there is no backup of {device or 'this dongle'} in {_FOLDER}: say which with FILE=")
    return paths[-1]


def _read(path):
    """{name: bytes} of a backup, once it is sure that it is one."""
    try:
        with tarfile.open(path) as tar:
            contents = {info.name: tar.extractfile(info).read() for info in tar if info.isreg()}
    except OSError as error:
        raise DongleError(f"{path}: {error.strerror}") from None
    except tarfile.TarError:
        raise DongleError(f"{path} is no backup: it is no .tar") from None
    strange = [name for name in contents if not is_kept(name)]
    if strange or not contents:
        raise DongleError(
            f"{path} is no backup: {f'{strange[0]} is none of the owner' if strange else 'it is empty'}"
        )
    return contents
