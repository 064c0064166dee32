"""The owner's settings file: what is wrong with it is said in one line that names the key, and costs no start."""

import json

import pytest

from app import config
from hanport import Receiver


def _faults(tree):
    return config.check(tree)[1]


def test_without_faults_the_settings_are_the_files_over_the_defaults():
    settings, faults = config.check({"mqtt": {"host": "10.0.0.2", "port": 8883}, "meter": {"line": "2400 8N1"}})
    assert faults == []
    assert settings["mqtt.host"] == "10.0.0.2"
    assert settings["mqtt.port"] == 8883
    assert settings["meter.line"] == "2400 8N1"
    assert settings["mqtt.topic"] == "han"
    assert settings["mqtt.meter_id"] is False


def test_an_unknown_key_is_named_with_those_that_there_are():
    settings, faults = config.check({"mqtt": {"prot": 1883, "host": "broker"}})
    assert len(faults) == 1
    assert faults[0].startswith("mqtt.prot: unknown setting")
    assert "port" in faults[0]
    assert settings["mqtt.host"] == "broker"


def test_an_unknown_group_is_named():
    assert _faults({"mqqt": {}}) == [
        "mqqt: unknown group; there are homeassistant, load, meter, mqtt, owner, tariff, time, wifi"
    ]
    assert _faults({"mqtt": "broker"}) == ["mqtt: must be a group of settings: { ... }"]


def test_a_wrong_type_is_named_and_the_default_used():
    for tree, key in (
        ({"mqtt": {"port": "1883"}}, "mqtt.port"),
        ({"mqtt": {"port": True}}, "mqtt.port"),
        ({"mqtt": {"port": 18.83}}, "mqtt.port"),
        ({"mqtt": {"port": None}}, "mqtt.port"),
        ({"mqtt": {"host": 5}}, "mqtt.host"),
        ({"mqtt": {"meter_id": "yes"}}, "mqtt.meter_id"),
        ({"mqtt": {"meter_id": 1}}, "mqtt.meter_id"),
        ({"wifi": {"ssid": ["home"]}}, "wifi.ssid"),
    ):
        settings, faults = config.check(tree)
        assert len(faults) == 1, tree
        assert faults[0].startswith(key + ": must be "), faults
        assert settings == config.defaults()


def test_values_out_of_range_are_named_with_the_range():
    assert _faults({"mqtt": {"port": 0}}) == ["mqtt.port: must be from 1 to 65535"]
    assert _faults({"mqtt": {"port": 65536}}) == ["mqtt.port: must be from 1 to 65535"]
    (fault,) = _faults({"meter": {"line": "2400"}})
    assert fault.startswith("meter.line: must be one of auto, 2400 8E1")


def test_a_host_is_a_name_alone_and_a_wifi_password_long_enough():
    for host in ("mqtt://10.0.0.2", "10.0.0.2:1883", "my broker", "10.0.0.2/"):
        assert [fault.split(":")[0] for fault in _faults({"mqtt": {"host": host}})] == ["mqtt.host"], host
    assert _faults({"wifi": {"password": "1234567"}})[0].startswith("wifi.password: must be at least 8")
    assert _faults({"wifi": {"password": ""}}) == _faults({"wifi": {"password": "12345678"}}) == []
    assert _faults({"wifi": {"password": 12345678}})[0].endswith("put it in quotation marks")


def test_lengths_count_bytes_as_wifi_does():
    assert _faults({"wifi": {"ssid": "å" * 16}}) == []
    assert _faults({"wifi": {"ssid": "å" * 17}}) == ["wifi.ssid: must be at most 32 bytes long"]


def test_every_fault_has_its_line_and_none_shows_a_secret():
    secret = "hunter2hunter2"
    tree = {
        "wifi": {"password": [secret]},
        "mqtt": {"password": secret * 30, "user": {"a": secret}, "port": 98765432},
        "meter": {"key": secret, "line": secret, "power_multiplier": secret},
    }
    faults = _faults(tree)
    assert sorted(fault.split(":")[0] for fault in faults) == [
        *("meter.key", "meter.line", "meter.power_multiplier"),
        *("mqtt.password", "mqtt.port", "mqtt.user", "wifi.password"),
    ]
    assert secret not in "".join(faults) and "98765432" not in "".join(faults)


