"""The programs that run on the dongle, on MicroPython; texts that str.format() fills in."""

# The firmware's watchdog survives the soft reset with which the raw REPL begins, and cannot be stopped: it gets ten
# minutes, anew with each of these.
FEED = """\
try:
    import machine
    machine.WDT(timeout=600000)
except (ImportError, AttributeError, ValueError, OSError):
    pass
"""
DESCRIBE = """\
import sys, os
about = sys.implementation
mpy = getattr(about, "_mpy", 0)
print("about", about.name, "%d.%d" % about.version[:2], mpy >> 10 & 15, getattr(about, "_machine", "unknown"))
try:
    import machine
    print("id", "han-" + "".join("%02x" % octet for octet in machine.unique_id()[-3:]))
except (ImportError, AttributeError):
    pass
try:
    with open("slot") as file:
        print("slot", file.readline())
except OSError:
    pass
room = os.statvfs("/")
print("room", room[0], room[3])
"""
# {paths}: a list of files and folders.
LIST = """\
import os, hashlib, binascii
def show(path):
    try:
        about = os.stat(path)
        if about[0] & 0x4000:
            for name in os.listdir(path):
                show(path + "/" + name)
            return
    except OSError:
        return
    digest = hashlib.sha256()
    with open(path, "rb") as file:
        block = file.read(512)
        while block:
            digest.update(block)
            block = file.read(512)
    print("file", binascii.hexlify(digest.digest()).decode(), about[6], path)
for path in {paths}:
    show(path)
"""
# {files}: names in the root that are no folders.
ROOT_FILES = """\
import os
for about in os.ilistdir(""):
    if not about[1] & 0x4000:
        print("name", about[0])
"""
# {paths}: files, which may be away; folders that are empty then go too.
REMOVE = """\
import os
for path in {paths}:
    try:
        os.remove(path)
    except OSError:
        pass
    while "/" in path:
        path = path.rsplit("/", 1)[0]
        try:
            os.rmdir(path)
        except OSError:
            break
"""
# {folders}: in an order in which they can be made.
MAKE_FOLDERS = """\
import os
for folder in {folders}:
    try:
        os.mkdir(folder)
    except OSError:
        pass
"""
# {copies}: a list of (from, to).
COPY = """\
for old, new in {copies}:
    with open(old, "rb") as source:
        with open(new, "wb") as target:
            block = source.read(512)
            while block:
                target.write(block)
                block = source.read(512)
"""
# {paths}: each lies there with .new behind its name. On littlefs a renaming replaces in one step.
PUT_IN_PLACE = """\
import os
for path in {paths}:
    os.rename(path + ".new", path)
"""
# {folder}: of the version that runs. The dongle itself makes the secret where there is none yet.
LABEL = """\
import sys
sys.path[:0] = [{folder!r}, {folder!r} + "/lib"]
from app import label
print("secret", label.secret())
"""
