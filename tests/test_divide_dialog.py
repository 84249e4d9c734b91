"""A person of the staff divides a request in the dialog."""

from browser import DESKTOP, log_in, open_browser

from odoo.tests import tagged

from odoo.addons.beneficiary_aid.tests.common_portal import AidPortalCommon

PASSWORD = "a-long-pass-phrase"
BOARD = "/odoo/action-beneficiary_aid.beneficiary_aid_request_action"


@tagged("-at_install", "post_install")
class TestDivideDialog(AidPortalCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        stage = cls.stages.filtered(lambda one: one.status == "study")[:1]
        cls.request = cls._create_request(cls.own, amount_requested=3000)
        cls.request.sudo().stage_id = stage
        cls.officer.password = PASSWORD
        cls.kind = cls.request.aid_type_id.name

    def test_a_new_part_has_kinds_to_choose_from(self):
        """What a new line may be comes from the request, which the form does not let
        anybody type in: the client sends it all the same."""
        login, number = self.officer.login, self.request.id
        with open_browser(self, DESKTOP) as page:
            log_in(page, self, login, PASSWORD)
            page.goto(f"{self.base_url()}{BOARD}/{number}")
            page.locator("button[name=action_divide]").click()
            dialog = page.locator(".modal")
            self._fill(page, dialog.locator(".o_data_row").first, amount="1000")
            dialog.locator(".o_field_x2many_list_row_add a").click()
            # Until the new line is there, the first one is still being edited.
            line = dialog.locator(".o_data_row").nth(1)
            line.locator("[name=aid_type_id] input").fill(self.kind)
            page.locator(
                ".o-autocomplete--dropdown-item", has_text=self.kind
            ).first.click()
            line.locator("[name=amount] input").fill("2000")
            dialog.locator("[name=reason] textarea").click()
            dialog.locator("[name=reason] textarea").fill("Two bodies decide")
            dialog.locator("button[name=action_divide]").click()
            dialog.wait_for(state="detached")
            page.locator(".o_content > .o_list_renderer .o_data_row").nth(1).wait_for()
        self.request.invalidate_recordset()
        self.assertEqual(self.request.status, "cancelled")
        self.assertEqual(self.request.part_count, 2)

    def _fill(self, page, row, amount):
        row.locator("td[name=amount]").click()
        page.locator("tr.o_selected_row [name=amount] input").fill(amount)
