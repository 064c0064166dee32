"""The two versions that the flash has room for, in the folders a and b, and which of them runs.

The file `slot` says so, in one line of words, and main.py reads it at the start. `a`: the one in the folder a.
`b a 1 wifi meter`: b is on trial; a is what it goes back to, it was started once, and must reach what a had reached.
`a back`: a again, since b did not.
"""

from app import storage

_FILE = "slot"
_LARGEST = 64
_FOLDERS = ("a", "b")
FALLBACK, NEEDS = 1, 3  # the words' places
BACK = "back"
# Beside app/, wherever that is.
_MANIFEST = __file__[: __file__.rfind("app/")] + "MANIFEST"


def words():
    """Of the file; none where the flash holds one version only, in its root."""
    content = (storage.read_file(_FILE, _LARGEST) or b"").decode().split()
    return content if content and content[0] in _FOLDERS else []


def spare(running):
    """The folder that the other version lies in."""
    return _FOLDERS[1 - _FOLDERS.index(running)]


def choose(words):
    """What the next start runs. Raises OSError when the flash refuses."""
    storage.write_file(_FILE, " ".join(words).encode())


def about():
    """{"version": , "arch": , "mpy": } of the version that runs, by its MANIFEST; "unknown" where it has none."""
    try:
        with open(_MANIFEST, "rb") as file:
            return head(file)
    except OSError:
        return {"version": "unknown", "arch": "unknown", "mpy": "0"}


def head(file):
    """The same of a MANIFEST that is read from here on. Raises ValueError for what is none."""
    found = {}
    for name in ("version", "arch", "mpy"):
        word, value = file.readline().decode().split()
        if word != name:
            raise ValueError(word)
        found[name] = value
    return found
