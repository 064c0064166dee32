"""A new version on trial: kept when for a minute it has all that the one before had, else given up for that one."""

import asyncio

from app import clock, lent
from app.log import log
from app.start import restart
from app.wifi import CONNECTED

_LASTS_S = 300
_WELL_S = 60
_STEP_S = 5

slots = lent.module("slots")


def reached(dongle):
    """What a dongle has, at home or being set up: some of wifi, page, meter, broker."""
    found = []
    if dongle.wifi.state == CONNECTED:
        found.append("wifi")
    if getattr(dongle, "page_is_open", False):
        found.append("page")
    if dongle.diagnosis.of_meter() == "ok":
        found.append("meter")
    if dongle.link.fault in ("ok", "no_commands"):
        found.append("broker")
    return found


async def watch(dongle, words):
    """Decide. `words` are those of slots, two of them when it is over."""
    if words[1:] == [slots.BACK]:
        return log("update", "the new version did not do as well as this one, which is back")
    needs = words[slots.NEEDS :]
    log("update", "this version is on trial, for: " + (" ".join(needs) or "running"))
    began_s = clock.uptime_s()
    well_s = 0
    missing = needs
    while clock.uptime_s() - began_s < _LASTS_S:
        await asyncio.sleep(_STEP_S)
        try:
            found = reached(dongle)
        except (MemoryError, OSError):
            continue  # there may be room at the next look
        missing = [word for word in needs if word not in found]
        well_s = 0 if missing else well_s + _STEP_S
        if well_s >= _WELL_S and _choose(words[:1]):
            return log("update", "this version is kept")
    log("update", f"without {' '.join(missing) or 'a minute of rest'} in five minutes: back to the version before")
    _choose([words[slots.FALLBACK], slots.BACK])
    restart()


def _choose(words):
    try:
        slots.choose(words)
    except OSError as error:
        log("update", f"the flash refuses: {error}")
        return False
    return True
