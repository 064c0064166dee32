"""`make provision`: what may be in the table, and what it brings onto the dongles."""

import json

import pytest

import dongle
import flashimage
from deploying import provision
from deploying.upload import SettingsError
from dongle import DongleError
from rv32_dongle import BLOCK, BLOCKS, Rv32Dongle

SECRET = "hemmelig-123"
ID = "han-333201"  # the RISC-V's


def _file(tmp_path, name, content):
    path = tmp_path / name
    path.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
    return path


CSV = "device,wifi.ssid,wifi.password,mqtt.port,mqtt.tls,tariff.steps_kw,tariff.limit_kw\n"


def test_a_csv_gives_each_setting_its_type_and_an_empty_field_names_nothing(tmp_path):
    rows = f'han-000001,huset,{SECRET},1884,TRUE,"[5, 10]",7.5\nhan-000002,hytta,0123456789,,,,\n'
    assert provision.read(_file(tmp_path, "d.csv", CSV + rows)) == {
        "han-000001": {
            "wifi.ssid": "huset",
            "wifi.password": SECRET,
            "mqtt.port": 1884,
            "mqtt.tls": True,
            "tariff.steps_kw": [5, 10],
            "tariff.limit_kw": 7.5,
        },
        "han-000002": {"wifi.ssid": "hytta", "wifi.password": "0123456789"},
    }


def test_a_spreadsheets_csv_with_semicolons_and_a_mark_in_front_is_read(tmp_path):
    path = _file(tmp_path, "d.csv", "\ufeffdevice;wifi.ssid\r\nhan-000001;blåbær\r\n")
    assert provision.read(path) == {"han-000001": {"wifi.ssid": "blåbær"}}


def test_json_is_one_dongles_settings_or_a_list_of_many(tmp_path):
    settings = {"wifi": {"ssid": "huset"}, "mqtt": {"port": 1884}}
    assert provision.read(_file(tmp_path, "s.json", settings)) == {"": {"wifi.ssid": "huset", "mqtt.port": 1884}}
    many = [{"device": "han-000001", **settings}, {"device": "han-000002", "wifi": {"ssid": "hytta"}}]
    assert provision.read(_file(tmp_path, "s.json", many))["han-000002"] == {"wifi.ssid": "hytta"}


@pytest.mark.parametrize(
    "name, content, faults",
    [
        ("d.csv", CSV + f"a,huset,{SECRET},x{SECRET},,,\n", ["row 1: mqtt.port"]),
        ("d.csv", CSV + "a,huset,,1883,ja,,\nb,huset,,70000,,,\n", ["row 1: mqtt.tls", "row 2: mqtt.port"]),
        ("d.csv", "device,wifi.sid\na,x\n", ["row 1: wifi.sid: unknown setting"]),
        ("d.csv", "device,wifi.ssid\na,x\na,y\n", ["row 2: a second row: a"]),
        ("d.csv", "wifi.ssid\nx\ny\n", ["row 2: a second row without a device"]),
        ("d.csv", "device,wifi.ssid\n", ["no row in it"]),
        ("d.csv", "device,wifi.ssid\na,x,y\n", ["line 2 has another number of fields"]),
        ("d.csv", "device,wifi.ssid\na\n", ["line 2 has another number of fields"]),
        ("s.json", "{", ["it is not JSON"]),
        ("s.json", [1], ["a row is an object"]),
        ("s.json", [{"wifi": SECRET}], ["row 1: wifi: must be a group"]),
        ("s.json", {"mqtt": {"password": [SECRET]}, "wfi": {}}, ["row 1: mqtt.password"]),
        ("s.json", {"wifi": {"address": "192.168.1.20/24"}}, ["row 1: wifi.address: needs wifi.gateway too"]),
    ],
)
def test_faults_are_named_by_row_and_key_and_no_value_is_shown(tmp_path, name, content, faults):
    with pytest.raises((DongleError, SettingsError)) as caught:
        provision.read(_file(tmp_path, name, content))
    lines = str(caught.value).split("\n")
    assert len(lines) == len(faults)
    assert all(fault in line for fault, line in zip(faults, lines))
    assert SECRET not in str(caught.value)


def test_a_file_that_is_not_there_is_one_line(tmp_path):
    with pytest.raises(DongleError, match="No such file"):
        provision.read(tmp_path / "none.csv")


@pytest.fixture
def plugged(tmp_path):
    """A dongle with settings of its own."""
    settings = {"wifi": {"ssid": "gammelt", "password": SECRET}, "owner": {"language": "nn"}}
    files = {"settings.json": json.dumps(settings).encode(), "label": b"abcdefghjkmn"}
    device = Rv32Dongle(tmp_path, flashimage.file_system(files, BLOCK * BLOCKS))
    yield device
    device.close()


def _settings(device):
    return json.loads(device.files()["settings.json"])


@pytest.mark.riscv
@pytest.mark.parametrize("device", [ID, ""])
def test_a_row_sets_what_it_names_and_leaves_the_rest(plugged, tmp_path, capsys, device):
    row = {"device": device, "wifi": {"ssid": "nytt"}, "mqtt": {"host": "megler", "password": SECRET}}
    provision.provision(plugged.port, _file(tmp_path, "s.json", row))
    assert _settings(plugged) == {
        "wifi": {"ssid": "nytt", "password": SECRET},
        "owner": {"language": "nn"},
        "mqtt": {"host": "megler", "password": SECRET},
    }
    said = capsys.readouterr().out
    assert f"{ID} on {plugged.port}: has its settings" in said and SECRET not in said
    assert plugged.files()["label"] == b"abcdefghjkmn"


@pytest.mark.riscv
def test_rows_of_dongles_that_are_not_plugged_in_are_named_and_the_others_are_done(plugged, tmp_path, monkeypatch):
    monkeypatch.setattr(dongle, "find_ports", lambda: [plugged.port])
    rows = [{"device": "han-000009", "wifi": {"ssid": "annet"}}, {"device": ID, "wifi": {"ssid": "nytt"}}]
    with pytest.raises(DongleError, match="^not plugged in, .*: han-000009$"):
        provision.provision(None, _file(tmp_path, "s.json", rows))
    assert _settings(plugged)["wifi"]["ssid"] == "nytt"


@pytest.mark.riscv
def test_a_row_for_another_dongle_is_not_brought_to_this_one(plugged, tmp_path, capsys):
    before = plugged.files()
    with pytest.raises(DongleError, match="not plugged in"):
        provision.provision(
            plugged.port, _file(tmp_path, "s.json", {"device": "han-000009", "wifi": {"ssid": "annet"}})
        )
    assert f"{ID} on {plugged.port}: no row for it" in capsys.readouterr().out
    assert plugged.files() == before


@pytest.mark.riscv
def test_what_does_not_go_with_the_dongles_own_settings_is_refused_by_its_key(plugged, tmp_path):
    before = plugged.files()
    path = _file(tmp_path, "s.json", {"owner": {"language": "nn"}, "mqtt": {"host": "megler"}})
    with dongle.Link(plugged.port) as link:
        link.put("settings.json", json.dumps({"mqtt": {"port": SECRET}}).encode())
    with pytest.raises(SettingsError) as caught:
        provision.provision(plugged.port, path)
    assert str(caught.value).startswith("beside what is on the dongle: mqtt.port:") and SECRET not in str(
        caught.value
    )
    assert set(plugged.files()) == set(before)
