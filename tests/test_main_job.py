"""The main job, once through all addons, by the people whose work each step is."""

import base64
import io

from PIL import Image

from odoo.exceptions import AccessError, UserError
from odoo.tests import TransactionCase, new_test_user, tagged

RELATIONS = "beneficiary_relations.group_"
AID = "beneficiary_aid.group_"
ROLES = {
    "officer": f"{RELATIONS}relations_officer,{RELATIONS}sensitive",
    "researcher": f"{RELATIONS}social_researcher",
    "quality": f"{RELATIONS}quality_officer",
    "manager": f"{AID}aid_manager",
    "secretary": f"{AID}committee_secretary",
    "chair": f"{AID}committee_member",
    "member": f"{AID}committee_member",
    "other_member": f"{AID}committee_member",
    "absentee": f"{AID}committee_member",
    "clerk": f"{AID}finance_clerk",
    "releaser": f"{AID}finance_releaser",
}
SEATS = {
    "chair": "chair",
    "member": "member",
    "other_member": "member",
    "absentee": "member",
    "secretary": "secretary",
}
DONATED = 50_000.0
APPROVED = 12_000.0


def picture():
    """Return a small picture, as base64."""
    file = io.BytesIO()
    Image.new("RGB", (8, 8), "white").save(file, "PNG")
    return base64.b64encode(file.getvalue()).decode()


