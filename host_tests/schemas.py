"""The schemas of what is published (firmware/schemas/): validate() judges any message."""

import json

from jsonschema import Draft202012Validator

from conftest import ROOT

FOLDER = ROOT / "firmware" / "schemas"
TOPICS = sorted(path.stem for path in FOLDER.glob("*.json"))
_PLAIN_TEXT = ("status", "command")


def schema(name):
    """The schema of one topic, by the last part of its name."""
    return json.loads((FOLDER / f"{name}.json").read_text())


def validate(topic_name, payload):
    """Judge a message: its topic, or the last part of it, and its payload, as bytes or as what they hold.

    Returns what the payload holds. Raises jsonschema.ValidationError, or ValueError for what is not even JSON.
    """
    name = topic_name.rsplit("/", 1)[-1]
    if isinstance(payload, (bytes, bytearray)):
        text = bytes(payload).decode()
        payload = text if name in _PLAIN_TEXT else json.loads(text, object_pairs_hook=_without_doubles)
    _validator(name).validate(payload)
    return payload


_validators = {}


def _validator(name):
    if name not in _validators:
        _validators[name] = Draft202012Validator(schema(name))
    return _validators[name]


def _without_doubles(pairs):
    """A dict of an object's members; readers do not agree on what a key means that is there twice."""
    members = dict(pairs)
    if len(members) != len(pairs):
        raise ValueError(f"a key is there twice: {[key for key, _ in pairs]}")
    return members


def validate_answer(name, body):
    """As validate(), of an answer of the page's interface (firmware/API.md); those of topics are the topics' own."""
    if (FOLDER / "api" / f"{name}.json").exists():
        name = f"api/{name}"
    payload = json.loads(body, object_pairs_hook=_without_doubles)
    _validator(name).validate(payload)
    return payload
