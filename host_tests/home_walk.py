"""The steps of the page at home as a person takes them, whoever serves it: each function takes a playwright page."""

from setup_walk import see, tab_to  # noqa: F401

VIEWS = ("now", "hours", "tariff", "status", "settings")


def open_page(page, url, view=None):
    page.goto(url + "/" + (f"#{view}" if view else ""))


def log_in(page, password):
    see(page, "login")
    page.fill("#password", password)
    page.click("#login .main")


def enter(page, url, password, view=None):
    """Open the page at a view, with a login where the dongle asks for one."""
    open_page(page, url, view)
    page.locator('[data-view="login"]:visible, nav:visible').first.wait_for()
    if page.locator('[data-view="login"]').is_visible():
        log_in(page, password)
    return see(page, view or "now")


def go(page, view):
    """Choose a view in the navigation."""
    page.click(f'nav [href="#{view}"]')
    return see(page, view)


def choose_days(page, days):
    page.click(f'#days [value="{days}"]')
    page.locator("#hours-found").wait_for()


def open_group(page, group):
    """Open a group of the settings."""
    details = page.locator(f'[data-open="{group}"]')
    details.wait_for()
    if details.get_attribute("open") is None:
        details.locator("summary").first.click()
    return details


def field(page, key):
    return page.locator(f'[data-key="{key}"]')


def set_field(page, key, value):
    """Fill in a setting as its kind wants it: a text, a choice's words, True or False."""
    open_group(page, field(page, key).locator("xpath=ancestor::details").first.get_attribute("data-open"))
    control = field(page, key).locator("input, select").first
    if isinstance(value, bool):
        control.set_checked(value)
    elif control.evaluate("one => one.tagName") == "SELECT":
        control.select_option(label=value)
    else:
        control.fill(value)


def save(page):
    page.click("#save .main")


def wait_for_restart(page, view, timeout_s=60):
    see(page, "restarting")
    return see(page, view, timeout_s)


def answer(page, is_yes=True):
    """Answer the page's question; gives what it was."""
    question = page.locator("#question-says")
    question.wait_for()
    words = question.inner_text()
    page.click("#yes" if is_yes else "#no")
    return words


def update(page, file, is_yes=True):
    """Choose a release's file in the status view, and answer the question; gives what it was."""
    page.locator("#update-choose").wait_for()
    page.set_input_files("#update-file", file)
    return answer(page, is_yes)


def tour(page, url, look, password):
    """Every view, and what opens in it; `look(name)` is called at every sight, whose names begin with the view's."""
    open_page(page, url)
    see(page, "login")
    look("login")
    log_in(page, password)
    see(page, "now").locator("#plot path").first.wait_for()
    page.locator("#usage tbody tr").first.wait_for()
    look("now")
    _tour_of_hours(page, look)
    go(page, "tariff").locator("#steps li").first.wait_for()
    look("tariff")
    status = go(page, "status")
    status.locator("#part-dongle dt").first.wait_for()
    page.locator("#update-runs:not(:empty)").wait_for()
    look("status")
    page.click("#log-get")
    page.locator("#log").wait_for()
    for details in status.locator("details:visible summary").all():
        details.click()
    look("status with all open")
    page.click("#restart")
    page.locator("#question-says").wait_for()
    look("status with a question")
    answer(page, False)
    _tour_of_settings(page, look)


def _tour_of_hours(page, look):
    go(page, "hours")
    choose_days(page, 3)
    look("hours")
    page.click("#hour-details summary")
    look("hours as a table")
    page.click("#hour-details summary")
    choose_days(page, 40)
    look("hours of 40 days")


def _tour_of_settings(page, look):
    settings = go(page, "settings")
    settings.locator("[data-open]").first.wait_for()
    look("settings")
    for summary in settings.locator("details > summary").all():
        if summary.is_visible():
            summary.click()
    look("settings with all open")
    set_field(page, "mqtt.port", "0")
    look("settings with a change")
    page.click("#undo")
