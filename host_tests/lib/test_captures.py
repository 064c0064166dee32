"""Real captures with trusted readings."""

import damage
from hanport import Reading, Receiver
from vectors import SHARED, decode, load

_CAPTURES = SHARED + "captures/"


# What the trusted readings leave out of a Dutch telegram; test_dsmr.py has it.
_BESIDE = ("tariff", "gas_m3", "gas_timestamp", "gas_meter_id")


def _entries():
    found = load(_CAPTURES + "frames.json")
    for entry in found:
        for key in entry["unscored_fields"]:
            entry["expected"].pop(key, None)
        if "device_id" in entry["expected"]:
            entry["expected"]["meter_id"] = entry["expected"].pop("device_id")
    return found


def test_every_capture_gives_its_trusted_reading():
    entries = _entries()
    assert len(entries) == 22
    for entry in entries:
        for chunk in (None, 7) if entry["transport"] != "llc" else (None,):
            # One of them has no CRC, which must be allowed.
            receiver = Receiver("auto", unchecked=entry["id"] == "p1-b")
            readings = decode(bytes.fromhex(entry["hex"]), chunk, receiver)
            assert len(readings) == 1, entry["id"]
            for key in list(entry["unscored_fields"]) + list(_BESIDE):
                readings[0].pop(key, None)
            assert readings[0] == entry["expected"], entry["id"]


def test_captured_frames_stand_pieces_cuts_and_flipped_bits():
    for entry in _entries():
        if entry["transport"] == "hdlc":
            frame = bytes.fromhex(entry["hex"])
            damage.check_pieces(entry["id"], frame, entry["expected"])
            damage.check_cuts(entry["id"], frame, entry["expected"])
            damage.check_flips(entry["id"], frame, entry["expected"])


def test_every_valid_frame_of_the_captured_streams_is_delivered():
    for stream in load(_CAPTURES + "streams.json"):
        for piece in (64, 2000):
            summary = stream["summary"]
            sums = _sum_up(_CAPTURES + stream["file"], piece)
            assert sums["n_readings"] == stream["valid_frames"], stream["file"]
            for key in sums:
                assert sums[key] == summary[key], (stream["file"], key)
            for key in ("first_timestamp", "last_timestamp"):
                assert (key in sums) == (key in summary), (stream["file"], key)


def _sum_up(path, piece):
    """What streams.json says of a stream, from our own readings."""
    receiver = Receiver("hdlc")
    reading = Reading()
    sums = {"n_readings": 0, "sum_power_import_w": 0, "n_with_current": 0, "sum_l1_current_ma": 0, "n_with_energy": 0}
    powers = []
    hours = []
    buffer = bytearray(piece)
    with open(path, "rb") as file:
        while True:
            n = file.readinto(buffer)
            if not n:
                break
            receiver.feed(buffer, n)
            while receiver.next(reading):
                sums["n_readings"] += 1
                sums["sum_power_import_w"] += reading.get("power_import_w")
                powers.append(reading.get("power_import_w"))
                if reading.get("l1_current_a") is not None:
                    sums["n_with_current"] += 1
                    sums["sum_l1_current_ma"] += reading.get("l1_current_a")
                time = reading.get("timestamp")
                if time is not None:
                    sums["last_timestamp"] = time.decode()
                    sums.setdefault("first_timestamp", time.decode())
                if reading.list == 3:
                    sums["n_with_energy"] += 1
                    hours.append(reading.as_dict())
    sums["min_power_import_w"] = min(powers)
    sums["max_power_import_w"] = max(powers)
    sums["energy_readings"] = hours
    return sums
