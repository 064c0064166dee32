"""What Home Assistant is told: all that the meter has, nothing else, in short messages that share one device."""

import json

import hadiscovery
from hanport.extras import KEYS as EXTRAS
from hanport.registers import KEYS

LANGUAGES = ("nb", "nn", "en")
# The device's name has one length; the settings allow 64 bytes for these two.
LONG_TOPIC = "t" * 64 + "/han-a1b2c3"
LONG_PREFIX = "p" * 64


def _announcement(language="nb", base="han/han-a1b2c3", prefix="homeassistant"):
    return hadiscovery.Announcement("han-a1b2c3", base, prefix, "10.10.10", "a board with a long name", language)


def _lines(name):
    """The lines of one of the library's files, without comments."""
    with open(hadiscovery.__file__.rsplit("/", 1)[0] + f"/{name}.txt", "r", encoding="utf-8") as file:
        return [line.rstrip("\n") for line in file if line[0] != "#"]


def _messages(has, announcement=None):
    """[(topic, what it holds)] of all messages of a meter."""
    announcement = announcement or _announcement()
    messages = [announcement.message(number, has) for number in range(hadiscovery.count)]
    return [(message[0].decode(), json.loads(message[1])) for message in messages if message]


def _rows():
    """The lines that describe components."""
    return [line for line in _lines("components") if line[0] != "["]


def _components(has):
    """{key: component} of all messages."""
    found = {}
    for _topic, content in _messages(has):
        found.update(content["cmps"])
    return found


def _everything(_what):
    return True


def _nothing(_what):
    return False


def _one_phase(what):
    return what in ("power_import_w", "l1_current_a", "l1_voltage_v", "energy_import_wh", "import", "peak_1")


def test_a_message_fits_two_kilobytes_whatever_the_meter_has_and_the_owner_has_set():
    assert hadiscovery.LARGEST == 2048
    for language in LANGUAGES:
        announcement = _announcement(language, LONG_TOPIC, LONG_PREFIX)
        for number in range(hadiscovery.count):
            topic, payload = announcement.message(number, _everything)
            header = 7  # of the PUBLISH: its type, its length, the topic's length, the packet id
            assert header + len(topic) + len(payload) <= hadiscovery.LARGEST, (language, topic, len(payload))


def test_quotation_marks_in_the_owners_topic_do_no_harm():
    base = '"\\' * 32 + "/han-a1b2c3"
    announcement = _announcement("en", base)
    for number in range(hadiscovery.count):
        topic, payload = announcement.message(number, _everything)
        content = json.loads(payload)
        assert content["avty_t"] == base + "/status"
        assert content["stat_t"].startswith(base + "/")
        assert len(payload) <= hadiscovery.LARGEST


def test_all_messages_share_one_device_that_says_when_it_is_lost():
    device = {"ids": "han-a1b2c3", "name": "Strømmåler a1b2c3", "mdl": "a board with a long name", "sw": "10.10.10"}
    for _topic, content in _messages(_everything):
        assert content["dev"] == device
        assert content["o"] == {"name": "HAN", "sw": "10.10.10"}
        assert content["avty_t"] == "han/han-a1b2c3/status"


def test_each_message_has_a_topic_of_its_own_below_the_owners_prefix():
    topics = [topic for topic, _content in _messages(_everything, _announcement(prefix="ha/disco"))]
    assert len(set(topics)) == hadiscovery.count
    for topic in topics:
        prefix, group = topic.split("/device/han-a1b2c3/")
        assert prefix == "ha/disco"
        assert group.endswith("/config")
    assert "ha/disco/device/han-a1b2c3/total/config" in topics


def test_no_two_components_have_one_id():
    found = [key for _topic, content in _messages(_everything) for key in content["cmps"]]
    unique_ids = [c["uniq_id"] for _topic, content in _messages(_everything) for c in content["cmps"].values()]
    assert len(found) == len(set(found)) == len(set(unique_ids)) == len(_rows())


