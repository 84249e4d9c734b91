"""From a donor's riyal to a statement that ties, on the real screens, in Arabic."""

from browser import DESKTOP, log_in, open_browser

from odoo.tests import HttpCase, tagged

from odoo.addons.beneficiary_aid.tests.batch_common import BatchCommon

PASSWORD = "a-long-pass-phrase"
ACTION = "/odoo/action-beneficiary_aid."
DONOR = "A Generous Donor"
REFERENCE = "TRF-9001"
GIVEN = 5000.75
# As an Arabic keyboard writes it.
GIVEN_TYPED = "٥٬٠٠٠٫٧٥"
PAYEES = 2
EACH = 1200.25


@tagged("-at_install", "post_install")
class TestFinanceWalk(BatchCommon, HttpCase):
    """Donation, batch, bank line, fund statement; each step by whose work it is."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["res.lang"]._activate_lang("ar_001")
        people = cls.clerk | cls.releaser | cls.second
        people.write({"password": PASSWORD, "lang": "ar_001", "tz": "Asia/Riyadh"})
        cls.logins = {
            "clerk": cls.clerk.login,
            "releaser": cls.releaser.login,
            "second": cls.second.login,
        }
        cls.bank_name, cls.fund_code = cls.bank.name, cls.fund.code

    # === Screens === #

    def open_screen(self, page, action):
        """Open a screen in its own view, and see that it reads from the right."""
        page.goto(self.base_url() + ACTION + action)
        page.locator(".o_action_manager .o_view_controller").first.wait_for()
        direction = page.evaluate("getComputedStyle(document.body).direction")
        self.assertEqual(direction, "rtl")

    def new(self, page):
        page.locator(".o_list_button_add").click()
        page.locator(".o_form_view .o_form_editable").wait_for()

    def fill(self, page, name, value):
        place = page.locator(f".o_form_view [name={name}] input").first
        place.fill(value)
        place.press("Tab")

    def choose(self, page, name, text):
        """Choose what is proposed for some letters."""
        page.locator(f".o_form_view [name={name}] input").first.fill(text)
        proposals = page.locator(".o-autocomplete--dropdown-menu li a")
        proposals.filter(has_text=text).first.click()

    def press(self, page, name, confirm=False):
        """Press a button; its question is answered twice, as impatient people do."""
        page.locator(f"button[name={name}]:visible").first.click()
        if confirm:
            page.locator(".modal .modal-footer .btn-primary").dblclick()

    def wait_step(self, page, value):
        page.locator(
            f".o_statusbar_status .o_arrow_button_current[data-value={value}]"
        ).first.wait_for()

    # === Walk === #

    def test_money_from_a_donation_to_a_statement_that_ties(self):
        self._give()
        requests = self._approve_requests()
        self._prepare_on_screen(requests.ids)
        batch = self._pay_on_screen(requests)
        self._bank_reports(batch)
        self._match_and_report()
        self._check_all_ties(requests, batch)

    def _give(self):
        with open_browser(self, DESKTOP) as page:
            log_in(page, self, self.logins["clerk"], PASSWORD)
            self.open_screen(page, "beneficiary_donation_action")
            self.new(page)
            self.choose(page, "donor_id", DONOR)
            self.fill(page, "amount", GIVEN_TYPED)
            self.choose(page, "fund_id", self.fund_code)
            self.choose(page, "journal_id", self.bank_name)
            self.fill(page, "reference", REFERENCE)
            self.press(page, "action_post")
            self.wait_step(page, "posted")
        donation = self.env["beneficiary.donation"].search(
            [("reference", "=", REFERENCE)]
        )
        self.assertEqual((donation.state, donation.amount), ("posted", GIVEN))
        self.assertEqual(donation.donor_id.name, DONOR)
        self.assertFund(GIVEN, 0)

    def _approve_requests(self):
        """What the committee decides is tested elsewhere; it commits the fund."""
        requests = self.env["beneficiary.aid.request"]
        for number in range(PAYEES):
            family = self._create_beneficiary(
                name=f"Walk {number}",
                identity_kind="other",
                identity_number=f"W{number:05}",
            )
            self._give_accounts(family)
            request = self._create_request(beneficiary_id=family.id)
            requests |= self._approve(EACH, request=request)
        self.assertFund(GIVEN, PAYEES * EACH)
        return requests

    def _prepare_on_screen(self, request_ids):
        """The clerk prepares what was approved, and gathers it in a batch."""
        with open_browser(self, DESKTOP) as page:
            log_in(page, self, self.logins["clerk"], PASSWORD)
            for request_id in request_ids:
                self.open_screen(
                    page, f"beneficiary_aid_request_action_all/{request_id}"
                )
                self.press(page, "action_create_disbursement")
                page.locator(".o_form_view [name=payee_bank_id] input").wait_for()
                page.locator(".o_form_button_save").click()
                page.locator(".o_form_view .oe_title", has_text="DIS/").wait_for()
            self.open_screen(page, "beneficiary_disbursement_batch_action")
            self.new(page)
            self.choose(page, "journal_id", self.bank_name)
            page.locator(".o_form_button_save").click()
            self.press(page, "action_gather")
            rows = page.locator(".o_field_widget[name=line_ids] .o_data_row")
            rows.nth(PAYEES - 1).wait_for()
            self.assertEqual(rows.count(), PAYEES)
            self.press(page, "action_prepare", confirm=True)
            self.wait_step(page, "prepared")

    def _pay_on_screen(self, requests):
        """Two people sign; the second signature pays."""
        batch = self.env["beneficiary.disbursement.batch"].search(
            [("company_id", "=", self.company.id)]
        )
        self.assertEqual(batch.line_ids.disbursement_id.request_id, requests)
        self.assertFund(GIVEN - PAYEES * EACH, 0)
        batch_id = batch.id
        for login in ("releaser", "second"):
            with open_browser(self, DESKTOP) as page:
                log_in(page, self, self.logins[login], PASSWORD)
                self.open_screen(
                    page, f"beneficiary_disbursement_batch_action/{batch_id}"
                )
                self.press(page, "action_release", confirm=True)
                if login == "releaser":
                    page.locator(".o_form_view .alert-info").first.wait_for()
                else:
                    self.wait_step(page, "released")
        self.assertEqual(batch.first_releaser_id, self.releaser)
        self.assertEqual(batch.second_releaser_id, self.second)
        self.assertEqual(set(requests.disbursement_ids.mapped("state")), {"sent"})
        return batch

    def _bank_reports(self, batch):
        """The bank shows both; their import is tested in ``test_statement_import``."""
        self._bank_line(GIVEN, f"Incoming {REFERENCE}")
        number = batch.name.replace("/", " ")
        self._bank_line(-PAYEES * EACH, f"Bulk payment {number}")

    def _match_and_report(self):
        """One click matches what the bank shows; the statement says that it ties."""
        with open_browser(self, DESKTOP) as page:
            log_in(page, self, self.logins["clerk"], PASSWORD)
            self.open_screen(page, "account_bank_statement_line_action")
            page.locator(".o_list_view thead .o_list_record_selector input").click()
            header = page.locator(".o_control_panel")
            header.locator("button[name=action_beneficiary_match]").first.click()
            page.locator(".o_data_row").first.wait_for(state="detached")
            page.goto(self.base_url() + ACTION + "beneficiary_fund_statement_action")
            page.locator(".modal button[name=action_compute]").click()
            page.locator(".o_form_view .alert-success").wait_for()
            row = page.locator(".o_data_row", has_text=self.fund_code)
            figures = row.first.inner_text()
            closing = f"{GIVEN - PAYEES * EACH:,.2f}"
            for figure in (f"{GIVEN:,.2f}", f"{PAYEES * EACH:,.2f}", closing):
                self.assertIn(figure, figures)

    def _check_all_ties(self, requests, batch):
        """Screens, ledger and counters say the same."""
        self.env.invalidate_all()
        self.assertEqual(set(requests.disbursement_ids.mapped("state")), {"paid"})
        self.assertEqual(batch.state, "settled")
        donation = self.env["beneficiary.donation"].search(
            [("reference", "=", REFERENCE)]
        )
        self.assertTrue(donation.is_matched)
        self.assertFund(GIVEN - PAYEES * EACH, 0)
        self.assertEqual(requests.mapped("amount_paid"), [EACH] * PAYEES)
