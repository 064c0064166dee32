"""Logging in to the page at home, and out."""

from app.home import cookie


def log_in(home, request, form):
    """A cookie for the password."""
    fault = home.login.check(request.client.address, form.get("password"))
    return home.refused(request, *fault) if fault else cookie(home.login.cookie())


def log_out(home, request, form):
    """No cookie any more."""
    return cookie("", 0)
