"""hadiscovery: what a meter's dongle says to Home Assistant so that its values appear there by themselves.

Home Assistant's device-based MQTT discovery (home-assistant.io/integrations/mqtt, "Device discovery payload"), in
several short messages that share one device. What can appear is data: components.py, and a file for each language.
"""

import json

from .components import KINDS, MESSAGES

count = len(MESSAGES)


def names(language):
    """The names in a language, for Announcement; ImportError when there is no file of it."""
    return __import__("hadiscovery." + language, None, None, ("NAMES",)).NAMES


def removal(number, device, prefix):
    """(topic, payload) that takes back what the message of this number announced; to be published retained."""
    return _topic(number, device, prefix), b""


def _topic(number, device, prefix):
    group = MESSAGES[number].split(" ", 1)[0]
    return f"{prefix}/device/{device}/{group}/config".encode()


def _line(text, word):
    """The rest of the line that begins with this word."""
    start = text.index(f"\n{word} ") + len(word) + 2
    return text[start : text.index("\n", start)]


class Announcement:
    """One device in one language.

    `device` names it in topics and ids (han-a1b2c3), `base` is what its topics begin with (han/han-a1b2c3), `prefix`
    is Home Assistant's own (homeassistant), `version` the firmware's, `board` the hardware's name; all are texts.
    """

    def __init__(self, device, base, prefix, version, board, names):
        self._device = device
        self._base = base
        self._prefix = prefix
        self._names = names
        title = f"{_line(names, 'device')} {device.split('-')[-1]}"
        version = json.dumps(version)
        self._root = (
            f'{{"dev":{{"ids":"{device}","name":"{title}","mdl":{json.dumps(board)},"sw":{version}}},'
            f'"o":{{"name":"HAN","sw":{version}}},"avty_t":{self._topic("status")},"stat_t":'
        )

    def message(self, number, has):
        """(topic, payload) of one of the `count` messages, in bytes, to be published retained; None when it would
        hold nothing.

        has(what) says whether the meter has something: a register, by its key; "import" or "export", the energy in
        this direction, in one register or in one for each tariff; or "peak_1" to "peak_5", so many highest hours.
        """
        head, *rows = MESSAGES[number].split("\n")
        root = self._root + self._topic(head.split(" ")[1]) + ',"cmps":'
        pieces = [root.encode()]
        for row in rows:
            key, kind, *about = row.split(" ", 3)
            needs, value = about or (key, key)
            if needs == "-" or has(needs):
                pieces.append(b"," if pieces[1:] else b"{")
                pieces.append(self._component(key, kind, value).encode())
        if not pieces[1:]:
            return None
        pieces.append(b"}}")
        return _topic(number, self._device, self._prefix), b"".join(pieces)

    def _topic(self, name):
        """One of the device's topics as JSON: the owner may have put a quotation mark into it."""
        return json.dumps(self._base + "/" + name)

    def _component(self, key, kind, value):
        """One entity; `value` is a place in the topic's JSON, or a whole template."""
        platform, options = _line(KINDS, kind).split(" ", 1)
        unique_id = self._device + "_" + key
        entity_id = unique_id.replace("-", "_")
        if platform == "button":
            source = '"cmd_t":' + self._topic("command")
        else:
            if value[0] != "{":
                # An empty text leaves a sensor as it was; without a default each absence would be logged.
                value = "{{value_json." + value + ("}}" if "|" in value else "|d}}")
            source = '"val_tpl":"' + value + '"'
        return (
            f'"{key}":{{"p":"{platform}","name":"{self._name(key)}","uniq_id":"{unique_id}",'
            f'"def_ent_id":"{platform}.{entity_id}",{options},{source}}}'
        )

    def _name(self, key):
        if key[0] == "l" and key[2] == "_":
            return f"{_line(self._names, key[3:])} L{key[1]}"
        return _line(self._names, key)