def test_keys_are_32_hexadecimal_digits_however_they_are_grouped():
    octets = bytes(range(0xF0, 0x100))
    for text in (octets.hex(), octets.hex().upper(), octets.hex(":"), octets.hex(" ", 4), octets.hex("-", 2)):
        settings, faults = config.check({"meter": {"key": text, "auth_key": text}})
        assert faults == []
        options = config.decoder_options(settings)
        assert options["key"] == options["auth_key"] == octets, text
    options = config.decoder_options(config.check({"meter": {"key": ""}})[0])
    assert options["key"] is None and options["auth_key"] is None


def test_an_impossible_key_is_one_line_without_it_and_stands_for_none():
    for key in (
        "0123",
        "00" * 17,
        "0" * 31,
        "g" * 32,
        "0x" + "0" * 30,
        " ",
        "00" * 15 + "\t\t",
        12345678,
        [],
        "é" * 32,
    ):
        for name in ("key", "auth_key"):
            settings, faults = config.check({"meter": {name: key}})
            assert [fault.split(": must be ")[0] for fault in faults] == ["meter." + name], key
            assert str(key) not in faults[0] or key == " "
            assert config.decoder_options(settings)[name] is None


def test_multipliers_are_powers_of_ten_for_the_decoder():
    assert config.decoder_options(config.defaults())["scalers"] == {}
    meter = {"voltage_multiplier": 0.1, "current_multiplier": 0.001, "power_multiplier": 1000, "energy_multiplier": 1}
    settings, faults = config.check({"meter": {**meter, "unchecked": True}})
    assert faults == []
    options = config.decoder_options(settings)
    assert options["scalers"] == {"voltage": -1, "current": -3, "power": 3, "energy": 0}
    assert options["unchecked"] is True
    assert config.check({"meter": {"energy_multiplier": "auto"}})[1] == []
    for wrong in (2, 0, -1, 0.5, 10000, True, "1", None, [], {}):
        settings, faults = config.check({"meter": {"energy_multiplier": wrong}})
        assert len(faults) == 1 and faults[0].startswith('meter.energy_multiplier: must be "auto" or one of'), wrong
        assert settings == config.defaults()


def test_the_decoder_takes_what_the_settings_say():
    assert Receiver("line", **config.decoder_options(config.defaults()))
    key = "00" * 16
    settings = config.check({"meter": {"key": key, "auth_key": key, "voltage_multiplier": 0.01, "unchecked": True}})[
        0
    ]
    assert Receiver("line", **config.decoder_options(settings))


def test_a_topic_that_no_broker_takes_is_refused():
    for topic in ("#", "a+b", "", "/han", "han/", "a//b", "$SYS/x", "a\0b"):
        assert [fault.split(":")[0] for fault in _faults({"mqtt": {"topic": topic}})] == ["mqtt.topic"], topic
    for topic in ("han", "house/meter", "hytta på fjellet"):
        assert _faults({"mqtt": {"topic": topic}}) == []


def test_a_file_that_would_fill_the_heap_is_not_even_parsed(tmp_path):
    path = tmp_path / "settings.json"
    for text in ("[" * 5000, '{"a":' * 20000, json.dumps({"mqtt": {"host": "x" * 100000}})):
        path.write_text(text)
        settings, faults = config.load(str(path))
        assert settings == config.defaults() and len(faults) == 1
    path.write_text("[" * 4000)
    assert len(config.load(str(path))[1]) == 1
    path.write_text(json.dumps({f"group{n}": {} for n in range(50)}))
    faults = config.load(str(path))[1]
    assert len(faults) == 11 and "40 more" in faults[-1]


def test_brackets_in_texts_do_not_count():
    for content in (b"{}", b'{"a": "}{["}', b'{"a": "\\"}"}', b'[{"a": [1]}]'):
        assert config._is_whole(content), content
    for content in (b"{", b'{"a": "}', b'{"a": "\\"}', b'{"a": {}', b"[[]"):
        assert not config._is_whole(content), content


