"""A social researcher registers a household with its papers on the real screens."""

import base64

from browser import DESKTOP, log_in, open_browser

from odoo.tests import HttpCase, tagged

from odoo.addons.beneficiary_relations.tests.common import (
    PDF,
    BeneficiaryCommon,
)

PASS_PHRASE = "a-long-pass-phrase"
# The smallest picture there is.
PICTURE = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9"
    "awAAAABJRU5ErkJggg=="
)
# Name, birth date as typed, and the relationship to choose when it is not proposed.
FAMILY = (
    ("خالد بن سعد الدوسري", "01/05/1985", None),
    ("نورة بنت فهد القحطاني", "02/03/1988", None),
    ("سعد", "02/01/2008", None),
    ("عبد الله", "03/06/2012", None),
    ("ليان", "07/07/2014", "daughter"),
)
# National numbers with a right check digit, of nobody.
NUMBERS = ("1203040009", "1203040017", "1203040025", "1203040033", "1203040041")
# Opening, head and gender, a button for each member, the first daughter, a file for
# each member, saving all.
MOST_CLICKS = 1 + 2 + len(FAMILY) + 1 + len(FAMILY) + 1


@tagged("-at_install", "post_install")
class TestRegisterFamily(BeneficiaryCommon, HttpCase):
    """The number of clicks is bounded, so that no screen asks for a needless one."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.researcher.password = PASS_PHRASE
        cls.login = cls.researcher.login

    def click(self, place):
        """Click, and count it."""
        self.clicks += 1
        place.click()

    def fill_in(self, page, number, name, birth):
        """Type the data of one person; the calendar is in nobody's way."""
        form = page.locator(".modal .o_form_view")
        form.locator("[name=identity_number] input").fill(number)
        form.locator("[name=name] input").fill(name)
        form.locator("[name=birth_date] input").fill(birth)

    def test_household_with_documents_in_few_clicks(self):
        self.clicks = 0
        with open_browser(self, DESKTOP) as page:
            log_in(page, self, self.login, PASS_PHRASE)
            page.goto(self.base_url() + "/odoo/beneficiaries")
            self.click(page.locator(".o_list_button_add"))
            dialog = page.locator(".modal")
            last = len(FAMILY) - 1
            for index, (name, birth, relationship) in enumerate(FAMILY):
                if not index:
                    self.click(dialog.locator("[name=is_new_household] input"))
                    self.click(dialog.locator("[name=gender] input").first)
                if relationship:
                    self.click(dialog.locator(f"input[data-value={relationship}]"))
                self.fill_in(page, NUMBERS[index], name, birth)
                button = "documents" if index == last else "next"
                self.click(dialog.locator(f"button[name=action_register_{button}]"))
                if index != last:
                    dialog.locator(".alert-success", has_text=name).wait_for()
            rows = dialog.locator(".o_data_row")
            rows.nth(last).wait_for()
            self.assertEqual(rows.count(), len(FAMILY))
            for index in range(len(FAMILY)):
                self.add_file(rows.nth(index), "id.pdf", PDF)
            self.click(dialog.locator("button[name=action_save]"))
            page.locator(".o_last_breadcrumb_item", has_text="Captured").wait_for()
            papers = page.locator(".o_list_view .o_data_row")
            papers.nth(last).wait_for()
            self.assertEqual(papers.count(), len(FAMILY))
        self.assertLessEqual(self.clicks, MOST_CLICKS)
        head = self.env["beneficiary.beneficiary"].search(
            [("identity_number", "=", NUMBERS[0])]
        )
        members = head.household_id.member_ids
        self.assertEqual(
            members.sorted("id").mapped("relationship"),
            ["head", "spouse", "son", "son", "daughter"],
        )
        self.assertEqual(
            members.sorted("id").mapped("gender"),
            ["male", "female", "male", "male", "female"],
        )
        self.assertEqual(members.document_ids.beneficiary_id, members)
        self.assertEqual(set(members.document_ids.mapped("state")), {"submitted"})

    def add_file(self, row, name, content):
        """Choose the file of a row: one click that opens the chooser."""
        self.clicks += 1
        row.locator("input[type=file]").set_input_files(
            [{"name": name, "mimeType": "application/octet-stream", "buffer": content}]
        )
        row.locator(".o_paper_files .badge", has_text=name).wait_for()

    def test_bad_file_names_the_row_and_verifying_goes_to_the_next(self):
        self.clicks = 0
        child = "ليان العتيبي"
        self._create_beneficiary(
            name=child, household_id=self.household.id, relationship="daughter"
        )
        household = (
            self.base_url()
            + "/odoo/action-beneficiary_relations.beneficiary_household_action"
            + f"/{self.household.id}"
        )
        with open_browser(self, DESKTOP) as page:
            log_in(page, self, self.login, PASS_PHRASE)
            page.goto(household)
            page.locator("button[name=action_capture_documents]").click()
            rows = page.locator(".modal .o_data_row")
            self.add_file(rows.nth(0), "id.png", PICTURE)
            self.add_file(rows.nth(1), "program.pdf", b"MZ\x90\x00 program")
            page.locator(".modal button[name=action_save]").click()
            fault = page.locator(".modal", has_text="program.pdf is no picture")
            fault.wait_for()
            self.assertIn(child, fault.inner_text())
            fault.locator("footer button").last.click()
            # Nothing was lost: the bad file makes room for the right one.
            page.locator(".modal .badge", has_text="id.png").wait_for()
            rows.nth(1).locator(".badge button").click()
            self.add_file(rows.nth(1), "card.png", PICTURE)
            page.locator(".modal button[name=action_save]").click()
            page.locator(".o_last_breadcrumb_item", has_text="Captured").wait_for()

            page.locator("thead .o_list_record_selector input").click()
            page.locator("button[name=action_verify_each]").click()
            pager = page.locator(".o_form_view .o_pager_limit")
            page.locator("img.o_paper_page").wait_for()
            self.assertEqual(pager.inner_text(), "2")
            page.keyboard.press("Alt+q")
            page.locator(".o_form_view .o_pager_limit", has_text="1").wait_for()
            page.locator("button[name=action_reject]").click()
            page.locator(".modal [name=reason] input").fill("The picture is dark")
            page.locator(".modal button[name=action_apply]").click()
            page.locator(".o_list_view, .o_view_nocontent").first.wait_for()
        documents = self.household.member_ids.document_ids
        documents.invalidate_recordset()
        self.assertEqual(set(documents.mapped("state")), {"verified", "rejected"})
        self.assertEqual(
            documents.filtered("reject_reason").reject_reason, "The picture is dark"
        )
