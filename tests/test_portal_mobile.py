"""The whole way of a person through the portal, on a small phone, in Arabic."""

import re

from browser import PHONE, log_in, open_browser

from odoo.tests import tagged

from odoo.addons.beneficiary_aid.tests.common_portal import AidPortalCommon
from odoo.addons.beneficiary_relations.tests.common import PDF
from odoo.addons.beneficiary_relations.tests.common_portal import CANARY

PASSWORD = "a-long-pass-phrase"

# What a page must be for a finger and for tired eyes.
MEASURE = """() => {
    const root = document.querySelector(".o_bp");
    const shown = (el) => el.offsetParent !== null && el.checkVisibility();
    const texts = [...root.querySelectorAll("*")].filter(
        (el) => shown(el) && [...el.childNodes].some(
            (node) => node.nodeType === Node.TEXT_NODE && node.textContent.trim()
        )
    );
    const targets = [
        ...root.querySelectorAll("a, button, summary, select, textarea"),
        ...root.querySelectorAll("input:not([type=hidden], [type=radio])"),
        ...root.querySelectorAll("label:has([type=radio], [type=checkbox])"),
    ].filter((el) => shown(el) && el.type !== "checkbox");
    return {
        width: document.documentElement.scrollWidth,
        direction: getComputedStyle(root).direction,
        small: texts
            .filter((el) => parseFloat(getComputedStyle(el).fontSize) < 16)
            .map((el) => el.outerHTML.slice(0, 120)),
        narrow: targets
            .filter((el) => el.getBoundingClientRect().height < 44)
            .map((el) => el.outerHTML.slice(0, 120)),
        mirrored: [...root.querySelectorAll("bdi[dir=ltr]")]
            .filter((el) => getComputedStyle(el).direction !== "ltr")
            .map((el) => el.outerHTML.slice(0, 120)),
        starred: texts.filter((el) => el.textContent.trim() === "*").length,
    };
}"""


