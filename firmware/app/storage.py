"""Small files that a power cut never leaves half-written."""

import os

_SIZE = 6  # in what stat() gives


def write_file(path, content):
    """Replace a file's content by these bytes: after a power cut it is the old or the new one, whole.

    Raises OSError when the flash refuses; the old content stays.
    """
    new = path + ".new"
    # On littlefs, closing syncs, and renaming replaces in one step.
    with open(new, "wb") as file:
        file.write(content)
    os.rename(new, path)


def remove_file(path):
    """Remove a file if it is there and the flash lets go of it."""
    try:
        os.remove(path)
    except OSError:
        pass


def read_file(path, largest):
    """The content; None when there is no such file, or when it is larger than that many bytes."""
    try:
        # Asked first: read(n) takes n bytes of heap, however small the file is.
        if os.stat(path)[_SIZE] > largest:
            return None
        with open(path, "rb") as file:
            return file.read()
    except OSError:
        return None
