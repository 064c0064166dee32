"""Why there is no data: one cause, by what an owner can mend first, and never a shut port that has shown life."""

import whynodata
from whynodata import Evidence, cause, order, text

LANGUAGES = ("nb", "nn", "en")
# The least that there is a word for, besides the broker's.
METER = {"starting", "searching", "ok", "port_shut", "bus_silent", "no_signal", "stopped", "wrong_speed"}
FRAMES = {"wrong_parity", "inverted", "noise", "weak_supply", "no_key", "wrong_key", "wrong_tag", "no_check"}
REST = {
    "unknown_list",
    "scale_voltage",
    "scale_current",
    "scale_power",
    "scale_energy",
    "wifi_not_set",
    "wifi_password",
    "wifi_not_found",
    "wifi_weak",
    "wifi_no_address",
    "wifi_failed",
}


def _evidence(**fields):
    evidence = Evidence()
    for name, value in fields.items():
        assert hasattr(evidence, name), name
        setattr(evidence, name, value)
    return evidence


def _cause(**fields):
    return cause(_evidence(**fields))


def _reading(**fields):
    """A meter that is read, three minutes after the start."""
    read = dict(uptime_s=180, silent_s=2, bytes=9000, frames=70, late_bytes=6000, late_frames=48)
    read.update(fields)
    return _cause(**read)


def _deaf(**fields):
    """Nothing has come at any setting."""
    deaf = dict(uptime_s=200, laps=1, edges=0)
    deaf.update(fields)
    return _cause(**deaf)


def _fixed(**fields):
    """The owner has set 2400 baud, and bytes come that are no frames."""
    fixed = dict(uptime_s=90, is_fixed=True, baudrate=2400, bytes=900, late_bytes=900, bursts=9)
    fixed.update(fields)
    return _cause(**fixed)


def _lines(name):
    """The lines of one of the library's files, without comments."""
    with open(whynodata.__file__.rsplit("/", 1)[0] + f"/{name}.txt", "r", encoding="utf-8") as file:
        return [line.rstrip("\n") for line in file if line[0] != "#"]


def _causes(language):
    words = [line.split(" ")[0] for line in _lines(language)]
    return [word for word in words if word != "order" and word[0] != "["]


def test_a_dongle_that_has_just_started_says_so():
    assert cause(Evidence()) == "starting"
    assert _cause(uptime_s=100, edges=0) == "starting"
    assert _cause(uptime_s=100, is_fixed=True) == "starting"


def test_bytes_that_no_setting_has_read_yet_are_searched_through():
    assert _cause(uptime_s=60, bytes=100, late_bytes=100) == "searching"
    # Whatever is known of them so far.
    assert (
        _cause(uptime_s=60, bytes=100, late_bytes=100, idle_level=0, headers=2, bursts=3, openings=3) == "searching"
    )


def test_a_meter_that_is_read_is_ok():
    assert _reading() == "ok"
    assert _reading(damaged=20) == "ok"


def test_a_port_from_which_nothing_has_ever_come_is_shut_when_all_settings_were_tried():
    assert _deaf(laps=0, uptime_s=10000) == "starting"
    assert _deaf() == "port_shut"
    assert _deaf(edges=-1) == "port_shut"
    assert _deaf(laps=0, uptime_s=120, is_fixed=True) == "port_shut"
    assert _deaf(laps=0, uptime_s=119, is_fixed=True) == "starting"


def test_a_port_that_feeds_the_dongle_and_sends_nothing_is_another_matter():
    assert _deaf(is_bus_powered=True) == "bus_silent"


def test_a_port_that_gave_a_sign_of_life_is_not_shut():
    assert _deaf(edges=1) == _deaf(pulse_us=417) == _deaf(bytes=1) == "no_signal"


def test_never_is_a_port_called_shut_that_has_shown_life_or_was_not_listened_to():
    for life in (
        dict(edges=1),
        dict(pulse_us=3),
        dict(bytes=1),
        dict(bytes=1, late_bytes=1),
        dict(bytes=9, frames=1),
    ):
        for number in range(2 * 3 * 2 * 3 * 3 * 2 * 2):
            fields = dict(life)
            for name, values in (
                ("is_fixed", (False, True)),
                ("laps", (0, 1, 9)),
                ("is_bus_powered", (False, True)),
                ("uptime_s", (0, 119, 100000)),
                ("silent_s", (-1, 5, 3000)),
                ("had_readings", (False, True)),
                ("idle_level", (0, 1)),
            ):
                fields[name] = values[number % len(values)]
                number //= len(values)
            assert _cause(**fields) != "port_shut", fields
    for uptime_s in range(0, 120, 7):
        for is_fixed in (False, True):
            assert _cause(uptime_s=uptime_s, is_fixed=is_fixed, edges=0) == "starting"


