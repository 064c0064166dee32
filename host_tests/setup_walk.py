"""The steps of the setup page as a person takes them, whoever serves it: each function takes a playwright page."""

import re


def see(page, view, timeout_s=8):
    """Wait for a view of the page (data-view in page.html); returns its section."""
    section = page.locator(f'[data-view="{view}"]')
    section.wait_for(state="visible", timeout=timeout_s * 1000)
    return section


def press(page, view, selector=".main"):
    """Press a button of a view, the main one unless told."""
    see(page, view).locator(selector).click()


def open_page(page, url, step=None):
    page.goto(url + "/" + (f"#{step}" if step else ""))


def pass_meter(page):
    press(page, "meter")


def choose_network(page, ssid):
    """Pick a network from the list; what is not in it is typed as a hidden one."""
    form = see(page, "wifi-form")
    form.locator('#searching:not([data-t="wifi_searching"])').wait_for()
    row = form.locator("#networks label").filter(has=page.locator(".ssid").get_by_text(ssid, exact=True))
    if row.count():
        row.first.click()
    else:
        form.locator("label:has(#other)").click()
        page.fill("#ssid", ssid)


def picked(page):
    """The name of the network that is chosen in the list."""
    return page.locator("#networks li:has(:checked) .ssid").inner_text()


def error(page, view):
    """What a form says of what was typed."""
    return see(page, view).locator(".error").inner_text()


def try_wifi(page, ssid, password):
    choose_network(page, ssid)
    if page.locator("#wifi-password").is_visible():
        page.fill("#wifi-password", password)
    press(page, "wifi-form")


def accept_wifi(page, timeout_s=40):
    """Wait for the connection and go on; returns what the page says of it."""
    section = see(page, "wifi-connected", timeout_s)
    said = section.inner_text()
    press(page, "wifi-connected")
    return said


def fill_mqtt(page, host, port="", user="", password=""):
    see(page, "mqtt-form")
    page.fill("#host", host)
    if port:
        page.fill("#port", str(port))
    page.fill("#user", user)
    page.fill("#mqtt-password", password)


def try_mqtt(page, host, port="", user="", password=""):
    fill_mqtt(page, host, port, user, password)
    press(page, "mqtt-form")


def accept_mqtt(page, timeout_s=40):
    see(page, "mqtt-ok", timeout_s)
    press(page, "mqtt-ok")


def skip_mqtt(page):
    press(page, "mqtt-form", "#mqtt-skip")


def set_owner(page, password, language=None):
    see(page, "owner")
    if language:
        page.select_option("#language", language)
    page.fill("#owner-password", password)
    press(page, "owner")


def finish(page):
    """End the setup; returns the addresses that the page has shown."""
    section = see(page, "done")
    addresses = section.locator(".addresses p").all_inner_texts()
    press(page, "done")
    see(page, "done-bye", 20)
    return addresses


def tab_to(page, selector, key=None, most=40):
    """Move on with Tab until the focus is there; then press a key."""
    for _ in range(most):
        page.keyboard.press("Tab")
        if page.evaluate("wanted => document.activeElement.matches(wanted)", selector):
            if key:
                page.keyboard.press(key)
            return
    raise AssertionError(f"no way to {selector} by Tab")


def wait_for_value(page, selector, pattern):
    """Until what a field holds matches a pattern; the page's policy lets no expression be waited for."""
    from playwright.sync_api import expect

    expect(page.locator(selector)).to_have_value(re.compile(pattern))


def wait_for_polls(page, number):
    """Until the page has asked for the state so many times more."""
    for _ in range(number):
        page.wait_for_event("response", lambda response: "/api/setup?" in response.url)


def walk(page, url, wifi, mqtt, password):
    """The whole setup when all goes well: the words of try_wifi, and of try_mqtt or None to skip it."""
    open_page(page, url)
    pass_meter(page)
    try_wifi(page, *wifi)
    accept_wifi(page)
    if mqtt is None:
        skip_mqtt(page)
    else:
        try_mqtt(page, *mqtt)
        accept_mqtt(page)
    set_owner(page, password)
    return finish(page)


def tour(page, url, look, wrong_wifi, wifi, wrong_mqtt, mqtt, password):
    """The whole setup by way of a failure at each try; `look(name)` is called at every sight, whose names begin with
    the view's. The words are those of try_wifi and try_mqtt."""
    open_page(page, url, "meter")
    see(page, "meter").locator("#proof").wait_for()
    look("meter")
    pass_meter(page)
    choose_network(page, wifi[0])
    look("wifi-form")
    try_wifi(page, *wrong_wifi)
    see(page, "wifi-trying")
    look("wifi-trying")
    see(page, "wifi-form", 40)
    look("wifi-form with a fault")
    try_wifi(page, *wifi)
    see(page, "wifi-connected", 40)
    look("wifi-connected")
    accept_wifi(page)
    _tour_of_mqtt(page, look, wrong_mqtt, mqtt)
    see(page, "owner")
    look("owner")
    set_owner(page, password)
    see(page, "done")
    look("done")
    finish(page)
    look("done-bye")


def _tour_of_mqtt(page, look, wrong_mqtt, mqtt):
    see(page, "mqtt-form")
    look("mqtt-form")
    page.check("#tls")
    page.check("#unverified")
    look("mqtt-form with TLS")
    page.uncheck("#unverified")
    page.uncheck("#tls")
    try_mqtt(page, *wrong_mqtt)
    see(page, "mqtt-trying")
    look("mqtt-trying")
    see(page, "mqtt-fault", 40)
    look("mqtt-fault")
    press(page, "mqtt-fault")
    try_mqtt(page, *mqtt)
    see(page, "mqtt-ok", 40)
    look("mqtt-ok")
    accept_mqtt(page)
