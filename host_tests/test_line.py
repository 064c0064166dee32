"""The search for the meter's line setting, and the first words on why there is no data."""

from app.diagnosis import state
from app.line import LineSearch
from hanport import Receiver


def _lines(search, steps, ms=5000):
    """The settings that are used while time passes in `steps` steps."""
    used = [search.line]
    for _ in range(steps):
        if search.time_passed(ms):
            used.append(search.line)
    return used


def test_the_usual_settings_are_tried_in_turn_for_25_s_each():
    used = _lines(LineSearch(), 20)
    assert used == ["2400 8E1", "2400 8N1", "115200 8N1 inverted", "115200 8N1", "2400 8E1"]


def test_a_setting_that_works_is_kept_through_minutes_of_silence():
    search = LineSearch()
    assert _lines(search, 5) == ["2400 8E1", "2400 8N1"]
    search.frame_came()
    assert _lines(search, 59) == ["2400 8N1"]
    search.frame_came()
    assert _lines(search, 59) == ["2400 8N1"]
    assert search.time_passed(5000) and search.line == "115200 8N1 inverted"


def test_the_owners_setting_is_the_only_one_used():
    assert _lines(LineSearch("9600 8N1"), 100) == ["9600 8N1"]


def _state(silent_ms=0, uptime_s=1000, **counters):
    return state(dict(Receiver().counters, **counters), silent_ms, uptime_s)


def test_the_state_tells_how_far_the_data_comes():
    assert _state(uptime_s=10) == "starting"
    assert _state() == "no_bytes"
    assert _state(bytes=100) == "no_frames"
    assert _state(bytes=100, frames=3) == "no_lists"
    assert _state(bytes=100, frames=3, readings=3) == "ok"
    assert _state(bytes=100, frames=3, readings=3, silent_ms=60000) == "stopped"
