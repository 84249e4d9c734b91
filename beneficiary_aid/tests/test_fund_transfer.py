from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import new_test_user, tagged

from .finance_common import FinanceCommon


@tagged("post_install", "-at_install")
class TestFundTransfer(FinanceCommon):
    def _transfer(self, amount, source=None, target=None, **values):
        """A transfer entered by the clerk."""
        return (
            self.env["beneficiary.fund.transfer"]
            .with_user(self.clerk)
            .create(
                {
                    "from_fund_id": (source or self.fund).id,
                    "to_fund_id": (target or self.other_fund).id,
                    "amount": amount,
                    "reason": "More families ask for rent",
                    "company_id": self.company.id,
                    **values,
                }
            )
        )

    def test_transfer_moves_money_when_another_person_approves(self):
        self._donate(100)
        transfer = self._transfer(40)
        self.assertEqual(transfer.state, "draft")
        self.assertTrue(transfer.name)
        self.assertFund(100, 0)
        transfer.with_user(self.releaser).action_approve()
        self.assertEqual(transfer.state, "posted")
        self.assertEqual(transfer.approved_by_id, self.releaser)
        self.assertFund(60, 0)
        self.assertFund(40, 0, self.other_fund)
        balance = sum(transfer.sudo().move_id.line_ids.mapped("balance"))
        self.assertEqual(balance, 0)

    def test_second_click_is_refused(self):
        self._donate(100)
        transfer = self._transfer(40)
        transfer.with_user(self.releaser).action_approve()
        with self.assertRefused("Posted"):
            transfer.with_user(self.releaser).action_approve()
        self.assertFund(60, 0)

    def test_own_transfer_is_not_approved(self):
        self._donate(100)
        self.clerk.write(
            {
                "group_ids": [
                    Command.link(
                        self.env.ref("beneficiary_aid.group_finance_releaser").id
                    )
                ]
            }
        )
        with self.assertRefused("entered by you"):
            self._transfer(40).action_approve()
        self.assertFund(100, 0)

    def test_clerk_and_auditor_do_not_approve(self):
        self._donate(100)
        transfer = self._transfer(40)
        auditor = new_test_user(
            self.env,
            "ba_transfer_auditor",
            groups="beneficiary_relations.group_auditor",
            company_id=self.company.id,
            company_ids=[Command.set(self.company.ids)],
        )
        for user in (self.clerk, auditor):
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                transfer.with_user(user).action_approve()
        with self.assertRaises(AccessError):
            transfer.with_user(auditor).write({"reason": "x"})
        self.assertEqual(transfer.with_user(auditor).amount, 40)

    def test_only_free_money_passes(self):
        self._donate(100)
        self._approve(80)
        with self.assertRefused("free"):
            self._transfer(21).with_user(self.releaser).action_approve()
        self.assertFund(100, 80)
        self._transfer(20).with_user(self.releaser).action_approve()
        self.assertFund(80, 80)

    def test_money_with_a_condition_needs_evidence(self):
        self._donate(100)
        self.fund.kind = "restricted"
        transfer = self._transfer(40)
        self.assertTrue(transfer.needs_evidence)
        with self.assertRefused("condition"):
            transfer.with_user(self.releaser).action_approve()
        transfer.write({"evidence": "Y29uc2VudA==", "evidence_name": "consent.txt"})
        transfer.with_user(self.releaser).action_approve()
        self.assertFund(60, 0)

    def test_zakat_and_capital_do_not_mix(self):
        zakat = self._create_fund(name="Zakat", code="ZAKAT", kind="zakat")
        waqf = self._create_fund(name="Waqf", code="WAQF", kind="endowment")
        for source, target, word in (
            (zakat, self.fund, "zakat"),
            (self.fund, zakat, "zakat"),
            (waqf, self.fund, "capital"),
        ):
            with (
                self.subTest(source=source.name, target=target.name),
                self.assertRaisesRegex(ValidationError, word),
                self.env.cr.savepoint(),
            ):
                self._transfer(1, source, target)

    def test_reversal_takes_the_money_back(self):
        self._donate(100)
        transfer = self._transfer(40)
        transfer.with_user(self.releaser).action_approve()
        transfer.with_user(self.releaser).action_reverse()
        self.assertEqual(transfer.state, "reversed")
        self.assertFund(100, 0)
        self.assertFund(0, 0, self.other_fund)
        with self.assertRaises(UserError):
            transfer.with_user(self.releaser).action_reverse()

    def test_reversal_of_spent_money_is_refused(self):
        self._donate(100)
        transfer = self._transfer(40)
        transfer.with_user(self.releaser).action_approve()
        self._approve(30, self.other_fund)
        with self.assertRefused("free"):
            transfer.with_user(self.releaser).action_reverse()
        self.assertFund(40, 30, self.other_fund)

    def test_posted_transfer_is_frozen_and_its_entry_kept(self):
        self._donate(100)
        transfer = self._transfer(40)
        transfer.with_user(self.releaser).action_approve()
        with self.assertRaises(UserError):
            transfer.amount = 50
        with self.assertRaises(UserError):
            transfer.unlink()
        with self.assertRaises(UserError):
            transfer.with_user(self.clerk).write({"state": "draft"})
        with self.assertRefused("Reverse"):
            transfer.sudo().move_id.with_user(self.accountant).button_draft()

    def test_other_company_does_not_see_it(self):
        transfer = self._transfer(40)
        other = self._create_association("Other")
        stranger = self._create_finance_user(
            "transfer_stranger", "beneficiary_aid.group_finance_clerk", other
        )
        env = self.env(user=stranger, context={"allowed_company_ids": other.ids})
        transfers = env["beneficiary.fund.transfer"]
        self.assertFalse(transfers.search([]))
        with self.assertRaises(AccessError):
            transfers.browse(transfer.id).amount  # noqa: B018
