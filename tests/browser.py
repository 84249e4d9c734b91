"""A real Chromium on the pages of a test, on a screen of any size."""

import contextlib
import resource
import shutil

from playwright.sync_api import Error as PlaywrightError
from playwright.sync_api import sync_playwright

from odoo.tests.common import HOST

PHONE = {"width": 360, "height": 740}
DESKTOP = {"width": 1366, "height": 768}


@contextlib.contextmanager
def _unlimited_memory():
    """Lift Odoo's limit of address space, which Chromium would inherit."""
    soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (hard, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_AS, (soft, hard))


@contextlib.contextmanager
def open_browser(case, viewport, touch=False):
    """Yield a page of a fresh browser that may talk to the test's server.

    Errors of the page's scripts fail the test when the browser closes.

    :param case: an ``HttpCase``, whose transaction the server works in
    :param dict viewport: ``width`` and ``height`` in CSS pixels
    :param bool touch: a finger instead of a mouse
    """
    faults = []
    case.cr.flush()
    case.cr.clear()
    with (
        case.allow_requests(all_requests=True),
        _unlimited_memory(),
        sync_playwright() as playwright,
        contextlib.closing(
            playwright.chromium.launch(
                executable_path=shutil.which("chromium") or None,
                args=["--no-sandbox", "--force-color-profile=srgb"],
            )
        ) as browser,
    ):
        context = browser.new_context(
            viewport=viewport, has_touch=touch, is_mobile=touch, locale="en-US"
        )
        page = context.new_page()
        # A first visit may compile the web client's bundles.
        page.set_default_timeout(60000)
        page.on("pageerror", lambda error: faults.append(str(error)))
        try:
            yield page
        finally:
            # What is still on its way belongs to this test's transaction.
            with contextlib.suppress(PlaywrightError):
                page.goto("about:blank")
            case._wait_remaining_requests(timeout=30)
    case.assertFalse(faults)


def log_in(page, case, login, password):
    """Log in through the login page, as a person does."""
    page.goto(case.base_url() + "/web/login")
    page.fill("input[name=login]", login)
    page.fill("input[name=password]", password)
    page.click("button[type=submit]")
    page.wait_for_url(lambda url: "/web/login" not in url)
    page.wait_for_selector(".o_main_navbar, .o_portal_my_home")


def use_session(page, case):
    """Give the browser the session of ``case.authenticate``."""
    page.context.add_cookies(
        [{"name": "session_id", "value": case.session.sid, "domain": HOST, "path": "/"}]
    )
