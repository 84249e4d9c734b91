from datetime import date, timedelta

from freezegun import freeze_time
from psycopg2 import IntegrityError

from odoo import Command, fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .finance_common import FinanceCommon


@tagged("post_install", "-at_install")
class TestDonationRules(FinanceCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.today = fields.Date.today()
        cls.campaign = cls.env["beneficiary.campaign"].create(
            {
                "name": "A Hundred Patients",
                "licence_number": "L-77",
                "date_from": cls.today - timedelta(days=10),
                "date_to": cls.today + timedelta(days=10),
                "fund_id": cls.fund.id,
                "target": 400,
                "company_id": cls.company.id,
            }
        )

    # === Campaigns === #

    def test_campaign_shows_what_came_in(self):
        self._donate(100, campaign_id=self.campaign.id)
        cancelled = self._donate(50, campaign_id=self.campaign.id)
        cancelled.action_cancel()
        self.campaign.invalidate_recordset()
        self.assertEqual(self.campaign.amount_received, 100)
        self.assertEqual(self.campaign.progress, 25)
        self.assertEqual(self.campaign.donation_count, 1)
        self.assertEqual(self.campaign.state, "running")

    def test_donation_outside_the_licence_is_refused(self):
        for values in (
            {"date": self.today - timedelta(days=11)},
            {"date": self.today + timedelta(days=11)},
            {"fund_id": self.other_fund.id},
        ):
            with (
                self.subTest(values=values),
                self.assertRaisesRegex(ValidationError, "A Hundred Patients"),
                self.env.cr.savepoint(),
            ):
                self._donate(5, **{"campaign_id": self.campaign.id, **values})

    def test_licence_does_not_shrink_under_its_donations(self):
        self._donate(100, campaign_id=self.campaign.id)
        with self.assertRaises(ValidationError):
            self.campaign.date_to = self.today - timedelta(days=1)
        with self.assertRaises(UserError):
            self.campaign.unlink()

    def test_campaigns_are_found_by_their_state(self):
        Campaign = self.env["beneficiary.campaign"]
        own = [("company_id", "=", self.company.id)]
        self.assertEqual(
            Campaign.search([*own, ("state", "=", "running")]), self.campaign
        )
        self.assertFalse(Campaign.search([*own, ("state", "in", ("coming", "over"))]))

    def test_clerk_does_not_change_a_campaign(self):
        with self.assertRaises(AccessError):
            self.campaign.with_user(self.clerk).target = 1
        self.campaign.with_user(self.aid_manager).target = 500

    # === Donors === #

    def test_clerk_enters_a_donor_of_his_own(self):
        donors = self.env["res.partner"].with_user(self.clerk)
        donor = donors.browse(donors.name_create("A New Donor")[0])
        donor.write({"email": "donor@example.org"})
        donation = self._donate(70, donor_id=donor.id)
        self.assertEqual(donation.state, "posted")

    def test_clerk_changes_no_contact_of_others(self):
        officer = self.env["res.partner"].with_user(self.officer)
        by_officer = officer.create({"name": "By the officer"})
        for contact in (
            by_officer,
            self.donor,
            self.beneficiary.partner_id,
            self.clerk.partner_id,
        ):
            with (
                self.subTest(contact=contact.name),
                self.assertRaises(AccessError),
                self.env.cr.savepoint(),
            ):
                contact.with_user(self.clerk).write({"phone": "0550000000"})

    def test_clerk_neither_deletes_contacts_nor_opens_accounts(self):
        donor = self.env["res.partner"].with_user(self.clerk).create({"name": "Mine"})
        with self.assertRaises(AccessError):
            donor.unlink()
        for bank in (self.env["res.partner.bank"], self.env["beneficiary.beneficiary"]):
            self.assertFalse(bank.with_user(self.clerk).has_access("create"))
        with self.assertRaises(AccessError), self.env.cr.savepoint():
            donor.create({"name": "Helped", "is_beneficiary": True})

    def test_clerk_who_manages_contacts_goes_on_doing_so(self):
        self.clerk.group_ids += self.env.ref("base.group_partner_manager")
        self.donor.with_user(self.clerk).write({"phone": "0550000000"})
        self.assertEqual(self.donor.phone, "0550000000")

    def test_who_only_reads_enters_no_donor(self):
        for user in (self.releaser, self.auditor, self.accountant, self.employee):
            with self.subTest(user=user.login):
                contacts = self.env["res.partner"].with_user(user)
                self.assertFalse(contacts.has_access("create"))

    # === Cheques === #

    def _deposit(self, donations, day=None, user=None):
        action = donations.with_user(user or self.clerk).action_deposit()
        return (
            self.env[action["res_model"]]
            .with_user(user or self.clerk)
            .with_context(**action["context"])
            .create(
                {
                    "donation_ids": [Command.set(donations.ids)],
                    "reference": "SLIP-1",
                    "date": day or self.today,
                }
            )
            .action_deposit()
        )

    def test_cheque_waits_until_it_is_at_the_bank(self):
        cheque = self._donate(70, channel="cheque", cheque_number="12")
        self._donate(30)
        waiting = [("company_id", "=", self.company.id), ("is_undeposited", "=", True)]
        Donation = self.env["beneficiary.donation"]
        self.assertEqual(Donation.search(waiting), cheque)
        self._deposit(cheque)
        self.assertFalse(Donation.search(waiting))
        self.assertEqual(cheque.deposit_reference, "SLIP-1")
        with self.assertRefused("waits for the bank"):
            self._deposit(cheque)

    def test_cheque_on_the_statement_is_at_the_bank(self):
        cheque = self._donate(70, channel="cheque", cheque_number="12")
        self._match(self._bank_line(70, "cheque 12"), cheque.move_line_id)
        self.assertTrue(cheque.is_matched)
        self.assertFalse(cheque.is_undeposited)

    def test_day_of_the_deposit_is_possible(self):
        cheque = self._donate(70, channel="cheque")
        for days in (-1, 1):
            with self.subTest(days=days), self.assertRefused("day of the deposit"):
                self._deposit(cheque, self.today + timedelta(days=days))

    def test_deposit_is_not_typed_in(self):
        cheque = self._donate(70, channel="cheque")
        with self.assertRaises(UserError):
            cheque.with_user(self.clerk).deposit_date = self.today
        with self.assertRaises(AccessError):
            cheque.with_user(self.releaser).action_deposit()

    # === Designated accounts === #

    def test_donation_on_another_account_is_reported_in_working_days(self):
        self._donate(5)
        other = self.env["account.journal"].create(
            {
                "name": "Old Bank",
                "code": "OLDB",
                "type": "bank",
                "company_id": self.company.id,
            }
        )
        self.company._beneficiary_setup_accounting()
        self.company.beneficiary_donation_journal_ids = self.bank
        # A Thursday: five working days end on the Thursday after.
        with freeze_time("2026-03-05 09:00:00"):
            donation = self._donate(5, journal_id=other.id)
        self.assertTrue(donation.is_off_account)
        self.assertEqual(donation.activity_ids.date_deadline, date(2026, 3, 12))
        self.assertFalse(self._donate(5).is_off_account)

    # === Donor === #

    def test_identity_is_asked_from_an_amount_up(self):
        self.company.beneficiary_donor_identity_from = 1000
        self._donate(999.99)
        with self.assertRefused("identity"):
            self._donate(1000)
        self._donate(1000, donor_identity="1010101010")

    def test_numbers_of_a_donation_are_kept_in_latin_digits(self):
        donation = self._donate(
            5,
            donor_identity="٢٨٨-٠١٠",
            foreign_approval="م/٤٤١\u202e",
            reference=" TRF ٩٠ ",
        )
        self.assertEqual(donation.donor_identity, "288010")
        self.assertEqual(donation.foreign_approval, "م/441")
        self.assertEqual(donation.reference, "TRF 90")
        donation.purpose = "What I\u200b said"
        self.assertEqual(donation.purpose, "What I said")

    def test_a_purpose_without_end_is_refused(self):
        with self.assertRaisesRegex(ValidationError, "500"):
            self._donate(5, purpose="x" * 501)

    def test_foreign_donation_needs_its_approval(self):
        self._donate(5, is_foreign=True)
        self.company.beneficiary_foreign_donation_approval = True
        with self.assertRefused("abroad"):
            self._donate(5, is_foreign=True)
        self._donate(5, is_foreign=True, foreign_approval="MOI 55")

    # === In kind === #

    def test_goods_leave_the_balance_of_the_fund_as_it_was(self):
        self._donate(100)
        goods = self._donate(
            60,
            kind="in_kind",
            goods="20 blankets",
            valuation="Invoice 9 of the shop",
            journal_id=False,
        )
        self.assertFund(100, 0)
        accounts = goods.move_id.line_ids.account_id
        self.assertEqual(
            accounts,
            self.company.beneficiary_goods_account_id
            | self.company.beneficiary_donation_account_id,
        )
        with self.assertRefused("free"):
            self.fund._commit(120)
        goods.action_cancel()
        self.assertEqual(goods.state, "cancelled")
        self.assertFund(100, 0)

    def test_goods_are_described_and_valued(self):
        with self.assertRaises(ValidationError):
            self._donate(60, kind="in_kind", goods="20 blankets", journal_id=False)
        donation = self._donate(5)
        with mute_logger("odoo.sql_db"), self.assertRaises(IntegrityError):
            self.env.cr.execute(
                "UPDATE beneficiary_donation SET journal_id = NULL WHERE id = %s",
                [donation.id],
            )

    # === Batches === #

    def _batch(self, amounts, **values):
        return (
            self.env["beneficiary.donation.batch"]
            .with_user(self.clerk)
            .create(
                {
                    "name": "Sunday",
                    "company_id": self.company.id,
                    "expected_count": len(amounts),
                    "expected_amount": sum(amounts),
                    "donation_ids": [
                        Command.create(
                            {
                                "donor_id": self.donor.id,
                                "fund_id": self.fund.id,
                                "journal_id": self.bank.id,
                                "company_id": self.company.id,
                                "amount": amount,
                            }
                        )
                        for amount in amounts
                    ],
                    **values,
                }
            )
        )

    def test_batch_is_posted_when_it_agrees(self):
        batch = self._batch([10, 20, 30])
        self.assertTrue(batch.is_balanced)
        batch.action_post()
        self.assertEqual(batch.state, "posted")
        self.assertEqual(set(batch.donation_ids.mapped("state")), {"posted"})
        self.assertFund(60, 0)
        with self.assertRefused("posted"):
            batch.action_post()
        with self.assertRaises(UserError):
            batch.expected_count = 4
        with self.assertRaises(UserError):
            batch.unlink()

    def test_batch_that_does_not_agree_posts_nothing(self):
        for values in ({"expected_count": 4}, {"expected_amount": 60.01}):
            batch = self._batch([10, 20, 30], **values)
            with self.subTest(values=values), self.assertRefused("difference"):
                batch.action_post()
        self.assertFund(0, 0)

    def test_batch_is_posted_in_the_same_number_of_queries_a_donation(self):
        small, large = self._batch([1] * 10), self._batch([1] * 30)
        self._batch([1]).action_post()
        self.env.flush_all()
        with self.assertQueryCount(1000):
            before = self.cr.sql_log_count
            small.action_post()
            self.env.flush_all()
            first = self.cr.sql_log_count - before
            large.action_post()
            self.env.flush_all()
            second = self.cr.sql_log_count - before - first
        self.assertLessEqual(second / 30, first / 10)

    def test_releaser_does_not_enter_batches(self):
        with self.assertRaises(AccessError):
            self.env["beneficiary.donation.batch"].with_user(self.releaser).create(
                {"name": "x", "expected_count": 1, "expected_amount": 1}
            )

    # === From the bank === #

    def _from_bank(self, line, **values):
        action = line.with_user(self.clerk).action_beneficiary_donation()
        wizard = (
            self.env[action["res_model"]]
            .with_user(self.clerk)
            .with_context(**action["context"])
            .create({"donor_id": self.donor.id, "fund_id": self.fund.id, **values})
        )
        wizard.action_create()
        return self.env["beneficiary.donation"].search([("bank_line_id", "=", line.id)])

    def test_bank_line_becomes_a_matched_donation(self):
        line = self._bank_line(88, "gift 12")
        donation = self._from_bank(line)
        self.assertRecordValues(
            donation,
            [
                {
                    "amount": 88,
                    "state": "posted",
                    "is_matched": True,
                    "reference": "gift 12",
                }
            ],
        )
        self.assertTrue(line.is_reconciled)
        self.assertFund(88, 0)
        with self.assertRefused("matched already"):
            line.with_user(self.clerk).action_beneficiary_donation()

    def test_line_finds_the_receipt_posted_already(self):
        donation = self._donate(88, reference="TRX-9")
        self._donate(88, reference="TRX-90")
        line = self._bank_line(88, "in TRX-9")
        action = line.with_user(self.clerk).action_beneficiary_donation()
        wizard = (
            self.env[action["res_model"]]
            .with_user(self.clerk)
            .with_context(**action["context"])
            .create({})
        )
        self.assertEqual(wizard.donation_id, donation)
        wizard.action_create()
        self.assertTrue(donation.is_matched)
        self.assertFund(176, 0)
        again = self._bank_line(88, "in TRX-9")
        wizard = (
            self.env[action["res_model"]]
            .with_user(self.clerk)
            .create({"bank_line_id": again.id})
        )
        self.assertFalse(wizard.donation_id)
        wizard.donation_id = donation
        with self.assertRefused("matched already"):
            wizard.action_create()

    def test_money_that_left_is_no_donation(self):
        line = self._bank_line(-5)
        with self.assertRefused("money that left"):
            line.with_user(self.clerk).action_beneficiary_donation()
        with self.assertRaises(AccessError):
            self._bank_line(5).with_user(self.releaser).action_beneficiary_donation()

    # === New purpose === #

    def _redesignate(self, donation, fund=None):
        action = donation.with_user(self.clerk).action_redesignate()
        wizard = (
            self.env[action["res_model"]]
            .with_user(self.clerk)
            .with_context(**action["context"])
            .create(
                {
                    "fund_id": (fund or self.other_fund).id,
                    "reason": "The donor wrote",
                    "evidence": "bGV0dGVy",
                }
            )
        )
        wizard.action_ask()
        return donation.transfer_ids

    def test_donor_names_another_purpose_and_a_second_person_approves(self):
        self.fund.kind = "restricted"
        donation = self._donate(100)
        transfer = self._redesignate(donation)
        self.assertEqual((transfer.state, transfer.amount), ("draft", 100))
        with self.assertRefused("already"):
            donation.with_user(self.clerk).action_redesignate()
        transfer.with_user(self.releaser).action_approve()
        self.assertFund(0, 0)
        self.assertFund(100, 0, self.other_fund)

    def test_purpose_is_not_changed_late(self):
        donation = self._donate(100)
        self.company.beneficiary_redesignation_days = 3
        with freeze_time(fields.Datetime.now() + timedelta(days=4)):
            with self.assertRefused("3 days"):
                donation.with_user(self.clerk).action_redesignate()

    def test_spent_money_keeps_its_purpose(self):
        donation = self._donate(100)
        self._approve(60)
        transfer = self._redesignate(donation)
        with self.assertRefused("free"):
            transfer.with_user(self.releaser).action_approve()

    # === Papers === #

    def test_receipt_comes_with_a_copy_and_names_no_beneficiary(self):
        donation = self._donate(100, is_anonymous=True)
        pages = [str(page) for page in donation.with_user(self.clerk)._receipt_html()]
        self.assertEqual(len(pages), 2)
        for page in pages:
            self.assertIn(donation.name, page)
            self.assertNotIn(self.beneficiary.name, page)
        self.assertIn(donation.name, str(donation.with_user(self.clerk)._thanks_html()))

    def test_receipt_says_amount_in_words_purpose_and_is_signed(self):
        values = {"purpose": "Winter clothes", "cheque_number": "000123"}
        donation = self._donate(100.5, channel="cheque", **values)
        [page, _copy] = donation.with_user(self.clerk)._receipt_html()
        words = donation.currency_id.amount_to_text(100.5)
        for text in (words, *values.values(), "Received by", "Stamp"):
            self.assertIn(text, page)
        donation.action_cancel()
        [page] = donation.with_user(self.clerk)._receipt_html()
        self.assertNotIn("Stamp", page, "nobody signs what is not valid")

    def test_statement_adds_up_what_was_posted(self):
        first = self._donate(100)
        self._donate(50).action_cancel()
        statement = (
            self.env["beneficiary.donor.statement"]
            .with_user(self.clerk)
            .create({"donor_id": self.donor.id, "company_id": self.company.id})
        )
        html = str(statement._statement_html())
        self.assertIn(first.name, html)
        self.assertEqual(statement._donations(), first)
        self.assertEqual(statement.action_print()["type"], "ir.actions.report")
        statement.date_to = self.today - timedelta(days=1)
        statement.date_from = self.today - timedelta(days=9)
        with self.assertRaises(UserError):
            statement.action_print()

    def test_other_company_sees_nothing(self):
        self._batch([1])
        other = self._create_association("Other")
        stranger = self._create_finance_user(
            "donation_stranger", "beneficiary_aid.group_finance_clerk", other
        )
        env = self.env(user=stranger, context={"allowed_company_ids": other.ids})
        for model in ("beneficiary.campaign", "beneficiary.donation.batch"):
            with self.subTest(model=model):
                self.assertFalse(env[model].search([]))
