"""What the page at home does with a new version of the firmware: app.update has the rest."""

from app import lent, webparts
from app.log import log

_LARGEST = 1048576
_TYPE = "application/x-tar"


def state(home, request):
    """How far it is, which version runs, and for which kind of chip a new one must be."""
    slots = lent.module("slots")
    words = slots.words()
    about = slots.about()
    answer = {
        "version": about["version"],
        "arch": about["arch"],
        "possible": bool(words),
        "trial": len(words) > 2,
        "went_back": words[1:] == [slots.BACK],
        "state": "none",
        "percent": 0,
        "new": "",
    }
    update = home.update
    if update:
        answer.update(state=update.state, percent=update.percent, new=update.version)
        if update.error:
            answer.update(webparts.fault(update.error, webparts.language(request, home.dongle.settings))[0])
    return answer


def received(home, request, form):
    """All of it has come, and is looked at now."""
    word = getattr(request, "refused", None if home.update else "not_a_release")
    return home.wrong(request, word) if word else (state(home, request), 202)


def sink(home, request):
    """(what takes the release, None), or (None, the answer that says why it may not come)."""
    update = lent.module("update")
    word = _refusal(home, request, update)
    if not word:
        home.update = None
        try:
            home.update = update.Update(home.dongle, request.length)
            return home.update, None
        except OSError as error:
            log("update", f"the flash refuses: {error}")
            word = "not_kept"
    if request.length > _LARGEST:
        return None, home.wrong(request, word)
    request.refused = word
    return _Nowhere(), None


class _Nowhere:
    """Where a file goes that is refused: what is not read resets the connection, and the answer would be lost."""

    def write(self, piece):
        pass

    def close(self):
        pass


def _refusal(home, request, update):
    words = lent.module("slots").words()
    if not words:
        return "one_slot"
    if len(words) > 2:
        return "on_trial"
    if home.update and not home.update.is_over:
        return "updating"
    if home.dongle.health.is_low:
        return "supply_low"
    if request.header("content-type") != _TYPE or request.length > _LARGEST:
        return "not_a_release"
    # For the file, and for what is unpacked from it.
    if update.room() < 2 * request.length:
        return "no_space"
    return ""