def test_entity_ids_are_the_same_in_every_language():
    ids = []
    for language in LANGUAGES:
        messages = _messages(_everything, _announcement(language))
        ids.append([c["def_ent_id"] for _topic, content in messages for c in content["cmps"].values()])
    assert ids[0] == ids[1] == ids[2]
    assert "sensor.han_a1b2c3_power_import_w" in ids[0] and "button.han_a1b2c3_restart" in ids[0]


def test_a_meter_of_one_phase_without_export_gets_nothing_else():
    components = _components(_one_phase)
    for key in ("power_import_w", "l1_current_a", "energy_import_wh", "total_import", "day_import", "mean", "peak_1"):
        assert key in components
    for key in components:
        assert "export" not in key and "reactive" not in key and "gas" not in key
        assert key[:3] not in ("l2_", "l3_") and key not in ("peak_2", "power_factor")


def test_a_message_with_nothing_in_it_is_not_sent():
    topics = {content["stat_t"] for _topic, content in _messages(_nothing)}
    assert topics == {"han/han-a1b2c3/load", "han/han-a1b2c3/diagnosis"}
    announcement = _announcement()
    assert announcement.message(0, _nothing) is None


def test_a_component_stays_in_its_message_when_there_is_more_of_the_meter():
    before = {key: topic for topic, content in _messages(_one_phase) for key in content["cmps"]}
    after = {key: topic for topic, content in _messages(_everything) for key in content["cmps"]}
    assert len(before) < len(after)
    for key in before:
        assert before[key] == after[key]


def test_every_register_but_texts_and_times_can_be_shown():
    asked = []
    announcement = _announcement()
    for number in range(hadiscovery.count):
        announcement.message(number, lambda what: asked.append(what))
    not_shown = {"list_version", "meter_id", "meter_type", "p1_ident", "timestamp", "utc_offset_min", "timestamp_dst"}
    assert set(KEYS) - set(asked) == not_shown
    # What is no register: the directions, the number of peaks, the supply.
    others = {"import", "export", "peak_1", "peak_2", "peak_3", "peak_4", "peak_5", "supply"}
    shown = {key for key in EXTRAS if not key.endswith(("_timestamp", "_meter_id"))}
    assert set(asked) - set(KEYS) == others | shown


def test_what_was_announced_is_taken_back_by_an_empty_message_on_the_same_topic():
    announcement = _announcement()
    for number in range(hadiscovery.count):
        topic, payload = hadiscovery.removal(number, "han-a1b2c3", "homeassistant")
        assert topic == announcement.message(number, _everything)[0]
        assert payload == b""


def _named(language):
    """{key: name} of a language."""
    rows = [line.split(" ", 1) for line in _lines(language)]
    assert len(rows) == len({key for key, _name in rows})
    return {key: name for key, name in rows}


def test_every_language_names_the_same_things():
    nb, nn, en = [_named(language) for language in LANGUAGES]
    assert set(nb) == set(nn) == set(en)
    shown = {key[3:] if key[:3] in ("l1_", "l2_", "l3_") else key for key in _components(_everything)}
    assert set(nb) == shown | {"device"}


def test_names_are_not_empty_not_doubled_and_need_no_escaping():
    for language in LANGUAGES:
        names = _named(language)
        assert len(set(names.values())) == len(names)
        for name in names.values():
            assert name == name.strip() and len(name) > 2 and name[0] == name[0].upper()
            assert '"' not in name and "\\" not in name


def test_phases_are_named_after_what_they_are_a_part_of():
    for language, current in (("nb", "Strøm L2"), ("nn", "Straum L2"), ("en", "Current L2")):
        messages = _messages(_everything, _announcement(language))
        names = {key: c["name"] for _topic, content in messages for key, c in content["cmps"].items()}
        assert names["l2_current_a"] == current


def test_every_kind_is_of_use():
    assert {row.split(" ")[1] for row in _rows()} == {line.split(" ")[0] for line in _lines("kinds")}


def test_every_message_of_the_file_is_counted():
    assert len([line for line in _lines("components") if line[0] == "["]) == hadiscovery.count


def test_a_language_without_a_file_is_told():
    try:
        _announcement("tlh").message(0, _everything)
        raise AssertionError
    except OSError:
        pass
