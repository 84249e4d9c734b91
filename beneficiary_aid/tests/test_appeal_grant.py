from odoo.exceptions import UserError
from odoo.tests import tagged

from .test_authority_steps import AuthorityCommon

LESS = {"outcome": "approve_less", "amount": 1200}


class GrantCommon(AuthorityCommon):
    """A request for 3,000 of which 1,200 were granted and told; appeals go to the
    manager."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.policy.write({"appeal_days": 30, "appeal_authority_id": cls.management.id})
        cls.request = cls._decide(**LESS)
        cls.first = cls.request.sudo().decision_id
        cls._tell(cls.request)

    @classmethod
    def _tell(cls, request):
        request.sudo().told_on = request._business_day()

    def _file(self, request=None):
        return (request or self.request).with_user(self.officer)._file_appeal("Please")


@tagged("post_install", "-at_install")
class TestAppealGrant(GrantCommon):
    """Help that is less than was asked for may be appealed, and is not lost by it."""

    # ------------------------------------------------------------------
    # What may be appealed
    # ------------------------------------------------------------------

    def test_less_than_asked_once_it_was_told(self):
        self.assertTrue(self.request.can_appeal)
        self.request.sudo().told_on = False
        self.assertFalse(self.request.can_appeal)
        with self.assertRaisesRegex(UserError, "less than was asked"):
            self._file()

    def test_all_that_was_asked_or_goods_are_not(self):
        for number, motion in (
            (3, {"amount": 3000}),
            (2, {"outcome": "in_kind", "amount": 0, "fund_id": False}),
        ):
            with self.subTest(motion=motion):
                request = self._refer(
                    self._create_request(self._create_other_beneficiary(number))
                )
                self._decide(request, **motion)
                self._tell(request)
                self.assertFalse(request.can_appeal)

    def test_a_condition(self):
        request = self._refer(self._create_request(self._create_other_beneficiary()))
        self._decide(
            request, outcome="approve_condition", amount=3000, condition="A receipt"
        )
        self._tell(request)
        self.assertTrue(request.can_appeal)

    def test_not_when_it_is_over(self):
        request = self.request.with_user(self.officer)
        request.action_deliver()
        self.assertTrue(request.can_appeal)
        request.action_follow_up()
        self.assertTrue(request.can_appeal)
        # How it is closed is tested elsewhere.
        request.sudo()._go_to("closed", outcome="served")
        self.assertFalse(request.can_appeal)

    def test_button_at_the_desk(self):
        action = self.request.with_user(self.officer).action_appeal()
        self.assertEqual(action["context"]["default_request_id"], self.request.id)
        self._file()
        with self.assertRaisesRegex(UserError, "once"):
            self.request.with_user(self.officer).action_appeal()

    # ------------------------------------------------------------------
    # What is decided
    # ------------------------------------------------------------------

    def test_more_is_granted_and_promised(self):
        appeal = self._file()
        self.assertEqual(self.request.status, "decision")
        self.assertEqual(self.fund.committed, 1200)
        decision = self._decide_as(self.manager, self.request, amount=3000)
        self.assertEqual((decision.kind, appeal.result), ("appeal", "amend"))
        self.assertEqual(self.request.status, "approved")
        self.assertEqual(self.request.amount_approved, 3000)
        self.assertEqual(self.fund.committed, 3000)
        self._tell(self.request)
        self.assertFalse(self.request.can_appeal)

    def test_nothing_is_taken_away(self):
        self._file()
        for motion in (
            {"outcome": "approve_less", "amount": 1199.99},
            {"outcome": "refer", "amount": 0, "reason_id": self.reason_declined.id},
        ):
            with (
                self.subTest(motion=motion),
                self.assertRaisesRegex(UserError, "takes nothing away"),
            ):
                self._decide_as(self.manager, self.request, **motion)
        self.assertEqual(self.request.status, "decision")
        self.assertEqual(self.fund.committed, 1200)

    def test_declined_the_first_decision_stands(self):
        appeal = self._file()
        decision = self._decide_as(
            self.manager,
            self.request,
            outcome="decline",
            amount=0,
            fund_id=False,
            reason_id=self.reason_declined.id,
        )
        self.assertEqual(appeal.result, "affirm")
        self.assertEqual(
            (decision.outcome, decision.amount, decision.fund_id),
            ("approve_less", 1200, self.fund),
        )
        self.assertIn("first decision stands", decision.public_text)
        self.assertEqual(self.request.status, "approved")
        self.assertEqual(self.fund.committed, 1200)
        self.assertFalse(decision._broken_seals(self.company))

    def test_declined_by_the_vote_of_another_committee(self):
        self.policy.appeal_authority_id = False
        self._file()
        others = self._second_committee()
        meeting = (
            self.env["beneficiary.meeting"]
            .with_user(self.secretary)
            .create({"committee_id": others.id})
        )
        meeting.action_call()
        meeting.action_open()
        meeting.attendance_ids.presence = "present"
        for votes, outcome in (("yes", "decline"), ("no", "approve")):
            with self.subTest(outcome=outcome), self.cr.savepoint() as savepoint:
                item = self._put_on_agenda(
                    meeting,
                    self.request,
                    outcome=outcome,
                    amount=3000 if outcome == "approve" else 0,
                    fund_id=self.fund.id if outcome == "approve" else False,
                    reason_id=(
                        self.reason_entitled
                        if outcome == "approve"
                        else self.reason_declined
                    ).id,
                )
                item.action_open_vote()
                for user in (self.head, self.deputy_head, self.clerk_outside):
                    item.with_user(user)._vote(votes, False)
                item.action_close_vote()
                self.assertEqual(self.request.sudo().appeal_ids.result, "affirm")
                self.assertEqual(self.request.amount_approved, 1200)
                self.assertEqual(self.request.status, "approved")
                savepoint.rollback()
                self.env.invalidate_all()

    def _second_committee(self):
        """Three people who did not decide the first time."""
        committee = self.env["beneficiary.committee"].create(
            {"name": "Appeals", "company_id": self.company.id}
        )
        users = {
            self.head: "chair",
            self.deputy_head: "member",
            self.clerk_outside: "member",
            self.secretary: "secretary",
        }
        for user in users:
            user.group_ids |= self.env.ref("beneficiary_aid.group_committee_member")
        self.env["beneficiary.committee.member"].create(
            [
                {
                    "committee_id": committee.id,
                    "user_id": user.id,
                    "role": role,
                    "date_from": "2020-01-01",
                }
                for user, role in users.items()
            ]
        )
        return committee

    def test_help_that_had_begun_goes_on_where_it_was(self):
        self.request.with_user(self.officer).action_deliver()
        self._file()
        self._decide_as(
            self.manager,
            self.request,
            outcome="decline",
            amount=0,
            fund_id=False,
            reason_id=self.reason_declined.id,
        )
        self.assertEqual(self.request.status, "delivery")

    def test_first_deciders_keep_out(self):
        self.policy.appeal_authority_id = False
        self._file()
        item = self._put_on_agenda(self._open_meeting(), self.request, amount=3000)
        with self.assertRaisesRegex(UserError, "no quorum"):
            item.action_open_vote()

    def test_letter_says_how_to_appeal(self):
        self.assertIn("If you do not agree", " ".join(self.request._letter_next()))


@tagged("post_install", "-at_install")
class TestAppealGrantMoney(GrantCommon):
    """What was granted is paid also while the appeal is heard."""

    def test_paid_while_the_appeal_is_heard(self):
        disbursement = (
            self.env["beneficiary.disbursement"]
            .with_user(self.clerk)
            .create({"request_id": self.request.id, "amount": 500})
        )
        self._file()
        disbursement.with_user(self.clerk).action_post()
        self.assertEqual(disbursement.state, "due")
        self.assertEqual(self.fund.committed, 700)
        self._decide_as(self.manager, self.request, amount=3000)
        self.assertEqual(self.fund.committed, 2500)

    def test_nothing_is_paid_while_a_refusal_is_heard(self):
        request = self._refer(self._create_request(self._create_other_beneficiary()))
        self._decide(
            request,
            outcome="decline",
            amount=0,
            fund_id=False,
            reason_id=self.reason_declined.id,
        )
        self._tell(request)
        self._file(request)
        self.assertFalse(request.sudo()._is_payable())

    def test_vouchers_are_prepared_for_it(self):
        self.aid_type.nature = "vendor"
        self._file()
        self.assertEqual(self.request.status, "decision")
        self.assertEqual(self.request._get_voucherable(), self.request)
        shop = self.env["res.partner"].create({"name": "Corner Shop"})
        voucher = self.env["beneficiary.voucher"].create(
            {
                "request_id": self.request.id,
                "vendor_id": shop.id,
                "amount": 100,
                "date_until": "2099-01-01",
            }
        )
        self.assertFalse(voucher._get_issue_refusal())

    def test_it_is_chosen_wherever_help_is_given(self):
        request_model = self.env["beneficiary.aid.request"]
        self._file()
        self.assertTrue(self.request.is_payable)
        declined = self._refer(self._create_request(self._create_other_beneficiary()))
        self._decide(
            declined,
            outcome="decline",
            amount=0,
            fund_id=False,
            reason_id=self.reason_declined.id,
        )
        self._tell(declined)
        self._file(declined)
        payable = request_model.search([("is_payable", "=", True)])
        self.assertIn(self.request, payable)
        self.assertNotIn(declined, payable)
        self.assertIn(declined, request_model.search([("is_payable", "=", False)]))
        self.assertTrue(all(payable.mapped("is_payable")))
        for name in ("delivery", "device.loan", "sponsorship", "voucher"):
            with self.subTest(model=name):
                field = self.env[f"beneficiary.{name}"]._fields["request_id"]
                self.assertIn("is_payable", field.domain)
        for view in (
            "beneficiary_disbursement_view_form",
            "beneficiary_vendor_bill_view_form",
            "beneficiary_voucher_prepare_view_form",
        ):
            with self.subTest(view=view):
                arch = self.env.ref(f"beneficiary_aid.{view}").arch
                self.assertIn("('is_payable', '=', True)", arch)

    def test_batch_gathers_it(self):
        Request = self.env["beneficiary.aid.request"].sudo()
        self._file()
        found = Request.search(Request._payable_domain())
        self.assertIn(self.request, found)
        self.assertEqual(found, found.filtered(lambda one: one._is_payable()))