def test_a_meter_that_was_read_and_sends_no_more_has_stopped():
    assert _reading(silent_s=24) == "ok"
    assert _reading(silent_s=25) == "stopped"
    assert _reading(silent_s=7000, late_bytes=0, late_frames=0) == "stopped"
    # The last list was cut off.
    assert _reading(silent_s=40, damaged=1) == "stopped"
    assert _reading(silent_s=7000, late_bytes=0, late_frames=0, laps=3) == "stopped"


def test_a_meter_that_was_read_before_the_dongle_restarted_has_stopped_too():
    assert _deaf(had_readings=True) == "stopped"
    assert _deaf(had_readings=True, bytes=3) == "stopped"
    assert _deaf(had_readings=True, laps=0) == "starting"


def test_a_fixed_setting_of_the_wrong_speed():
    assert _fixed() == "wrong_speed"
    assert _fixed(pulse_us=9, openings=9) == "wrong_speed"
    assert _fixed(baudrate=115200, pulse_us=417) == "wrong_speed"
    assert _fixed(baudrate=9600, pulse_us=417) == "wrong_speed"
    # Now and then any byte is an opening.
    assert _fixed(bursts=900, openings=7) == "wrong_speed"


def test_a_fixed_setting_of_the_wrong_parity_hears_the_first_byte_of_each_list_and_no_header():
    assert _fixed(openings=9, pulse_us=417, idle_level=1) == "wrong_parity"
    assert _fixed(openings=9) == "wrong_parity"
    assert _fixed(baudrate=115200, is_inverted=True, openings=9, pulse_us=17, idle_level=0) == "wrong_parity"


def test_a_fixed_setting_of_the_wrong_level():
    assert _fixed(idle_level=0) == "inverted"
    assert _fixed(is_inverted=True, idle_level=1) == "inverted"
    assert _fixed(is_inverted=True, idle_level=0) == "wrong_speed"


def test_damage_at_the_right_setting_is_noise():
    assert _fixed(openings=9, headers=1) == "noise"
    assert _fixed(openings=8, bad_headers=3) == "noise"
    assert _reading(silent_s=60, damaged=30, late_frames=5) == "noise"
    # What worked until now is not set wrongly.
    assert _reading(silent_s=300, late_frames=0, idle_level=0, is_fixed=True) == "noise"


def test_bytes_that_no_setting_reads_are_noise():
    assert _cause(uptime_s=400, laps=1, bytes=900, late_bytes=100, idle_level=0, bursts=9) == "noise"


def test_a_low_supply_explains_noise_silence_and_lost_wifi_but_no_wrong_password():
    low = dict(is_supply_weak=True)
    assert _fixed(openings=9, headers=1, **low) == "weak_supply"
    assert _reading(silent_s=60, **low) == "weak_supply"
    assert _reading(wifi="weak", **low) == _reading(wifi="lost", **low) == "weak_supply"
    assert _reading(wifi="password", **low) == "wifi_password"
    assert _reading(silent_s=60) == "stopped"


def test_a_low_supply_is_said_when_there_is_nothing_else_to_say():
    assert _reading(is_supply_weak=True) == "weak_supply"
    assert _cause(uptime_s=5, is_supply_weak=True) == "weak_supply"
    assert _reading(unknown_list=1, is_supply_weak=True) == "unknown_list"


def test_what_one_setting_would_mend_is_named_at_once():
    for reason in ("no_key", "wrong_key", "wrong_tag", "no_check", "unknown_list"):
        fields = {reason: 1}
        assert _cause(uptime_s=5, bytes=300, late_bytes=300, frames=1, late_frames=1, **fields) == reason
        assert _reading(silent_s=60, **fields) == reason


def test_a_wrong_key_that_makes_a_plausible_text_by_chance_is_still_a_wrong_key():
    assert _cause(uptime_s=100, frames=400, wrong_key=399, wrong_tag=1) == "wrong_key"


def test_telegrams_without_a_check_are_so_mostly_and_not_once_in_noise():
    p1 = dict(uptime_s=90, is_fixed=True, baudrate=115200, is_inverted=True, bursts=9, openings=9, late_bytes=6000)
    assert _cause(frames=9, late_frames=9, no_check=9, damaged=1, **p1) == "no_check"
    assert _cause(frames=1, late_frames=1, no_check=1, damaged=8, **p1) == "noise"


def test_a_doubtful_scale_is_said_with_the_setting_that_mends_it():
    for quantity in ("voltage", "current", "power", "energy"):
        assert _reading(doubtful=quantity) == "scale_" + quantity
        for language in LANGUAGES:
            assert f"meter.{quantity}_multiplier" in text("scale_" + quantity, language)[1]
    assert _reading(doubtful="voltage", mqtt="wrong_login") == "broker_login"
    assert _reading(doubtful="") == "ok"


