"""hadiscovery: what a meter's dongle says to Home Assistant so that its values appear there by themselves.

Home Assistant's device-based MQTT discovery (home-assistant.io/integrations/mqtt, "Device discovery payload"), in
several short messages that share one device. What can appear is data in the files beside this one, and so is each
language; they are read for each message.
"""

import json

import textfile

count = 24  # messages
LARGEST = 2048  # bytes of a payload


def removal(number, device, prefix):
    """(topic, payload) that takes back what the message of this number announced; to be published retained."""
    group = _section(number)[0].split(" ")[0]
    return _topic(group, device, prefix), b""


def _topic(group, device, prefix):
    return f"{prefix}/device/{device}/{group}/config".encode()


def _section(number):
    """[head, component, ...] of a message: lines of components.txt."""
    section = []
    for line in textfile.lines(__file__, "components.txt"):
        if line.startswith("["):
            number -= 1
        if number == -1:
            section.append(line.strip("[]"))
    return section


def _picked(name, words):
    """{word: the rest of its line} of one of our files."""
    found = {}
    for line in textfile.lines(__file__, name + ".txt"):
        word, _, rest = line.partition(" ")
        if word in words:
            found[word] = rest
    return found


def _without_phase(key):
    """(what the name is found under, what comes behind it)."""
    return (key[3:], " L" + key[1]) if key[0] == "l" and key[2] == "_" else (key, "")


class Announcement:
    """One device in one language.

    `device` names it in topics and ids (han-a1b2c3), `base` is what its topics begin with (han/han-a1b2c3), `prefix`
    is Home Assistant's own (homeassistant), `version` the firmware's, `board` the hardware's name, `language` one
    that there is a file of (nb); all are texts.
    """

    def __init__(self, device, base, prefix, version, board, language):
        self._device = device
        self._base = base
        self._prefix = prefix
        self._version = json.dumps(version)
        self._board = json.dumps(board)
        self._language = language

    def message(self, number, has):
        """(topic, payload) of one of the `count` messages, in bytes, to be published retained; None when it would
        hold nothing.

        has(what) says whether the meter has something: a register, by its key; "import" or "export", the energy in
        this direction, in one register or in one for each tariff; "peak_1" to "peak_5", so many highest hours; or
        "supply", whether the dongle measures its own.
        """
        head, *rows = _section(number)
        components = []
        for row in rows:
            key, kind, *about = row.split(" ", 3)
            needs, value = about or (key, key)
            if needs == "-" or has(needs):
                components.append((key, kind, value))
        if not components:
            return None
        # Among its small pieces a heap would lose the one place that is large enough for the whole.
        room = bytearray(LARGEST)
        group, topic = head.split(" ")
        pieces = self._pieces(topic, components)
        del room
        return _topic(group, self._device, self._prefix), b"".join(pieces)

    def _pieces(self, topic, components):
        """The parts of a payload."""
        words = {_without_phase(key)[0] for key, _kind, _value in components}
        words.add("device")
        names = _picked(self._language, words)
        kinds = _picked("kinds", {kind for _key, kind, _value in components})
        pieces = [self._root(topic, names).encode()]
        for key, kind, value in components:
            name, phase = _without_phase(key)
            pieces.append(b"," if pieces[1:] else b"{")
            pieces.append(self._component(key, names[name] + phase, kinds[kind], value).encode())
        pieces.append(b"}}")
        return pieces

    def _root(self, topic, names):
        """What the components share."""
        title = f"{names['device']} {self._device.split('-')[-1]}"
        return (
            f'{{"dev":{{"ids":"{self._device}","name":"{title}","mdl":{self._board},"sw":{self._version}}},'
            f'"o":{{"name":"HAN","sw":{self._version}}},'
            f'"avty_t":{self._quoted("status")},"stat_t":{self._quoted(topic)},"cmps":'
        )

    def _quoted(self, name):
        """One of the device's topics as JSON: the owner may have put a quotation mark into it."""
        return json.dumps(self._base + "/" + name)

    def _component(self, key, name, kind, value):
        """One entity; `value` is a place in the topic's JSON, or a whole template."""
        platform, options = kind.split(" ", 1)
        unique_id = self._device + "_" + key
        entity_id = unique_id.replace("-", "_")
        if platform == "button":
            source = '"cmd_t":' + self._quoted("command")
        else:
            if value[0] != "{":
                # An empty text leaves a sensor as it was; without a default each absence would be logged.
                value = "{{value_json." + value + ("}}" if "|" in value else "|d}}")
            source = '"val_tpl":"' + value + '"'
        return (
            f'"{key}":{{"p":"{platform}","name":"{name}","uniq_id":"{unique_id}",'
            f'"def_ent_id":"{platform}.{entity_id}",{options},{source}}}'
        )
