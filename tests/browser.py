"""A real Chromium on the pages of a test, on a screen of any size."""

import contextlib
import resource
import shutil
from unittest.mock import patch

from playwright.sync_api import Error as PlaywrightError
from playwright.sync_api import sync_playwright

from odoo.tests.common import HOST, _registry_test_lock

PHONE = {"width": 360, "height": 740}
DESKTOP = {"width": 1366, "height": 768}


@contextlib.contextmanager
def unlimited_memory():
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

    The server works on the test's own database connection. While the browser is open
    the test itself may not use it, because it would steal the answers of a request on
    its way: it reads what it needs before, and looks at the results after.

    Errors of the page's scripts fail the test when the browser closes. A test that
    fails says what the page's scripts and requests complained about until then.

    :param case: an ``HttpCase``, whose transaction the server works in
    :param dict viewport: ``width`` and ``height`` in CSS pixels
    :param bool touch: a finger instead of a mouse
    """
    faults, remarks = [], []
    case.cr.flush()
    case.cr.clear()
    with (
        case.allow_requests(all_requests=True),
        _guarded_connection(case),
        unlimited_memory(),
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
        _listen(page, remarks)
        try:
            yield page
        except Exception:
            print(f"{page.url}:", *faults, *remarks, sep="\n  ")
            raise
        finally:
            # What is still on its way belongs to this test's transaction.
            with contextlib.suppress(PlaywrightError):
                page.goto("about:blank")
            case._wait_remaining_requests(timeout=30)
    case.assertFalse(faults)


@contextlib.contextmanager
def _guarded_connection(case):
    execute = case.cr.execute

    def guarded(*args, **kwargs):
        if not _registry_test_lock._is_owned():
            raise AssertionError(
                "The browser is open: read what you need before it, or after."
            )
        return execute(*args, **kwargs)

    with patch.object(case.cr, "execute", guarded):
        yield


def _listen(page, remarks):
    """Collect what a page complains about: console, failed and refused requests."""

    def console(message):
        if message.type in ("error", "warning"):
            remarks.append(f"{message.type}: {message.text}")

    def failed(request):
        remarks.append(f"failed: {request.url} ({request.failure})")

    def response(answer):
        if answer.status >= 400:
            remarks.append(f"{answer.status}: {answer.url}")

    page.on("console", console)
    page.on("requestfailed", failed)
    page.on("response", response)


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