def test_an_unknown_list_that_is_read_in_part_matters_less_than_the_network():
    assert _reading(unknown_list=3) == "unknown_list"
    assert _reading(unknown_list=3, mqtt="wrong_login") == "broker_login"


def test_readings_between_many_damaged_frames_are_noise_when_all_else_is_well():
    assert _reading(damaged=49) == "noise"
    assert _reading(damaged=49, wifi="password") == "wifi_password"


def test_wifi_has_a_cause_for_each_of_its_words():
    for word in ("not_set", "password", "not_found", "weak", "no_address"):
        assert _reading(wifi=word) == "wifi_" + word
    assert _reading(wifi="lost") == "wifi_failed"
    assert _reading(wifi="connecting") == "starting"


def test_the_brokers_words_have_causes():
    for word, expected in (
        ("refused", "broker_refused"),
        ("wrong_login", "broker_login"),
        ("not_authorised", "broker_login"),
        ("name_unknown", "broker_name"),
        ("no_answer", "broker_no_answer"),
        ("cert_untrusted", "broker_ca"),
        ("cert_name", "broker_certificate_name"),
        ("cert_expired", "broker_certificate_date"),
        ("tls_failed", "broker_tls"),
        ("not_set", "broker_not_set"),
        ("clock_not_set", "clock"),
        ("no_memory", "firmware"),
        ("never heard of", "broker_failed"),
        ("no_network", "ok"),
    ):
        assert _reading(mqtt=word) == expected, word


def test_hours_wait_for_the_time_when_no_server_and_no_meter_has_told_it():
    assert _reading(is_clock_known=False) == "ok"
    assert _reading(is_clock_known=False, uptime_s=7200) == "clock"
    assert _reading(is_clock_known=False, uptime_s=7200, mqtt="refused") == "broker_refused"


def test_the_meter_comes_before_wifi_before_the_broker_before_the_clock():
    faults = dict(wifi="password", mqtt="wrong_login", is_clock_known=False, uptime_s=7200)
    assert _deaf(**faults) == "port_shut"
    assert _reading(silent_s=60, no_key=1, **faults) == "no_key"
    assert _reading(**faults) == "wifi_password"
    faults["wifi"] = ""
    assert _reading(**faults) == "broker_login"
    faults["mqtt"] = ""
    assert _reading(**faults) == "clock"


def test_while_the_meter_is_searched_for_the_owner_can_mend_the_network():
    assert _cause(uptime_s=40, wifi="password") == "wifi_password"
    assert _cause(uptime_s=40, bytes=9, late_bytes=9, mqtt="refused") == "broker_refused"
    assert _cause(uptime_s=40, wifi="connecting") == "starting"


def test_every_cause_has_a_title_and_a_next_step_in_every_language():
    brokers = {line.split(" ")[1] for line in _lines("faults")} - {"-"}
    expected = METER | FRAMES | REST | brokers
    for language in LANGUAGES:
        causes = _causes(language)
        assert expected <= set(causes), (language, expected - set(causes))
        assert causes == _causes("nb") and len(causes) == len(set(causes))
        for word in causes:
            title, step = text(word, language)
            assert 5 < len(title) <= 90 and title[-1] == ".", (language, word)
            assert 15 < len(step) <= 300 and step[-1] in ".10", (language, word, len(step))


def test_who_has_no_data_from_a_shut_port_is_told_to_order_it_and_that_it_is_free():
    for language, words in (
        ("nb", ("nettselskapet", "samtykke", "gratis", "HAN-modul", "flyttet")),
        ("nn", ("nettselskapet", "samtykke", "gratis", "HAN-modul", "flytta")),
        ("en", ("grid company", "consent", "free", "HAN module", "moved")),
    ):
        step = text("port_shut", language)[1]
        for word in words:
            assert word in step, (language, word)


def test_no_text_for_what_is_no_cause():
    for word in ("", "nonsense", "#", "order", "[name]"):
        try:
            text(word, "nb")
        except ValueError:
            continue
        raise AssertionError(word)


def test_an_order_holds_what_the_grid_company_asks_for():
    for language, secured in (("nb", "fysisk sikret"), ("nn", "fysisk sikra"), ("en", "physically secured")):
        filled = order(language, "Kari {Nordmann}", "Storgata 1, 0155 Oslo", "7359992890000000")
        for word in ("HAN", "Kari {Nordmann}", "Storgata 1, 0155 Oslo", "7359992890000000", secured):
            assert word in filled, (language, word)
        assert "[" not in filled and len(filled) < 1000
        subject, empty, _rest = filled.split("\n", 2)
        assert "HAN" in subject and empty == ""


def test_an_order_that_is_not_filled_in_shows_where():
    for language in LANGUAGES:
        blank = order(language)
        assert blank.count("[") == blank.count("]") == 4  # the name stands there twice
        assert order(language, name="Kari").count("[") == 2
    assert "[målernummeret, det står på måleren]" in order("nb")