def test_the_mark_that_notepad_writes_does_no_harm(tmp_path):
    (tmp_path / "settings.json").write_bytes(b'\xef\xbb\xbf{"mqtt": {"port": 1884}}')
    settings, faults = config.load(str(tmp_path / "settings.json"))
    assert settings["mqtt.port"] == 1884 and faults == []


def test_what_is_no_tree_of_groups_is_one_fault():
    for tree in ([], "x", 3, None):
        settings, faults = config.check(tree)
        assert len(faults) == 1 and settings == config.defaults()


def test_a_file_that_is_not_there_or_is_no_json_is_said(tmp_path):
    path = str(tmp_path / "settings.json")
    settings, faults = config.load(path)
    assert settings == config.defaults() and len(faults) == 1 and "there is no" in faults[0]
    (tmp_path / "settings.json").write_bytes('{"wifi": {"ssid": "gård"}}'.encode("latin-1"))
    assert "save it as UTF-8" in config.load(path)[1][0]
    for text in ("", '{"mqtt": {', "\x00\xff"):
        (tmp_path / "settings.json").write_text(text)
        settings, faults = config.load(path)
        assert settings == config.defaults() and len(faults) == 1 and "is not JSON" in faults[0]
    (tmp_path / "settings.json").write_text(json.dumps({"mqtt": {"prot": 1}}))
    assert config.load(path)[1][0].startswith(path + ": mqtt.prot: ")


def test_an_authentication_key_alone_is_a_fault_and_costs_no_start():
    settings, faults = config.check({"meter": {"auth_key": "00" * 16}})
    assert faults == ["meter.auth_key: opens nothing alone: set meter.key too"]
    Receiver("line", **config.decoder_options(settings))
    # Also when the other one is there and impossible.
    settings, faults = config.check({"meter": {"key": "0", "auth_key": "00" * 16}})
    assert len(faults) == 2
    Receiver("line", **config.decoder_options(settings))


def test_the_tariffs_steps_are_a_rising_list_of_kilowatts():
    settings, faults = config.check({"tariff": {"steps_kw": [2, 5, 7.5], "limit_kw": 4.5}})
    assert faults == [] and settings["tariff.steps_kw"] == [2, 5, 7.5] and settings["tariff.limit_kw"] == 4.5
    for steps in ([], [5, 2], [2, 2], [0, 5], ["2"], [True], [2000], list(range(1, 30)), 5, {"1": 2}):
        settings, faults = config.check({"tariff": {"steps_kw": steps}})
        assert len(faults) == 1 and faults[0].startswith("tariff.steps_kw: must be a list of rising kW"), steps
        assert settings["tariff.steps_kw"] == config.defaults()["tariff.steps_kw"]
    for limit in (-1, 2000, "5", [5], True):
        assert _faults({"tariff": {"limit_kw": limit}})[0].startswith("tariff.limit_kw: must be 0 for none"), limit


def test_an_address_of_ones_own_is_one_with_its_networks_size_and_the_routers_beside_it():
    own = {"address": "192.168.1.20/24", "gateway": "192.168.1.1", "dns": "9.9.9.9", "hostname": "han-maalar"}
    settings, faults = config.check({"wifi": own})
    assert faults == [] and [settings["wifi." + name] for name in own] == list(own.values())
    for address in ("192.168.1.20", "192.168.1.20/", "192.168.1/24", "256.1.1.1/24", "1.1.1.1/7", "1.1.1.1/31"):
        assert [fault.split(":")[0] for fault in _faults({"wifi": {**own, "address": address}})] == ["wifi.address"]
    for address in ("1.1.1.1/24/24", "1.1.1.x/24", "1.1.1.-1/24", "1..1.1/24", "0001.1.1.1/24", "fe80::1/64"):
        assert [fault.split(":")[0] for fault in _faults({"wifi": {**own, "address": address}})] == ["wifi.address"]
    for name in ("gateway", "dns"):
        for address in ("192.168.1.1/24", "router", "1.1.1", "1.1.1.1.1", "1.1.1.256", " 1.1.1.1"):
            assert f"wifi.{name}" in [fault.split(":")[0] for fault in _faults({"wifi": {**own, name: address}})]
    settings, faults = config.check({"wifi": {"address": own["address"]}})
    assert faults == ["wifi.address: needs wifi.gateway too, the router's address"]
    assert settings["wifi.address"] == ""


