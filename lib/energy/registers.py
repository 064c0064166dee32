"""How far an energy register has moved between two readings of it."""

# Where displays and counters begin anew: 5, 6 and 7 digits of kWh with two decimals or none, 32 bits of Wh and 10 Wh.
_ENDS_WH = (10**8, 10**9, 10**10, 1 << 32, 10 << 32)
# More than a main fuse of 63 A lets through, each hour; and for how many hours at the most.
_MOST_WH_PER_HOUR = 50000
_MOST_HOURS = 24


def advance(before_wh, after_wh, hours):
    """Wh from one reading to the next, `hours` later; also past the register's end.

    None when it has fallen: another register, in another meter.
    """
    moved = after_wh - before_wh
    if moved >= 0:
        return moved
    most = _MOST_WH_PER_HOUR * min(max(hours, 1), _MOST_HOURS)
    for end in _ENDS_WH:
        if 0 <= moved + end <= most:
            return moved + end
    return None
