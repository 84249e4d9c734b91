"""A person of the staff logs in and works with the board of requests."""

from browser import DESKTOP, log_in, open_browser

from odoo.tests import tagged

from odoo.addons.beneficiary_aid.tests.common_portal import AidPortalCommon

PASSWORD = "a-long-pass-phrase"
BOARD = "/odoo/action-beneficiary_aid.beneficiary_aid_request_action"


@tagged("-at_install", "post_install")
class TestLoginAndBoard(AidPortalCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.request = cls._create_request(cls.own)
        for user in cls.officer | cls.employee:
            user.password = PASSWORD
        cls.number = cls.request.name
        cls.stage_names = {stage.status: stage.name for stage in cls.stages}
        cls.logins = {"officer": cls.officer.login, "employee": cls.employee.login}

    def column(self, page, status):
        """Return the column of a stage."""
        return page.locator(".o_kanban_group").filter(
            has=page.locator(".o_column_title", has_text=self.stage_names[status])
        )

    def drag(self, page, card, column):
        """Move a card with the mouse, as a person does."""
        start = card.bounding_box()
        end = column.bounding_box()
        page.mouse.move(start["x"] + 40, start["y"] + 15)
        page.mouse.down()
        page.mouse.move(start["x"] + 60, start["y"] + 25, steps=4)
        page.mouse.move(end["x"] + end["width"] / 2, end["y"] + 120, steps=12)
        page.mouse.up()

    def test_wrong_password_is_refused(self):
        with open_browser(self, DESKTOP) as page:
            page.goto(self.base_url() + "/web/login")
            page.fill("input[name=login]", self.logins["officer"])
            page.fill("input[name=password]", "wrong")
            page.click("button[type=submit]")
            page.wait_for_selector(".alert-danger")

    def test_officer_moves_a_card_and_a_gate_holds(self):
        with open_browser(self, DESKTOP) as page:
            log_in(page, self, self.logins["officer"], PASSWORD)
            page.goto(self.base_url() + BOARD)
            card = page.locator(
                ".o_kanban_record:not(.o_kanban_ghost)", has_text=self.number
            )
            card.wait_for()
            self.assertEqual(
                page.locator(".o_kanban_group").count(), len(self.stage_names)
            )

            # Papers are missing: the card goes back and the person is told why.
            self.drag(page, card, self.column(page, "study"))
            page.wait_for_selector(".modal, .o_notification")
            self.assertIn("National identity card", page.content())
            if page.locator(".modal").count():
                page.locator(".modal footer button, .modal .btn-close").first.click()
            received = self.column(page, "received")
            received.locator(".o_kanban_record", has_text=self.number).wait_for()

            self.drag(page, card, self.column(page, "verification"))
            verification = self.column(page, "verification")
            verification.locator(".o_kanban_record", has_text=self.number).wait_for()
            card.click()
            page.wait_for_selector(".o_form_view")
            self.assertIn(self.number, page.content())
        self.request.invalidate_recordset()
        self.assertEqual(self.request.status, "verification")

    def test_employee_without_a_role_sees_no_request(self):
        with open_browser(self, DESKTOP) as page:
            log_in(page, self, self.logins["employee"], PASSWORD)
            page.goto(self.base_url() + BOARD)
            page.wait_for_selector(".modal, .o_notification")
            self.assertNotIn(self.number, page.content())