@tagged("post_install", "-at_install")
class TestMainJob(TransactionCase):
    """Person, request, assessment, committee, decision, payment, bank, survey."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["res.lang"]._activate_lang("ar_001")
        cls.company = cls.env["res.company"].create(
            {
                "name": "Association of the main job",
                "country_id": cls.env.ref("base.sa").id,
                "currency_id": cls.env.ref("base.SAR").id,
            }
        )
        chart = cls.env["account.chart.template"]
        chart.try_loading("sa", cls.company, install_demo=False)
        cls.policy = cls.env["beneficiary.policy"]._adopt("ST", cls.company)
        cls.company._beneficiary_setup_accounting()
        cls.users = {
            role: new_test_user(
                cls.env,
                f"main_job_{role}",
                groups=groups,
                company_id=cls.company.id,
                company_ids=[(6, 0, cls.company.ids)],
                tz="Asia/Riyadh",
            )
            for role, groups in ROLES.items()
        }

    def as_role(self, role):
        """Return the environment of a role."""
        return self.env(
            user=self.users[role].id,
            su=False,
            context={"allowed_company_ids": self.company.ids, "tz": "Asia/Riyadh"},
        )

    def by(self, role, record):
        """Return a record as a role sees it."""
        return record.with_env(self.as_role(role))

    def test_main_job(self):
        fund = self._receive_donation()
        person = self._register_person()
        request = self._enter_request(person)
        self._match_papers_and_sign(request)
        self._study(request)
        self._decide(request, fund)
        self._tell(request)
        disbursement = self._post_payable(request, fund)
        payment = self._send_payment(request, disbursement)
        self._match_bank_line(request, payment)
        self._follow_up_and_close(request, fund)
        self._ask_opinions(request)

    # ------------------------------------------------------------
    # Money comes in
    # ------------------------------------------------------------

    def _receive_donation(self):
        """A donation gives the fund its balance when it is posted, not before."""
        fund = self.as_role("manager")["beneficiary.fund"].create(
            {"name": "Surgery", "code": "SURGERY", "kind": "restricted"}
        )
        env = self.as_role("clerk")
        donation = env["beneficiary.donation"].create(
            {
                "donor_id": env["res.partner"].create({"name": "A donor"}).id,
                "amount": DONATED,
                "fund_id": fund.id,
                "reference": "TRF-1",
            }
        )
        self._check_fund(fund, balance=0.0, committed=0.0)
        donation.action_post()
        self.assertEqual(donation.state, "posted")
        self.assertTrue(donation.name, "a receipt has a number")
        self._check_fund(fund, balance=DONATED, committed=0.0)
        return fund

    def _check_fund(self, fund, balance, committed):
        fund = self.by("clerk", fund)
        fund.invalidate_recordset(["balance", "committed", "free"])
        self.assertAlmostEqual(fund.balance, balance)
        self.assertAlmostEqual(fund.committed, committed)
        self.assertAlmostEqual(fund.free, balance - committed)
        self.assertFalse(fund.overdrawn)

    # ------------------------------------------------------------
    # The person and the request
    # ------------------------------------------------------------

    def _register_person(self):
        """The officer registers a mother and her son, with what they live on."""
        env = self.as_role("officer")
        household = env["beneficiary.household"].create(
            {
                "line_ids": [
                    (0, 0, {"kind": "income", "source": "pension", "amount": 2400.0}),
                    (0, 0, {"kind": "obligation", "source": "rent", "amount": 1400.0}),
                ]
            }
        )
        patient = env["beneficiary.category"].search([("code", "=", "patient")])
        mother, _son = env["beneficiary.beneficiary"].create(
            [
                {
                    "name": "فاطمة محمد سالم الحربي",
                    "identity_number": "١٠٠٠٠٠٠٠٠٨",
                    "birth_date": "1975-03-02",
                    "gender": "female",
                    "category_id": patient.id,
                    "household_id": household.id,
                    "relationship": "head",
                    "phone": "0501234567",
                    "email": "main.job@example.org",
                    "iban": "SA03 8000 0000 6080 1016 7519",
                },
                {
                    "name": "أنس علي حسن الحربي",
                    "identity_kind": "citizen",
                    "birth_date": "2015-08-20",
                    "household_id": household.id,
                    "relationship": "son",
                },
            ]
        )
        self.assertEqual(mother.identity_number, "1000000008")
        self.assertEqual(mother.iban, "SA0380000000608010167519")
        self.assertEqual(household.head_id, mother)
        self.assertAlmostEqual(household.per_capita_income, 500.0)
        self.assertEqual(household.need_band_id.template_code, "C")
        mother.action_submit()
        return mother

    def _enter_request(self, person):
        """A request has a number, a policy and no clock yet."""
        env = self.as_role("officer")
        aid_type = env["beneficiary.aid.type"].search([("code", "=", "treatment")])
        request = env["beneficiary.aid.request"].create(
            {
                "beneficiary_id": person.id,
                "aid_type_id": aid_type.id,
                "amount_requested": 15_000.0,
                "reason": "عملية في القلب",
            }
        )
        self.assertTrue(request.name)
        self.assertEqual(request.status, "received")
        self.assertEqual(request.policy_id, self.policy)
        self.assertFalse(request.reply_start)
        self.assertIn(self.policy.window_text, request.reply_note)
        request.action_verify()
        return request

    def _match_papers_and_sign(self, request):
        """No study without every paper and the signed declaration."""
        with self.assertRaises(UserError):
            request.action_study()
        for kind in request.missing_document_type_ids:
            document = request.env["beneficiary.document"].create(
                {
                    "beneficiary_id": request.beneficiary_id.id,
                    "type_id": kind.id,
                    "issue_date": "2026-01-01",
                    "expiry_date": "2099-12-31",
                }
            )
            with self.assertRaises(UserError, msg="a paper without a page"):
                document.action_verify()
            document.page_ids.create(
                {
                    "document_id": document.id,
                    "file": picture(),
                    "filename": "paper.png",
                }
            )
            document.action_verify()
        request.invalidate_recordset()
        self.assertFalse(request.missing_document_type_ids)
        with self.assertRaises(UserError, msg="not signed"):
            request.action_study()
        request.env["beneficiary.declaration"].with_context(
            default_request_id=request.id
        ).create(
            {
                "request_id": request.id,
                "signer_name": request.beneficiary_id.name,
                "method": "drawn",
                "signature": picture(),
            }
        )
        self.assertTrue(request.is_declared)
        self.assertEqual(
            request.declaration_ids.text,
            self.policy.declaration_text,
            "the words of the policy were signed",
        )
        request.action_study()
        self.assertEqual(request.status, "study")

    # ------------------------------------------------------------
    # Study
    # ------------------------------------------------------------

    def _study(self, request):
        """The assessment explains itself; without one nothing is referred."""
        env = self.as_role("researcher")
        request = request.with_env(env)
        with self.assertRaises(UserError):
            request.action_refer()
        request.amount_recommended = APPROVED
        mechanism = env["beneficiary.mechanism"].search([], limit=1)
        assessment = env["beneficiary.assessment"].create(
            {
                "request_id": request.id,
                "beneficiary_id": request.beneficiary_id.id,
                "mechanism_id": mechanism.id,
            }
        )
        assessment.action_prepare_lines()
        self.assertTrue(assessment.line_ids)
        self.assertAlmostEqual(assessment.per_capita_income, 500.0)
        assessment.line_ids.filtered(lambda line: line.kind == "manual").write(
            {"result": "met"}
        )
        self.assertEqual(assessment.entitlement, "entitled")
        for line in assessment.line_ids:
            self.assertIn(line.name, assessment.explanation)
        assessment.write({"report": "الحاجة ثابتة.", "recommendation": "approve"})
        assessment.action_done()
        request.action_refer()
        self.assertEqual(request.status, "decision")
        self.assertTrue(request.reply_start, "the clock starts with the referral")
        self.assertGreater(request.reply_due, request.reply_not_before)
        self.assertEqual(request.reply_state, "on_time")

    # ------------------------------------------------------------
    # Committee
    # ------------------------------------------------------------

    def _decide(self, request, fund):
        """One of four is no quorum; three of four are, and two votes carry."""
        committee = self._seat_committee()
        item = self._put_on_agenda(request, committee, fund)
        meeting = item.meeting_id
        self._set_presence(meeting, "chair")
        with self.assertRaisesRegex(UserError, "quorum"):
            self._vote(item, {"chair": "yes"})
        self.assertEqual(request.status, "decision")
        self._set_presence(meeting, "chair", "member", "other_member")
        self._check_fund(fund, balance=DONATED, committed=0.0)
        self._vote(item, {"chair": "yes", "member": "yes", "other_member": "no"})
        self.assertEqual(request.status, "approved")
        self.assertAlmostEqual(request.amount_approved, APPROVED)
        self.assertEqual(request.fund_id, fund)
        decision = request.decision_id
        self.assertTrue(decision.passed)
        self.assertEqual((decision.yes_count, decision.no_count), (2, 1))
        self.assertTrue(decision._check_seal())
        self.assertEqual(request.beneficiary_id.state, "active")
        self._check_fund(fund, balance=DONATED, committed=APPROVED)

    def _seat_committee(self):
        """Seat a chair and three members; the committee of the policy is there."""
        env = self.as_role("manager")
        committee = env["beneficiary.committee"].search(
            [("code", "=", self.policy.decider)]
        )
        env["beneficiary.committee.member"].create(
            [
                {
                    "committee_id": committee.id,
                    "user_id": self.users[login].id,
                    "role": role,
                }
                for login, role in SEATS.items()
            ]
        )
        return committee

    def _put_on_agenda(self, request, committee, fund):
        """The secretary calls a meeting and words the motion."""
        env = self.as_role("secretary")
        meeting = env["beneficiary.meeting"].create({"committee_id": committee.id})
        item = env["beneficiary.agenda.item"].create(
            {
                "meeting_id": meeting.id,
                "request_id": request.id,
                "outcome": "approve_less",
                "fund_id": fund.id,
            }
        )
        self.assertAlmostEqual(item.amount, APPROVED, msg="what was recommended")
        meeting.action_call()
        meeting.action_open()
        return item

    def _set_presence(self, meeting, *logins):
        for seat in meeting.attendance_ids:
            user = seat.member_id.user_id
            here = user in [self.users[login] for login in logins]
            seat.presence = "present" if here else "absent"

    def _vote(self, item, votes):
        """Open the vote, let each member give his own, close it."""
        item.action_open_vote()
        with self.assertRaises(AccessError, msg="not a member"):
            self.by("researcher", item).action_vote_yes()
        for login, value in votes.items():
            getattr(self.by(login, item), f"action_vote_{value}")()
        item.action_close_vote()

    # ------------------------------------------------------------
    # Telling and paying
    # ------------------------------------------------------------

    def _tell(self, request):
        """Before the earliest day of the answer a reason is asked."""
        request = self.by("officer", request)
        window = request.action_tell_applicant()
        self.assertTrue(window, "the month of the policy is not over")
        self.assertFalse(request.told_on)
        request.env[window["res_model"]].with_context(**window["context"]).create(
            {"early_reason": "موعد العملية قريب"}
        ).action_tell()
        self.assertTrue(request.told_on)
        self.assertEqual(request.reply_state, "early")
        request.action_deliver()
        self.assertEqual(request.payment_state, "none")

    def _post_payable(self, request, fund):
        """The clerk posts the payable on the fund's analytic account."""
        env = self.as_role("clerk")
        vendor = env["res.partner"].create({"name": "A hospital", "is_company": True})
        disbursement = env["beneficiary.disbursement"].create(
            {
                "request_id": request.id,
                "payee_id": vendor.id,
                "amount": APPROVED,
            }
        )
        self.assertEqual(disbursement.state, "draft")
        disbursement.action_post()
        self.assertEqual(disbursement.state, "due")
        self.assertEqual(request.payment_state, "due")
        expense = disbursement.move_id.line_ids - disbursement.move_line_id
        account = fund.sudo().analytic_account_id
        self.assertEqual(expense.analytic_distribution, {str(account.id): 100.0})
        self.assertEqual(
            disbursement.move_line_id.account_id.account_type, "liability_payable"
        )
        self._check_fund(fund, balance=DONATED - APPROVED, committed=0.0)
        return disbursement

    def _send_payment(self, request, disbursement):
        """A posted payment is *sent*: there is no line of the bank yet."""
        disbursement = self.by("releaser", disbursement)
        action = disbursement.action_register_payment()
        wizard = (
            disbursement.env[action["res_model"]]
            .with_context(**action["context"])
            .create({})
        )
        payment = wizard._create_payments()
        self.assertEqual(payment.state, "in_process")
        self.assertFalse(
            self.env["account.bank.statement.line"].search_count(
                [("company_id", "=", self.company.id)]
            )
        )
        self.assertEqual(disbursement.state, "sent")
        self.assertEqual(request.payment_state, "sent")
        self.assertAlmostEqual(request.amount_paid, 0.0)
        self.assertEqual(disbursement.released_by_id, self.users["releaser"])
        return payment

    def _match_bank_line(self, request, payment):
        """Only the line of the bank makes it *paid*."""
        env = self.as_role("clerk")
        line = env["account.bank.statement.line"].create(
            {
                "journal_id": payment.journal_id.id,
                "payment_ref": payment.memo,
                "amount": -APPROVED,
            }
        )
        self.assertEqual(request.payment_state, "sent")
        _bank, suspense, _other = line._seek_for_lines()
        outstanding = payment.with_env(env)._seek_for_lines()[0]
        suspense.account_id = outstanding.account_id
        (suspense + outstanding).reconcile()
        self.assertEqual(request.payment_state, "paid")
        self.assertAlmostEqual(request.amount_paid, APPROVED)

    def _follow_up_and_close(self, request, fund):
        """Nothing closes without an outcome; the fund holds what is left."""
        request = self.by("officer", request)
        request.action_follow_up()
        with self.assertRaises(UserError):
            request.action_close()
        request.outcome = "served"
        # The bank's statement pays the hospital; that the treatment was received,
        # the follow-up says.
        with self.assertRaisesRegex(UserError, "follow-up has not ended"):
            request.action_close()
        follow_up = request.follow_up_ids[:1]
        follow_up.write({"result": "received", "note": "Back at home"})
        follow_up.action_done()
        request.action_close()
        self.assertEqual(request.status, "closed")
        self._check_fund(fund, balance=DONATED - APPROVED, committed=0.0)

    # ------------------------------------------------------------
    # Opinions
    # ------------------------------------------------------------

    def _ask_opinions(self, request):
        """The score of one person is nobody's to see; that of five is."""
        self.env["ir.config_parameter"].set_param("beneficiary_survey.mix_batch", "5")
        Invitation = self.env["beneficiary.survey.invitation"]
        rule = self.policy.survey_rule_ids.filtered(
            lambda one: one.event == "decision_told"
        )
        own = Invitation.search(
            [
                ("rule_id", "=", rule.id),
                ("beneficiary_id", "=", request.beneficiary_id.id),
            ]
        )
        self.assertEqual(len(own), 1, "telling the decision invites, once")
        self._answer(own)
        self.env["beneficiary.survey.ballot"]._mix(rule)
        self.assertFalse(self._score(rule).score_percent, "one alone is hidden")
        for _number in range(4):
            self._answer(self._invite_another(rule))
        self.env["beneficiary.survey.ballot"]._mix(rule)
        seen = self._score(rule)
        self.assertGreater(seen.score_percent, 50.0)
        self.assertEqual(seen.answered_count, 5)

    def _invite_another(self, rule):
        """Invite one more person under the same rule."""
        person = self.env["beneficiary.beneficiary"].create(
            {"name": "Somebody", "company_id": self.company.id}
        )
        return self.env["beneficiary.survey.invitation"]._plan(
            [(rule, person, f"decision_told/test/{person.id}")]
        )

    def _answer(self, invitation):
        """Answer the way the page of the portal does: a blind ballot, cast once."""
        if invitation.state == "planned":
            invitation.date_invited = invitation.env.cr.now().date()
            invitation._send_due()
        token = invitation._issue_ballot()
        survey = invitation.survey_id
        answers, errors = survey._check_ballot(
            {
                question.id: str(question.scale_max)
                for question in survey.question_ids
                if question.question_type == "scale"
            }
        )
        self.assertFalse(errors)
        invitation._find_ballot(token)._cast(answers)
        self.assertEqual(invitation.state, "answered")
        with self.assertRaises(UserError):
            invitation._issue_ballot()

    def _score(self, rule):
        """Return the rule as the quality officer sees it."""
        self.env.flush_all()
        rule = self.by("quality", rule)
        rule.invalidate_recordset()
        return rule
