"""What the setup page says of a wrong form, and what is kept of a password."""

import ast

import pytest

import build
from app import config, formfaults, passwords

_APP = build.ROOT / "firmware" / "app"
_LANGUAGES = ("nb", "nn", "en")


def _rows():
    lines = (_APP / "formfaults.txt").read_text(encoding="utf-8").splitlines()
    return [line.split(" ", 2) for line in lines if not line.startswith("#")]


def test_each_word_has_one_sentence_in_each_language():
    rows = _rows()
    words = {row[0] for row in rows}
    assert sorted((row[0], row[1]) for row in rows) == sorted((word, lang) for word in words for lang in _LANGUAGES)
    for word, language, sentence in rows:
        assert sentence[0].isupper() and sentence.endswith("."), (word, language)
        assert formfaults.text(word, language) == sentence


_WEB = ("portal", "portalapi", "passwords", "home", "homesettings", "homeactions", "homeevents", "login", "webserver")
_WEB += ("homeupdate", "update")
_SAYING = ("fault", "wrong", "refused", "Wrong", "_fail")


def _texts(name):
    """(all texts in a module, those that are given to what says a fault)."""
    tree = ast.parse((_APP / f"{name}.py").read_text())
    said = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and getattr(node.func, "attr", getattr(node.func, "id", "")) in _SAYING:
            said |= {part.value for one in node.args for part in ast.walk(one) if isinstance(part, ast.Constant)}
    return {node.value for node in ast.walk(tree) if isinstance(node, ast.Constant)}, said


def test_every_word_that_the_pages_say_has_a_sentence_and_no_sentence_is_unused():
    words = {row[0] for row in _rows()}
    texts, said = set(), set()
    for name in _WEB:
        texts |= _texts(name)[0]
        said |= {word for word in _texts(name)[1] if isinstance(word, str)}
    assert {"nonsense", "foreign", "trying", "not_here", "too_large", "busy", "internal", "wrong_value"} <= said
    assert said <= words
    # Of the settings that are typed; others are wrong only where it is not the page that sends them.
    assert {"mqtt.host", "mqtt.port", "mqtt.user", "mqtt.password", "mqtt.ca"} <= words
    assert words - texts <= set(config.SCHEMA)


@pytest.mark.parametrize("language", _LANGUAGES)
def test_what_has_no_sentence_has_that_of_nonsense(language):
    for word in ("mqtt.tls", "mqtt.verify", "wifi.ssid", "", "mqtt"):
        assert formfaults.text(word, language) == formfaults.text("nonsense", language)


def test_of_a_password_only_a_salted_hash_is_kept():
    for password in ("12345678", "påskehare 7", "x" * 64, "🫐" * 64, "$" * 8):
        kept = passwords.hashed(password)
        assert kept != passwords.hashed(password) and password not in kept
        assert len(kept) <= config.SCHEMA["owner.password"][2]
        assert passwords.is_right(password, kept)
        for wrong in (password[:-1], password + " ", password.upper() + "x", "", kept):
            assert not passwords.is_right(wrong, kept)


def test_where_none_is_kept_or_nonsense_no_password_is_right():
    right = passwords.hashed("12345678")
    for kept in ("", "$", "zz$00", "00$", right[:-1], right + "0", right.split("$")[0]):
        for password in ("", "12345678", kept):
            assert not passwords.is_right(password, kept), kept
