from datetime import timedelta

from freezegun import freeze_time
from psycopg2 import IntegrityError

from odoo import fields
from odoo.exceptions import ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .finance_common import FinanceCommon


@tagged("post_install", "-at_install")
class TestFundRules(FinanceCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.zakat_bank = cls._create_bank_journal("Zakat Bank", "ZBNK")
        cls.zakat = cls._create_fund(
            name="Zakat", code="ZAKAT", kind="zakat", bank_journal_id=cls.zakat_bank.id
        )
        cls.poor = cls.env.ref("beneficiary_aid.zakat_channel_poor")
        cls.debtors = cls.env.ref("beneficiary_aid.zakat_channel_debtors")

    @classmethod
    def _create_bank_journal(cls, name, code):
        journal = cls.env["account.journal"].create(
            {
                "name": name,
                "code": code,
                "type": "bank",
                "company_id": cls.company.id,
            }
        )
        cls.company._beneficiary_setup_accounting()
        return journal

    def _refusal(self, request, fund=None):
        return (fund or self.zakat)._get_refusal_reason(
            request.aid_type_id, request.beneficiary_id, request
        )

    def _run_expiry(self):
        with self.enter_registry_test_mode():
            self.env.ref(
                "beneficiary_aid.ir_cron_expire_commitments"
            ).method_direct_trigger()

    # === Zakat === #

    def test_the_eight_channels_are_there(self):
        self.assertEqual(self.env["beneficiary.zakat.channel"].search_count([]), 8)

    def test_zakat_asks_for_the_channel_of_the_person(self):
        request = self._create_request()
        self.assertIn("zakat channel", self._refusal(request))
        request.zakat_channel_id = self.poor
        self.assertFalse(self._refusal(request))
        self.zakat.zakat_channel_ids = self.debtors
        self.assertIn("other zakat channels", self._refusal(request))
        self.assertFalse(self._refusal(request, self.fund))

    def test_zakat_to_a_vendor_needs_a_word_of_the_person_or_of_the_scholars(self):
        for nature in ("vendor", "in_kind"):
            with self.subTest(nature=nature):
                self.aid_type.nature = nature
                request = self._create_request(zakat_channel_id=self.poor.id)
                self.assertIn("authorisation", self._refusal(request))
                request.zakat_authorised_on = fields.Date.today()
                self.assertFalse(self._refusal(request))
                request.zakat_authorised_on = False
                self.company.beneficiary_zakat_approval_date = fields.Date.today()
                self.assertFalse(self._refusal(request))
                self.company.beneficiary_zakat_approval_date = False

    def test_zakat_is_paid_only_with_its_channel(self):
        self._donate(100, self.zakat, journal_id=self.zakat_bank.id)
        request = self._approve(60, self.zakat)
        with self.assertRefused("zakat channel"):
            self._disburse(request)
        request.zakat_channel_id = self.poor
        self.assertState(self._disburse(request), "due")

    def test_zakat_to_a_vendor_is_asked_of_the_payee_not_of_the_kind_of_help(self):
        self._donate(100, self.zakat, journal_id=self.zakat_bank.id)
        self.aid_type.nature = "cash"
        request = self._create_request(zakat_channel_id=self.poor.id)
        self._approve(60, self.zakat, request)
        self.donor.is_company = True
        payment = self._disburse(request, post=False, payee_id=self.donor.id)
        with self.assertRefused("authorisation", request.name):
            payment.action_post()
        request.zakat_authorised_on = fields.Date.today()
        payment.action_post()
        self.assertState(payment, "due")

    def test_zakat_to_whoever_receives_for_the_person(self):
        self._donate(100, self.zakat, journal_id=self.zakat_bank.id)
        self.aid_type.nature = "cash"
        request = self._create_request(zakat_channel_id=self.poor.id)
        self._approve(60, self.zakat, request)
        guardian = self.env["res.partner"].create(
            {"name": "Guardian", "company_id": self.company.id}
        )
        mandate = self.env["beneficiary.mandate"].create(
            {
                "beneficiary_id": request.beneficiary_id.id,
                "holder_id": guardian.id,
                "kind": "agent",
                "can_receive": True,
            }
        )
        mandate.write({"state": "active"})
        payment = self._disburse(request, payee_id=guardian.id)
        self.assertState(payment, "due")

    def test_channels_belong_to_zakat_funds(self):
        with self.assertRaises(ValidationError):
            self.fund.zakat_channel_ids = self.poor

    # === Own bank account === #

    def test_donation_takes_the_own_bank_of_its_fund(self):
        donation = self.env["beneficiary.donation"].create(
            {"donor_id": self.donor.id, "amount": 5, "fund_id": self.zakat.id}
        )
        self.assertEqual(donation.journal_id, self.zakat_bank)
        donation.fund_id = self.fund
        self.assertNotEqual(donation.journal_id, self.zakat_bank)

    def test_money_of_two_funds_does_not_mix_at_the_bank(self):
        with self.assertRefused("own bank account", "Zakat"):
            self._donate(5, self.zakat, journal_id=self.bank.id)
        with self.assertRefused("belongs to the fund", "Zakat"):
            self._donate(5, self.fund, journal_id=self.zakat_bank.id)

    def test_payment_leaves_from_the_own_bank_of_the_fund(self):
        self._donate(100, self.zakat, journal_id=self.zakat_bank.id)
        request = self._approve(60, self.zakat)
        request.zakat_channel_id = self.poor
        disbursement = self._disburse(request)
        with self.assertRefused("own bank account"):
            self._release(disbursement)
        self.assertState(disbursement, "due")

    def test_zakat_without_own_bank_is_refused_unless_the_association_says_so(self):
        self.zakat.bank_journal_id = False
        with self.assertRefused("bank account of its own"):
            self._donate(5, self.zakat)
        self.company.beneficiary_zakat_own_bank = False
        self._donate(5, self.zakat)
        self.assertFund(5, 0, self.zakat)

    # === Endowment === #

    def test_capital_of_an_endowment_is_kept(self):
        waqf = self._create_fund(
            name="Waqf", code="WAQF", kind="endowment", yield_fund_id=self.fund.id
        )
        self._donate(100, waqf)
        request = self._create_request()
        self.assertIn("Treatment", self._refusal(request, waqf))
        with self.assertRefused("capital"):
            waqf._commit(1)
        with self.assertRefused("capital"):
            self._approve(10, waqf, request)
        self.assertFund(100, 0, waqf)

    def test_only_endowments_yield(self):
        with self.assertRaises(ValidationError):
            self.other_fund.yield_fund_id = self.fund
        waqf = self._create_fund(
            name="Waqf", code="WAQF", kind="endowment", yield_fund_id=self.fund.id
        )
        with self.assertRaises(ValidationError):
            self.fund.kind = "endowment"
        self.assertEqual(self.fund.endowment_ids, waqf)

    # === Administration share === #

    def test_share_of_a_donation_covers_the_costs(self):
        costs = self._create_fund(name="Costs", code="COST")
        self.fund.write({"admin_share": 12.5, "admin_fund_id": costs.id})
        donation = self._donate(99.99)
        self.assertEqual(donation.amount, 99.99)
        self.assertFund(87.49, 0)
        self.assertFund(12.5, 0, costs)
        donation.action_cancel()
        self.assertFund(0, 0)
        self.assertFund(0, 0, costs)

    def test_share_goes_to_an_unrestricted_fund(self):
        self.other_fund.kind = "restricted"
        with self.assertRaises(ValidationError):
            self.fund.write({"admin_share": 5, "admin_fund_id": self.other_fund.id})

    # === Promises end === #

    def test_promise_nobody_used_ends(self):
        self._donate(100)
        request = self._approve(60)
        used = self._approve(30)
        self._disburse(used, post=False)
        self.company.beneficiary_commitment_days = 30
        self._run_expiry()
        self.assertFund(100, 90)
        later = fields.Datetime.now() + timedelta(days=31)
        with freeze_time(later):
            self._run_expiry()
        self.assertFund(100, 30)
        self.assertEqual(request.amount_committed, 0)
        self.assertEqual(request.amount_approved, 60)
        self.assertTrue(request.activity_ids)
        self.assertFalse(used.activity_ids)
        with freeze_time(later):
            self._run_expiry()
        self.assertEqual(len(request.activity_ids), 1)

    def test_without_days_promises_stay(self):
        self._donate(100)
        self._approve(60)
        with freeze_time(fields.Datetime.now() + timedelta(days=999)):
            self._run_expiry()
        self.assertFund(100, 60)

    def test_days_are_bounded(self):
        for days in (-1, 4000):
            with (
                self.subTest(days=days),
                mute_logger("odoo.sql_db"),
                self.assertRaises(IntegrityError),
                self.env.cr.savepoint(),
            ):
                self.company.beneficiary_commitment_days = days
                self.env.flush_all()
