from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.modules.module import load_script
from odoo.tests import Form, tagged
from odoo.tools.misc import file_path

from .common import AidCommon


@tagged("post_install", "-at_install")
class TestCloseReason(AidCommon):
    """Why a request ends is a record of the association, with a fixed meaning."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.reasons = cls.env["beneficiary.close.reason"]
        cls.moved = cls.env.ref("beneficiary_aid.close_reason_moved")
        cls.abroad = cls.reasons.create(
            {
                "name": "Travelled for treatment",
                "code": "abroad",
                "outcome": "moved",
                "company_id": cls.company.id,
                "sequence": 500,
            }
        )

    def _approved(self):
        request = self._decide()
        request.with_user(self.officer).action_tell_applicant()
        return request

    def test_every_outcome_has_a_reason_of_the_same_meaning(self):
        outcomes = set(
            self.env["beneficiary.aid.request"]._fields["outcome"].get_values(self.env)
        )
        shared = self.reasons.search([("company_id", "=", False)])
        self.assertLessEqual(outcomes, set(shared.mapped("outcome")))

    def test_reason_brings_its_outcome(self):
        request = self._create_request()
        request.with_user(self.officer).close_reason_id = self.abroad
        self.assertEqual(request.outcome, "moved")
        request.with_user(self.officer).close_reason_id = False
        self.assertFalse(request.outcome)

    def test_outcome_alone_takes_the_usual_reason_and_keeps_a_fitting_one(self):
        request = self._create_request()
        request.write({"outcome": "moved"})
        self.assertEqual(request.close_reason_id, self.moved)
        request.write({"close_reason_id": self.abroad.id})
        request.write({"outcome": "moved"})
        self.assertEqual(request.close_reason_id, self.abroad)
        request.write({"outcome": "died"})
        self.assertEqual(
            request.close_reason_id, self.env.ref("beneficiary_aid.close_reason_died")
        )
        request.write({"outcome": False})
        self.assertFalse(request.close_reason_id)

    def test_form_shows_what_the_reason_means(self):
        with Form(self._approved().with_user(self.officer)) as form:
            form.close_reason_id = self.abroad
            self.assertEqual(form.outcome, "moved")
        self.assertEqual(form.record.close_reason_id, self.abroad)

    def test_step_of_many_closes_with_a_reason_of_the_association(self):
        requests = self._approved()
        wizard = (
            self.env["beneficiary.aid.request.step"]
            .with_user(self.officer)
            .create(
                {
                    "request_ids": requests.ids,
                    "step": "deliver",
                }
            )
        )
        wizard.action_apply()
        requests.with_user(self.officer)._go_to("follow_up")
        wizard = (
            self.env["beneficiary.aid.request.step"]
            .with_user(self.officer)
            .create(
                {
                    "request_ids": requests.ids,
                    "step": "close",
                    "close_reason_id": self.abroad.id,
                }
            )
        )
        self.assertEqual(wizard.outcome, "moved")
        wizard.action_apply()
        self.assertEqual(requests.status, "closed")
        self.assertEqual(requests.close_reason_id, self.abroad)

    def test_served_by_its_own_name_still_asks_for_the_proof(self):
        request = self._approved()
        request.with_user(self.officer)._go_to("delivery")
        request.with_user(self.officer)._go_to("follow_up")
        own = self.reasons.create({"name": "Operation done", "outcome": "served"})
        with self.assertRaisesRegex(UserError, "nothing shows"):
            request.with_user(self.officer)._go_to("closed", close_reason_id=own.id)
        self.assertEqual(request.status, "follow_up")

    def test_reason_for_other_people_is_refused(self):
        other = self.env["beneficiary.category"].create(
            {"name": "Others", "code": "close_other", "company_id": self.company.id}
        )
        self.abroad.category_ids = other
        request = self._create_request()
        with self.assertRaisesRegex(ValidationError, "not for the category"):
            request.close_reason_id = self.abroad
        self.moved.category_ids = other
        request = self._create_request(beneficiary=self._create_other_beneficiary(2))
        request.outcome = "moved"
        self.assertFalse(request.close_reason_id)
        self.assertEqual(request.outcome, "moved")

    def test_reason_of_another_association_is_refused(self):
        other = self._create_association("Other")
        theirs = self.reasons.create(
            {"name": "Theirs", "outcome": "moved", "company_id": other.id}
        )
        self.assertFalse(
            self.reasons.with_user(self.officer).search([("id", "=", theirs.id)])
        )
        with self.assertRaises(UserError):
            self._create_request().write({"close_reason_id": theirs.id})

    def test_used_reason_keeps_its_meaning(self):
        self._create_request().close_reason_id = self.abroad
        with self.assertRaisesRegex(UserError, "Archive it"):
            self.abroad.outcome = "died"
        with self.assertRaisesRegex(UserError, "Archive it"):
            self.abroad.unlink()
        self.abroad.write({"name": "Abroad for treatment", "outcome": "moved"})
        self.abroad.active = False

    def test_roles(self):
        self.assertAccess(
            self.abroad,
            {
                "officer": "r",
                "researcher": "r",
                "representative": "r",
                "auditor": "r",
                "secretary": "r",
                "member_a": "r",
                "clerk": "r",
                "aid_manager": "rwcd",
                "administrator": "rwcd",
                "employee": "",
            },
        )
        with self.assertRaises(AccessError):
            self.abroad.with_user(self.officer).name = "Changed"

    def test_requests_from_before_get_the_reason_of_their_outcome(self):
        request = self._create_request()
        request.outcome = "died"
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE beneficiary_aid_request SET close_reason_id = NULL WHERE id = %s",
            [request.id],
        )
        kept = self._create_request(beneficiary=self._create_other_beneficiary(2))
        kept.close_reason_id = self.abroad
        self.env.flush_all()
        for script in ("pre", "post"):
            path = file_path(
                f"beneficiary_aid/migrations/19.0.1.2.0/{script}-close_reasons.py"
            )
            load_script(path, "migration").migrate(self.cr, "19.0.1.1.0")
        self.env.invalidate_all()
        self.assertEqual(
            request.close_reason_id, self.env.ref("beneficiary_aid.close_reason_died")
        )
        self.assertEqual(kept.close_reason_id, self.abroad)
