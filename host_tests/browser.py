"""A real browser for tests: Debian's Chromium, the size of a small phone, through playwright."""

from contextlib import contextmanager
from pathlib import Path

CHROMIUM = Path("/usr/bin/chromium")
PHONE = {"width": 360, "height": 740}
_ARGUMENTS = (
    *("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-default-apps"),
    *("--disable-extensions", "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"),
)
# What Chromium notes by itself when a connection is closed or a form refused; both are part of the tests.
_OF_THE_NETWORK = "Failed to load resource"

_FIND_BARRIERS = """async () => {
    const rules = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"];
    const found = await axe.run({ runOnly: rules, resultTypes: ["violations"] });
    return found.violations.flatMap(rule => rule.nodes.map(node => rule.id + ": " + node.html));
}"""
# The page waits a second or two between its requests; in tests it waits a part of that. The limit of a request stays.
_HURRY = """{
    const usual = window.setTimeout;
    window.setTimeout = (act, ms) => usual(act, String(act).includes("abort()") ? ms : ms / %d);
}"""


def missing():
    """Why there is no browser to test with; None when there is one."""
    if not CHROMIUM.exists():
        return "no browser: install chromium"
    try:
        import playwright.sync_api  # noqa: F401
    except ImportError:
        return "no playwright, which is not made for every machine"
    return None


@contextmanager
def running():
    """Chromium with a profile of its own, which is gone afterwards."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=str(CHROMIUM), args=list(_ARGUMENTS), ignore_default_args=["--headless"], headless=True
        )
        yield browser
        browser.close()


class Watch:
    """Collects what a page must not do: complain, or ask anyone but its own server."""

    def __init__(self, page):
        self.complaints, self.asked = [], set()
        page.on("console", self._console)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("request", lambda request: self.asked.add(request.url.split("/")[2]))

    def _console(self, message):
        if message.type in ("error", "warning") and _OF_THE_NETWORK not in message.text:
            self.complaints.append(message.text)


@contextmanager
def visited(browser, lang="nb-NO", viewport=PHONE, hurry=1, **options):
    """A page in a fresh session of the browser, whose waits are `hurry` times as short, and the watch over it."""
    context = browser.new_context(locale=lang, viewport=viewport, has_touch=True, reduced_motion="reduce", **options)
    context.set_default_timeout(15000)
    context.add_init_script(_HURRY % hurry)
    page = context.new_page()
    try:
        yield page, Watch(page)
    finally:
        context.close()


def barriers(page):
    """What axe-core finds that keeps people from using the page as it is now: WCAG 2.1, A and AA."""
    from axe_playwright_python.base import AXE_SCRIPT

    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE_SCRIPT)
    return page.evaluate(_FIND_BARRIERS)
