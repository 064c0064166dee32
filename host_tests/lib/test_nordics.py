"""Meters of the other Nordic countries and their neighbours, other links, encrypted ones: the golden frames."""

from vectors import decode, nordics, receiver_for


def _entries():
    return nordics()


def test_every_frame_gives_its_values_in_any_pieces():
    assert len(_entries()) == 14
    for entry in _entries():
        data = bytes.fromhex(entry["hex"])
        for chunk in (1, 7, len(data)):
            assert decode(data, chunk, receiver_for(entry)) == [entry["expected"]], (entry["name"], chunk)


def test_the_link_is_found_from_the_bytes_also_when_it_changes():
    for entry in _entries():
        receiver = receiver_for(entry, "line")
        data = bytes.fromhex(entry["hex"])
        found = []
        for other in _entries():
            # Whatever came before: other links, and the same frame, which without a verified tag may be repeated.
            decode(bytes.fromhex(other["hex"]), 11, receiver)
        if "authentication_key" not in entry:
            found = decode(data, 7, receiver)
            assert found == [entry["expected"]], entry["name"]


def test_all_links_in_one_stream_are_all_read():
    plain = [entry for entry in _entries() if "key" not in entry and "scalers" not in entry]
    data = b"".join(bytes.fromhex(entry["hex"]) for entry in plain)
    assert {entry["link"] for entry in plain} == {"hdlc", "p1"}
    for chunk in (1, 7, 500, len(data)):
        for link in ("line", "auto"):
            receiver = receiver_for(plain[0], link)
            assert decode(data, chunk, receiver) == [entry["expected"] for entry in plain], (link, chunk)


def test_no_cut_frame_gives_a_reading():
    for entry in _entries():
        data = bytes.fromhex(entry["hex"])
        # The last bytes may be missing when they say nothing: a line end, the flag that the next frame has too.
        for cut in range(1, len(data) - 2):
            assert decode(data[:cut], None, receiver_for(entry)) == [], (entry["name"], cut)