def test_a_hostname_is_letters_digits_and_dashes():
    for name in ("", "a", "HAN", "han-2", "x" * 32):
        assert _faults({"wifi": {"hostname": name}}) == []
    for name in ("-han", "han-", "han.local", "han maaler", "måler", "x" * 33, "han_1", "\u0660"):
        assert [fault.split(":")[0] for fault in _faults({"wifi": {"hostname": name}})] == ["wifi.hostname"], name


def test_what_is_changed_leaves_all_else_in_the_file(tmp_path):
    path = tmp_path / "settings.json"
    tree = {"wifi": {"ssid": "Stua", "password": "hemmelig1"}, "tariff": {"steps_kw": [2, 7.5]}, "mine": {"a": 1}}
    path.write_text(json.dumps(tree))
    assert config.change({"wifi.ssid": "Gjest", "mqtt.host": "broker", "mqtt.port": 8883}, str(path)) is None
    tree["wifi"]["ssid"] = "Gjest"
    tree["mqtt"] = {"host": "broker", "port": 8883}
    assert json.loads(path.read_text()) == tree
    assert [entry.name for entry in tmp_path.iterdir()] == ["settings.json"]


def test_of_changes_with_a_fault_none_is_made(tmp_path):
    path = tmp_path / "settings.json"
    for changes, key in (
        ({"mqtt.host": "broker", "mqtt.port": 0}, "mqtt.port"),
        ({"wifi.password": "short"}, "wifi.password"),
        ({"wifi.nothing": ""}, "wifi.nothing"),
        ({"nothing": ""}, "nothing"),
        ({"mqtt.tls": 1}, "mqtt.tls"),
    ):
        assert config.change(changes, str(path)) == config.wrong(changes) == key
        assert not list(tmp_path.iterdir())
    path.write_text("{broken")
    assert config.change({"mqtt.port": 0}, str(path)) == "mqtt.port"
    assert path.read_text() == "{broken"


def test_a_file_that_cannot_be_read_is_laid_aside(tmp_path):
    path = tmp_path / "settings.json"
    for broken in (b"{broken", b'{"a": "\xff"}', b"[1]", b"x" * 5000, b'{"wifi": {"ssid": "a"'):
        path.write_bytes(broken)
        assert config.change({"mqtt.host": "broker"}, str(path)) is None
        assert json.loads(path.read_text()) == {"mqtt": {"host": "broker"}}
        assert (tmp_path / "settings.json.bad").read_bytes() == broken
    path.write_text('{"mqtt": "broker"}')
    assert config.change({"mqtt.host": "broker"}, str(path)) is None
    assert json.loads(path.read_text()) == {"mqtt": {"host": "broker"}}


def test_without_a_file_it_begins_with_what_is_set(tmp_path):
    path = str(tmp_path / "settings.json")
    assert config.change({"wifi.ssid": "Stua"}, path) is None
    assert config.load(path) == ({**config.defaults(), "wifi.ssid": "Stua"}, [])


def test_a_flash_that_refuses_keeps_the_old_file(tmp_path):
    path = tmp_path / "settings.json"
    path.write_text('{"wifi": {"ssid": "Stua"}}')
    (tmp_path / "settings.json.new").mkdir()
    with pytest.raises(OSError):
        config.change({"wifi.ssid": "Gjest"}, str(path))
    (tmp_path / "settings.json.new").rmdir()
    # Nor does one that would be too large to be read again take its place.
    path.write_text(json.dumps({"wifi": {"ssid": "Stua"}, "mine": {"a": "x" * 4000}}))
    with pytest.raises(OSError):
        config.change({"mqtt.password": "x" * 255}, str(path))
    assert config.load(str(path))[0]["wifi.ssid"] == "Stua"
