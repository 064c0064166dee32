"""What Home Assistant takes: its documented options, units and classes, and how it reads a discovery message.

Written down from Home Assistant 2026.2: home-assistant.io/integrations/mqtt ("Supported abbreviations in MQTT
discovery messages", "Device discovery payload"), sensor.mqtt, binary_sensor.mqtt, button.mqtt, and
developers.home-assistant.io/docs/core/entity/sensor ("Available device classes"); of each table the rows that we use.
"""

import json
import re

from jinja2 import StrictUndefined
from jinja2.sandbox import ImmutableSandboxedEnvironment

ABBREVIATIONS = {
    "avty_t": "availability_topic",
    "cmd_t": "command_topic",
    "cmps": "components",
    "def_ent_id": "default_entity_id",
    "dev": "device",
    "dev_cla": "device_class",
    "ent_cat": "entity_category",
    "exp_aft": "expire_after",
    "ic": "icon",
    "name": "name",
    "o": "origin",
    "ops": "options",
    "p": "platform",
    "pl_prs": "payload_press",
    "stat_cla": "state_class",
    "stat_t": "state_topic",
    "sug_dsp_prc": "suggested_display_precision",
    "uniq_id": "unique_id",
    "unit_of_meas": "unit_of_measurement",
    "val_tpl": "value_template",
}
DEVICE_ABBREVIATIONS = {"ids": "identifiers", "mdl": "model", "name": "name", "sw": "sw_version"}
ORIGIN_ABBREVIATIONS = {"name": "name", "sw": "sw_version"}

# Device discovery refuses the whole message for any other option at its root, the base topic ~ among them.
ROOT_REQUIRED = {"device", "origin", "components"}
ROOT_OPTIONS = ROOT_REQUIRED | {"availability_topic", "command_topic", "state_topic", "qos", "encoding"}
# What components take over from the root.
SHARED = ("availability_topic", "command_topic", "state_topic")
_OF_ALL = {"platform", "name", "unique_id", "default_entity_id", "entity_category", "icon", "availability_topic"}
_OF_SENSORS = _OF_ALL | {"device_class", "state_topic", "value_template", "expire_after"}
OPTIONS = {
    "sensor": _OF_SENSORS | {"state_class", "unit_of_measurement", "suggested_display_precision", "options"},
    "binary_sensor": _OF_SENSORS,
    # A button takes no state topic; one that the root shares is passed over.
    "button": _OF_ALL | {"device_class", "command_topic", "payload_press", "state_topic"},
}
ENTITY_CATEGORIES = {"sensor": {"diagnostic"}, "binary_sensor": {"diagnostic"}, "button": {"config", "diagnostic"}}
BINARY_CLASSES = {None, "problem"}
BUTTON_CLASSES = {"restart"}

# Device class of a sensor: units, state classes.
_MEASURED = {"measurement"}
_SUMMED = {"total", "total_increasing"}
_ANY = _MEASURED | _SUMMED
SENSOR_CLASSES = {
    "current": ({"A", "mA"}, _MEASURED),
    "duration": ({"d", "h", "min", "s", "ms", "μs"}, _ANY),
    "energy": ({"Wh", "kWh", "MWh", "GWh", "TWh", "mWh", "J", "kJ", "MJ", "GJ"}, _SUMMED),
    "enum": ({None}, set()),
    "gas": ({"m³", "ft³", "CCF", "L", "MCF"}, _SUMMED),
    "power": ({"mW", "W", "kW", "MW", "GW", "TW"}, _MEASURED),
    "power_factor": ({"%", None}, _MEASURED),
    "reactive_energy": ({"varh", "kvarh"}, _SUMMED),
    "reactive_power": ({"mvar", "var", "kvar"}, _MEASURED),
    "signal_strength": ({"dB", "dBm"}, _MEASURED),
    "water": ({"L", "gal", "m³", "ft³", "CCF", "MCF"}, _SUMMED),
    "voltage": ({"V", "mV", "μV", "kV", "MV"}, _MEASURED),
    None: ({None}, _ANY),
}
TOPIC = re.compile(r"device/(?:[a-zA-Z0-9_-]+/)?[a-zA-Z0-9_-]+/config")
ENTITY_ID = re.compile(r"(?!.+__)(?!_)[\da-z_]+(?<!_)\.(?!_)[\da-z_]+(?<!_)")


def read(payload):
    """(root, {key: component}) of a discovery message: names in full, and in each component what the root shares."""
    root = _in_full(json.loads(payload), ABBREVIATIONS)
    root["device"] = _in_full(root["device"], DEVICE_ABBREVIATIONS)
    root["origin"] = _in_full(root["origin"], ORIGIN_ABBREVIATIONS)
    shared = {option: root[option] for option in SHARED if option in root}
    components = {key: {**shared, **_in_full(c, ABBREVIATIONS)} for key, c in root["components"].items()}
    return root, components


def _in_full(options, abbreviations):
    assert not set(options) & set(abbreviations.values()) - set(abbreviations), "an option is there in full"
    return {abbreviations.get(option, option): value for option, value in options.items()}


def state(component, payload):
    """What a component makes of a message on its topic: a text, None for "unknown"; an empty one leaves it as it was.

    Home Assistant logs a warning for each thing that a template does not find; here that is an error.
    """
    environment = ImmutableSandboxedEnvironment(undefined=StrictUndefined)
    text = environment.from_string(component["value_template"]).render(value=payload, value_json=json.loads(payload))
    text = text.strip()
    if component["platform"] == "binary_sensor":
        assert text in ("ON", "OFF")
    if "options" in component:
        assert text in component["options"]
    return None if text == "None" else text
