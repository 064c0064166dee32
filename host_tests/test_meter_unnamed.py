"""Decoders that have nothing to do with this project read the simulated meters of Austria, Switzerland, Slovenia and
Croatia: Gurux decrypts them, joins their parts and reads their values; what each is, these lists do not say, so that
it is written here once more, as the sources have it."""

import pytest

from hanport import Reading, Receiver, shapes
from independent import by_obis, dsmr_telegram, gurux_value
from simulated import pushes
from simulator.ciphering import derived_key
from simulator.makers import (
    ISKRA_AT,
    ISKRA_HR,
    ISKRA_SI,
    KAIFA_AT,
    LANDIS_GYR_AT,
    LANDIS_GYR_CH,
    LANDIS_GYR_SI,
    P1_AT,
    WIENER_NETZE,
)
from test_meter_decoders import cipher_of, numbers_of

SUMMER = "2026-06-15T11:59:58"
U = ("l1_voltage_v", "l2_voltage_v", "l3_voltage_v")
I = ("l1_current_a", "l2_current_a", "l3_current_a")  # noqa: E741, the letter of electric current
P = ("power_import_w", "power_export_w")
Q = ("reactive_import_var", "reactive_export_var")
P_PHASES = tuple(f"l{phase}_power_{way}_w" for way in ("import", "export") for phase in (1, 2, 3))
A = ("energy_import_wh", "energy_export_wh")
R = ("reactive_energy_import_varh", "reactive_energy_export_varh")
T_IN = ("energy_import_t1_wh", "energy_import_t2_wh")
T_OUT = ("energy_export_t1_wh", "energy_export_t2_wh")
WHOLE, TENTHS = {"v": 0, "a": -2, "factor": -3}, {"v": -1, "a": -2, "factor": -3}
# Elements from the first on: None is not looked at, "id" the meter's number.
LAYOUTS = [
    (LANDIS_GYR_AT, "E450", WHOLE, (*U, *I, *P, *A, None, None, None, "id")),
    (LANDIS_GYR_AT, "E450-11", WHOLE, (*U, *I, *P, *A, "id")),
    (WIENER_NETZE, "E450", WHOLE, (None, *A, *R, *P, *Q)),
    (ISKRA_AT, "AM550", WHOLE, (None, "id", None, None, *A, *R, *P, None, None)),
    (ISKRA_SI, "18", TENTHS, (None, "id", *P, *Q, *U, *I, *P_PHASES)),
    (ISKRA_SI, "12", TENTHS, (None, "id", *U, *I, *P, *Q)),
    (ISKRA_SI, "12-energy", TENTHS, (None, "id", None, None, A[0], *T_IN, A[1], *T_OUT, *R)),
    (ISKRA_SI, "10", TENTHS, (None, "id", *P, *Q, U[0], I[0], P_PHASES[0], P_PHASES[3])),
    (ISKRA_SI, "10-energy", TENTHS, (None, "id", *T_IN, *T_OUT, None, None, None, None)),
    (ISKRA_SI, "9", TENTHS, (None, "id", *P, *Q, U[0], *T_OUT)),
    (ISKRA_SI, "9-energy", TENTHS, (None, *P, A[0], *T_IN, A[1], *T_OUT)),
    (ISKRA_SI, "8", TENTHS, (None, "id", U[0], I[0], *P, *Q)),
    (ISKRA_SI, "4", TENTHS, (None, "id", *A)),
    (LANDIS_GYR_SI, "9", WHOLE, ("id", *P, *Q, *A, *R)),
    (LANDIS_GYR_SI, "14", WHOLE, (None, None, *I, *U, *P_PHASES)),
    (
        ISKRA_HR,
        "IE.5",
        TENTHS,
        ("id", None, None, A[0], *T_IN, A[1], *T_OUT)
        + (None, None, None, None, *P, "power_factor", *P_PHASES, *U, *I, None, None, None, None, None),
    ),
]


def in_si(key, number, exponents):
    exponent = exponents.get(key.rpartition("_")[2], 0)
    return number / 10**-exponent if exponent or key.endswith(("_v", "_a")) else number


