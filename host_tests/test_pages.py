"""tools/pages.py: one small file for each page, always the same, that runs nothing but its own."""

import gzip
import json
import re

import pytest

import pages
from app import config

SETUP, HOME = pages.SOURCES / "setup", pages.SOURCES / "home"
LANGUAGES = ("nb", "nn", "en")
# What the flash and a phone on a weak network are asked for.
MOST_BYTES = {SETUP: 14 * 1024, HOME: 32 * 1024}
# Made up of a beginning and a word of the dongle's.
MADE_UP = {"order_name", "order_address", "order_meter", "signal_1", "signal_2", "signal_3", "signal_4"}
# Nested: the settings' own, which their key names.
OF_SETTINGS = {"groups", "choices", "fields"}
# Not on the form: changed in the setup network, and by a form of its own.
ELSEWHERE = {"wifi.ssid", "wifi.password", "owner.password"}

each_page = pytest.mark.parametrize("source", MOST_BYTES, ids=lambda source: source.name)


@each_page
def test_a_page_is_one_small_file_and_always_the_same(tmp_path, source):
    pages.build_pages(tmp_path / "a")
    pages.build_pages(tmp_path / "b")
    packed = (tmp_path / "a" / f"{source.name}.html.gz").read_bytes()
    assert packed == (tmp_path / "b" / f"{source.name}.html.gz").read_bytes()
    assert len(packed) < MOST_BYTES[source]
    assert gzip.decompress(packed).decode() == pages.page(source)


@each_page
def test_nothing_outside_is_named_and_nothing_else_may_run(source):
    html = pages.page(source)
    assert not re.search(r'(src|href)="(?!data:,|#\w)', html)
    assert "https://" not in html
    assert not re.search(r"\s(on\w+|style)=", re.sub(r"<script.*?</script>", "", html, flags=re.S))
    policy = re.search(r'http-equiv="Content-Security-Policy" content="([^"]+)"', html)[1]
    assert policy.startswith("default-src 'none'; script-src 'sha256-")
    assert "unsafe" not in policy
    assert "innerHTML" not in html


def test_no_text_can_end_its_block():
    block = pages._data("xx", {"a": "</script><script>"})
    assert block.count("</script>") == 1
    assert json.loads(block[block.index("{") : block.rindex("<")]) == {"a": "</script><script>"}


def _flat(texts, above=""):
    """{path: text} of a page's texts, in their order."""
    flat = {}
    for key, value in texts.items() if isinstance(texts, dict) else enumerate(texts):
        if isinstance(value, str):
            flat[f"{above}{key}"] = value
        else:
            flat.update(_flat(value, f"{above}{key}/"))
    return flat


@each_page
@pytest.mark.parametrize("name", LANGUAGES)
def test_each_language_has_every_text_and_every_place_in_it(source, name):
    texts, bokmal = _flat(pages.texts(source, name)), _flat(pages.texts(source, "nb"))
    assert list(texts) == list(bokmal)
    for key, text in texts.items():
        assert text.strip()
        assert set(re.findall(r"\{\w+\}", text)) == set(re.findall(r"\{\w+\}", bokmal[key])), key


@each_page
def test_every_text_is_used_and_there(source):
    scripts, texts = pages.scripts(source), set(pages.texts(source, "nb")) - OF_SETTINGS
    named = set(re.findall(r'data-t="(\w+)"', pages.markup(source)))
    named |= set(re.findall(r'\btext\(\s*"(\w+)"', scripts)) - {"order_"} - {"signal_"}
    assert named <= texts
    for key in texts - named - MADE_UP:
        assert f'"{key}"' in scripts, key


def _fields():
    return {key: kind for fields in pages.texts(HOME, "fields").values() for key, kind in fields.items()}


def test_the_page_has_a_field_for_every_setting_of_the_same_kind():
    fields = _fields()
    assert set(fields) == set(config.SCHEMA) - ELSEWHERE
    kinds = {bool: "switch", list: "list", float: "decimal", str: "text"}
    for key, (kind, _default, limit) in config.SCHEMA.items():
        if key in ELSEWHERE:
            continue
        if key in config.CERTIFICATE_FILES:
            wanted = "certificate"
        elif key in ("mqtt.password", "meter.key", "meter.auth_key"):
            wanted = "secret"
        elif kind is int:
            wanted = {"from": limit[0], "to": limit[1]}
        elif isinstance(limit, tuple):
            choices = list(limit)
            wanted = {"choices": choices if "auto" in choices or kind is str else ["auto", *choices]}
        else:
            wanted = kinds[kind]
        assert fields[key] == wanted, key


@pytest.mark.parametrize("name", LANGUAGES)
def test_every_field_has_a_name_a_help_and_its_choices_in_words(name):
    texts = pages.texts(HOME, name)
    assert set(texts["groups"]) == set(pages.texts(HOME, "fields"))
    assert set(texts["fields"]) == set(_fields())
    assert all(len(words) == 2 for words in texts["fields"].values())
    for key, kind in _fields().items():
        if isinstance(kind, dict) and "choices" in kind and key != "owner.language":
            words = texts["choices"].get(key, texts["choices"]["*"])
            assert set(words) == {one for one in kind["choices"] if isinstance(one, str) and " " not in one}, key