@tagged("-at_install", "post_install")
class TestPortalOnAPhone(AidPortalCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["res.lang"]._activate_lang("ar_001")
        cls.company.partner_id.write(
            {"phone": "+966 11 234 5678", "email": "help@example.org"}
        )
        cls.user.write({"lang": "ar_001", "password": PASSWORD})
        cls.login = cls.user.login
        cls.own.partner_id.lang = "ar_001"
        cls.foreign_request = cls._create_request(cls.foreign)

    def look(self, page, path=None):
        """Open a page, or stay on it, and measure it."""
        if path:
            page.goto(self.base_url() + path)
        page.wait_for_selector(".o_bp")
        measured = page.evaluate(MEASURE)
        self.assertLessEqual(measured["width"], PHONE["width"], page.url)
        self.assertEqual(measured["direction"], "rtl", page.url)
        for fault in ("small", "narrow", "mirrored"):
            self.assertEqual(measured[fault], [], f"{fault} on {page.url}")
        self.assertFalse(measured["starred"], page.url)
        self.assertNotIn(CANARY, page.content())

    def sign(self, page):
        """Draw a signature in the box."""
        canvas = page.locator(".o_bp_signature")
        canvas.scroll_into_view_if_needed()
        box = canvas.bounding_box()
        page.mouse.move(box["x"] + 20, box["y"] + 60)
        page.mouse.down()
        page.mouse.move(box["x"] + 120, box["y"] + 20, steps=5)
        page.mouse.move(box["x"] + 220, box["y"] + 100, steps=5)
        page.mouse.up()

    def submit(self, page):
        """Press the page's main button and wait for the next page."""
        with page.expect_navigation():
            page.locator("form button.o_bp_button:not(.o_bp_button_secondary)").click()

    def test_new_request_from_login_to_number(self):
        report_type_id = self.report_type.id
        with open_browser(self, PHONE, touch=True) as page:
            log_in(page, self, self.login, PASSWORD)
            page.wait_for_selector(".o_portal_my_home")
            self.look(page, "/my/beneficiary")
            self.look(page, "/my/requests")
            page.click("a[href$='/my/requests/new']")
            self.look(page)

            page.locator("label.o_bp_choice", has_text="Treatment").click()
            self.submit(page)
            self.look(page)
            page.fill("textarea[name=reason]", "أحتاج إلى جلسات علاج لابنتي")
            page.fill("input[name=amount]", "-١٥٠٠")
            self.submit(page)
            self.look(page)
            self.assertTrue(page.locator("#amount_error").is_visible())
            self.assertEqual(
                page.input_value("textarea[name=reason]"), "أحتاج إلى جلسات علاج لابنتي"
            )
            page.fill("input[name=amount]", "١٥٠٠")
            self.submit(page)

            self.look(page)
            form = page.locator(f"form[action$='/documents/{report_type_id}']")
            form.locator("input[type=file]").set_input_files(
                {"name": "تقرير.pdf", "mimeType": "application/pdf", "buffer": PDF}
            )
            with page.expect_navigation():
                form.locator("button").click()
            self.look(page)
            self.assertIn("تقرير.pdf", page.content())
            page.locator("form[action$='/documents'] button").click()

            page.wait_for_selector(".o_bp_sign")
            self.look(page)
            self.submit(page)
            page.wait_for_selector(".o_bp_sign .o_bp_error")
            self.sign(page)
            self.submit(page)

            page.wait_for_url("**/check")
            self.look(page)
            self.assertIn("1,500", page.content())
            page.locator("form[action$='/send'] button").click()
            page.wait_for_url("**/sent")
            self.look(page)
            number = page.locator(".o_bp_number").inner_text().strip()

            self.look(page, "/my/requests")
            self.assertIn(number, page.content())
            page.locator("a.o_bp_card_link").click()
            page.wait_for_selector(".o_bp_steps")
            self.look(page)
            self.assertIn("خلال مدة لا تقل عن شهر", page.content())
        record = self.requests_of(self.own)
        self.assertEqual(record.name, number)
        self.assertEqual(record.amount_requested, 1500.0)
        self.assertTrue(record.is_declared)
        self.assertEqual(self.own.document_ids.page_ids.filename, "تقرير.pdf")

    def test_two_taps_send_one_request(self):
        draft, url = self.write_request()
        with open_browser(self, PHONE, touch=True) as page:
            log_in(page, self, self.login, PASSWORD)
            page.goto(f"{self.base_url()}{url}/check")
            page.locator("form[action$='/send'] button").dblclick()
            page.wait_for_url("**/sent")
        self.assertEqual(len(self.requests_of(self.own)), 1)

    def test_too_large_file_is_told_before_it_is_sent(self):
        with open_browser(self, PHONE, touch=True) as page:
            log_in(page, self, self.login, PASSWORD)
            page.goto(self.base_url() + "/my/beneficiary")
            form = page.locator(".o_bp_upload").first
            form.locator("input[type=file]").set_input_files(
                {
                    "name": "large.pdf",
                    "mimeType": "application/pdf",
                    "buffer": b"%PDF-1.4" + b"0" * (10 * 1024 * 1024),
                }
            )
            form.locator(".o_bp_upload_too_large").wait_for(state="visible")
            self.assertTrue(form.locator("button").is_disabled())
            self.look(page)

    def test_own_data_consents_correction_and_copy(self):
        self.own.write({"street": "شارع قديم", "marital_status": "married"})
        notice = self.env["beneficiary.privacy.notice"].create(
            {"name": "إشعار الخصوصية", "text": "نجمع القليل.\nولا نبيع بياناتك."}
        )
        notice.action_put_in_force()
        url = f"/my/beneficiary/{self.own.id}"
        with open_browser(self, PHONE, touch=True) as page:
            log_in(page, self, self.login, PASSWORD)
            page.goto(self.base_url() + "/my/beneficiary")
            page.locator("details summary", has_text="بياناتي").click()
            self.look(page)
            self.look(page, f"{url}/data")
            self.assertIn("شارع قديم", page.content())

            self.look(page, f"{url}/consents")
            self.assertIn("ولا نبيع بياناتك.", page.content())
            page.locator("a[href$='/consents/photo']").click()
            page.wait_for_url("**/consents/photo")
            self.look(page)
            self.submit(page)
            page.wait_for_selector(".o_bp_done")
            self.look(page)

            self.look(page, f"{url}/corrections")
            page.locator("a[href$='/corrections/street']").click()
            page.wait_for_url("**/corrections/street")
            self.look(page)
            self.submit(page)
            page.wait_for_selector("#value_error")
            self.look(page)
            page.fill("input[name=value]", "شارع الأمير")
            page.locator("input[type=file]").set_input_files(
                {"name": "فاتورة.pdf", "mimeType": "application/pdf", "buffer": PDF}
            )
            self.submit(page)
            page.wait_for_selector(".o_bp_done")
            self.look(page)
            self.assertIn("شارع الأمير", page.content())

            self.look(page, f"{url}/copy")
            with page.expect_download() as download:
                page.locator("form[action$='/copy/text'] button").click()
            self.assertTrue(download.value.suggested_filename.endswith(".txt"))
            for number in (self.foreign.id, 99999999):
                response = page.goto(f"{self.base_url()}/my/beneficiary/{number}/data")
                self.assertEqual(response.status, 404)
                self.look(page)
        consent = self.env["beneficiary.consent"].search(
            [("beneficiary_id", "=", self.own.id)]
        )
        self.assertEqual((consent.purpose, consent.is_given), ("photo", True))
        correction = self.env["beneficiary.correction"].search(
            [("beneficiary_id", "=", self.own.id)]
        )
        self.assertEqual(correction.proof_filename, "فاتورة.pdf")

    def test_requests_of_others_are_not_there(self):
        with open_browser(self, PHONE, touch=True) as page:
            log_in(page, self, self.login, PASSWORD)
            for number in (self.foreign_request.id, 99999999):
                response = page.goto(f"{self.base_url()}/my/requests/{number}")
                self.assertEqual(response.status, 404)
                self.look(page)
                self.assertFalse(re.search(CANARY, page.content()))