@pytest.mark.parametrize(
    ("maker", "type_name", "exponents", "layout"), LAYOUTS, ids=[f"{row[0].name}-{row[1]}" for row in LAYOUTS]
)
def test_gurux_reads_every_value_in_its_place(maker, type_name, exponents, layout):
    cipher = cipher_of(maker, maker.encryption.security_control) if maker.encryption else None
    for push in pushes(maker, type_name, SUMMER, 20, sun=True):
        value = gurux_value(push.frame, cipher)
        assert len(value) == len(layout)
        read = {key: in_si(key, number, exponents) for key, number in zip(layout, value) if key not in (None, "id")}
        if "id" in layout:
            number = value[layout.index("id")]
            read["meter_id"] = number if isinstance(number, str) else bytes(number).decode()
        assert read == numbers_of(push.expected)


@pytest.mark.parametrize("type_name", ["E450", "E450-volts", "E570"])
def test_gurux_reads_the_swiss_descriptions_and_values(type_name):
    for push in pushes(LANDIS_GYR_CH, type_name, SUMMER, 10, sun=True):
        objects, _itself, *values = gurux_value(push.frame)
        assert len(objects) == len(values) + 2
        elements = [part for described, value in zip(objects[2:], values) for part in (described[1], value)]
        read = by_obis(elements, {"voltage": 1, "current": 100})
        read["meter_id"] = bytes(values[0]).decode()
        assert read == numbers_of(push.expected)


def test_a_swiss_energy_may_need_more_than_32_bits():
    message = LANDIS_GYR_CH.of_type(LANDIS_GYR_CH.type_named("E570")).message
    assert message.values["energy"].encode(2**33) == b"\x15" + (2**33).to_bytes(8, "big")


def test_gurux_reads_the_tyrolean_lists():
    """It knows no security control 0x21, which differs from 0x20 in the envelope alone."""
    for push in pushes(KAIFA_AT, "MA309", SUMMER, 10, sun=True, security_control=0x20):
        assert by_obis(gurux_value(push.frame, cipher_of(KAIFA_AT, 0x20), "mbus"), {}) == numbers_of(
            push.expected, "meter_id"
        )
    as_sent, in_suite_0 = (
        pushes(KAIFA_AT, "MA309", SUMMER, 5, security_control=control)[0].frame for control in (None, 0x20)
    )
    differing = [place for place, pair in enumerate(zip(as_sent, in_suite_0)) if pair[0] != pair[1]]
    # The control, and the sum of its frame.
    assert differing == [22, 4 + 250] and as_sent[22] == 0x21


@pytest.mark.parametrize("clock", [SUMMER, "2026-01-15T11:59:58"])
def test_dsmr_parser_opens_and_reads_the_styrian_telegram(clock):
    keys = (derived_key(1, "key"), derived_key(1, "authentication key"))
    for push in pushes(P1_AT, "T210-D-r", clock, 20, sun=True):
        read = dsmr_telegram(push.frame, "SAGEMCOM_T210_D_R", keys)
        read.pop("utc")
        meant = numbers_of(push.expected)
        meant.pop("reactive_import_var"), meant.pop("reactive_export_var")
        # It takes whole Wh and W for decimals, and has no key for them in kilo.
        assert {key: int(value) for key, value in read.items()} == meant


@pytest.mark.parametrize("before", [(), pushes(LANDIS_GYR_SI, "9", SUMMER, 5)[:1]], ids=["first", "behind another"])
@pytest.mark.parametrize(("maker", "type_name"), [(ISKRA_SI, "4"), (ISKRA_HR, "IE.5"), (LANDIS_GYR_CH, "E570")])
def test_a_list_whose_table_finds_no_room_is_unknown_and_the_next_one_is_read(maker, type_name, before, monkeypatch):
    def full(name):
        raise MemoryError

    def read(frames):
        found = []
        for push in frames:
            receiver.feed(push.frame, len(push.frame))
            while receiver.next(reading):
                found.append(reading.as_dict() == push.expected)
        return found

    receiver, reading = Receiver("line"), Reading()
    first, second, *_ = pushes(maker, type_name, SUMMER, 20, sun=True)
    assert all(read(before))
    with monkeypatch.context() as patch:
        patch.setattr(shapes, "_module", full)
        assert not any(read([first]))
    assert read([second]) == [True]
