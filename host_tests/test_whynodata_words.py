"""Every word that the firmware has for a failing MQTT link has a cause, and no cause is for a word that is gone."""

import re

from conftest import ROOT


def _words(name, pattern):
    return set(re.findall(pattern, (ROOT / name).read_text(encoding="utf-8"), re.M))


def test_each_of_the_links_words_has_a_cause():
    # A comma, the word, a comma, numbers, a sentence.
    words = _words("firmware/app/mqttfaults.txt", r"^,([a-z_]+),")
    assert {"refused", "cert_name", "internal"} < words
    # That no broker is set is no failure of the link's own, nor is a change of the settings.
    assert _words("lib/whynodata/faults.txt", r"^([a-z_]+) ") == words | {"not_set", "connecting"}
