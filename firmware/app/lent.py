"""Modules that are wanted for a moment: between two of these, their heap is for others."""

import sys


def module(name):
    """Import app.<name>. It goes as soon as nobody holds it, or what it has made."""
    full = "app." + name
    if full not in sys.modules:
        __import__(full)
    return forget(full, "app", name)


def forget(full, package=None, name=None):
    """Whoever holds the module of this whole name, or what it has made, holds it alone. It, or None when it is not
    there. Takes no heap, which may be full; so its package and its name there are said too."""
    module = sys.modules.pop(full, None)
    if module and package:
        delattr(sys.modules[package], name)
    return module
