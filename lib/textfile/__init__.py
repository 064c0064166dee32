"""textfile: the lines of a text that lies in a file beside its module, since on a dongle it would fill the heap.

The file is read in pieces. MicroPython's own readline() asks it for each single byte: to look for a sentence in 9 KB
kept the emulated dongle from its meter for 50 ms.
"""

LONGEST = 512  # bytes of a line


def lines(module, name, begin=""):
    """Yield each line that begins with a text: what comes behind it, without the line's end.

    `module` is the `__file__` of a neighbour of the file `name`, which is in UTF-8, ends with a line's end and has no
    line longer than LONGEST. Raises OSError when it cannot be read. Who stops before the last line calls close().
    """
    wanted = begin.encode()
    buffer = bytearray(LONGEST)
    room = memoryview(buffer)
    with open(f"{module.rsplit('/', 1)[0]}/{name}", "rb") as file:
        end = file.readinto(buffer)
        while end:
            start = 0
            behind = buffer.find(b"\n", 0, end) + 1
            while behind:
                if buffer.startswith(wanted, start):
                    yield str(room[start + len(wanted) : behind - 1], "utf-8")
                start = behind
                behind = buffer.find(b"\n", start, end) + 1
            kept = end - start
            room[:kept] = room[start:end]
            read = file.readinto(room[kept:])
            end = read and kept + read


def first(module, name, begin):
    """The first line as lines() gives them; None when there is none."""
    found = lines(module, name, begin)
    for line in found:
        found.close()
        return line
    return None
