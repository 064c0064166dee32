#!/usr/bin/env python3
"""Makes one file of each page for the dongle: firmware/www/<name>/ becomes <name>.html.gz, which needs nothing else.

What page.html names with src, href or include is put in its place; a Content-Security-Policy lets run only that.
Pages share what lies in firmware/www/shared/.
"""

import base64
import gzip
import hashlib
import json
import re
from pathlib import Path

SOURCES = Path(__file__).resolve().parent.parent / "firmware" / "www"
_INCLUDE = re.compile(r"<!-- include ([\w./]+) -->\n")
_STYLE = re.compile(r'<link rel="stylesheet" href="([\w./]+)">\n?')
_SCRIPT = re.compile(r'<script src="([\w./]+)"></script>\n?')
_DATA = re.compile(r'<script type="application/json" id="(\w+)" src="([\w./ ]+)"></script>')


def build_pages(folder):
    """Write all pages into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for source in sorted(path.parent for path in SOURCES.glob("*/page.html")):
        # Without the time in it, the same sources make the same file.
        packed = gzip.compress(page(source).encode(), 9, mtime=0)
        (folder / (source.name + ".html.gz")).write_bytes(packed)


def page(source):
    """The page that a folder of sources makes, as text."""
    html = markup(source)
    style = "\n".join(_lean(source / name) for name in _STYLE.findall(html))
    script = "\n".join(_lean(source / name) for name in _SCRIPT.findall(html))
    html = _lines(re.sub(r"<!--.*?-->\n", "", html, flags=re.S))
    html = _DATA.sub(lambda found: _data(found[1], texts(source, found[1])), html)
    html = _all_as_one(_STYLE, html, _policy(style, script) + f"\n<style>{style}</style>\n")
    return _all_as_one(_SCRIPT, html, f"<script>{script}</script>\n")


def markup(source):
    """page.html, with what it includes."""
    html = (source / "page.html").read_text("utf-8")
    return _INCLUDE.sub(lambda found: (source / found[1]).read_text("utf-8"), html)


def texts(source, name):
    """What the page's block of data by this name holds: of the files that it names, all together."""
    names = {found[1]: found[2] for found in _DATA.finditer((source / "page.html").read_text("utf-8"))}
    together = {}
    for file in names[name].split():
        together.update(json.loads((source / file).read_text("utf-8")))
    return together


def scripts(source):
    """The page's own and shared scripts, as they are written."""
    names = _SCRIPT.findall((source / "page.html").read_text("utf-8"))
    return "\n".join((source / name).read_text("utf-8") for name in names)


def _all_as_one(pattern, html, whole):
    """Everything that matches goes; where the first one was, the whole stands."""
    head, tail = html[: pattern.search(html).start()], html[pattern.search(html).start() :]
    return head + whole + pattern.sub("", tail)


def _policy(style, script):
    rules = {
        "default-src": "'none'",
        "script-src": _digest(script),
        "style-src": _digest(style),
        "connect-src": "'self'",
        "img-src": "data:",
        "base-uri": "'none'",
        "form-action": "'none'",
    }
    content = "; ".join(f"{name} {value}" for name, value in rules.items())
    return f'<meta http-equiv="Content-Security-Policy" content="{content}">'


def _digest(text):
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def _data(name, value):
    """A value as a block of data, which nothing in a text can end."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    text = text.replace("</", r"<\/")
    return f'<script type="application/json" id="{name}">{text}</script>'


def _lean(path):
    """A style or a script without what only its readers need: comments on lines of their own, and indents."""
    return _lines(re.sub(r"^\s*//.*\n", "", path.read_text("utf-8"), flags=re.M))


def _lines(text):
    return "\n".join(line.strip() for line in text.split("\n") if line.strip())
