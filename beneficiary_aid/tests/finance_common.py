from odoo import Command, fields
from odoo.exceptions import UserError
from odoo.tests import Form, new_test_user

from odoo.addons.beneficiary_relations.tests.common import BeneficiaryCommon


class FinanceCommon(BeneficiaryCommon):
    """An association with accounts, two funds and the roles of money.

    Requests are approved directly: how a committee decides is tested elsewhere. Users:
    ``clerk``, ``releaser``, ``accountant`` (Odoo's, no role of ours), ``aid_manager``,
    ``voter`` (a releaser who sits on the committee).
    """

    FINANCE_ROLES = {
        "clerk": "beneficiary_aid.group_finance_clerk",
        "releaser": "beneficiary_aid.group_finance_releaser",
        "voter": "beneficiary_aid.group_finance_releaser,"
        "beneficiary_aid.group_committee_member",
        "accountant": "account.group_account_user",
        "aid_manager": "beneficiary_aid.group_aid_manager",
    }

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company._beneficiary_setup_accounting()
        for name, groups in cls.FINANCE_ROLES.items():
            setattr(cls, name, cls._create_finance_user(name, groups))
        cls.bank = cls._create_bank(cls.company)
        cls.aid_type = cls._create_aid_type(name="Treatment", code="treatment")
        cls.fund = cls._create_fund(name="Treatment", code="TREAT")
        cls.other_fund = cls._create_fund(name="Housing", code="HOUSE")
        cls.donor = cls.env["res.partner"].create({"name": "A Generous Donor"})

    # === Set-up === #

    @classmethod
    def _create_finance_user(cls, name, groups, company=None):
        company = company or cls.company
        return new_test_user(
            cls.env,
            f"ba_{name}",
            groups=groups,
            company_id=company.id,
            company_ids=[Command.set(company.ids)],
        )

    @classmethod
    def _create_bank(cls, company):
        bank = cls.env["account.journal"].create(
            {
                "name": "Association Bank",
                "code": "ABNK",
                "type": "bank",
                "company_id": company.id,
            }
        )
        company._beneficiary_setup_accounting()
        return bank

    @classmethod
    def _create_aid_type(cls, **values):
        return cls.env["beneficiary.aid.type"].create(
            {"company_id": cls.company.id, **values}
        )

    @classmethod
    def _create_fund(cls, **values):
        return cls.env["beneficiary.fund"].create(
            {"company_id": cls.company.id, **values}
        )

    @classmethod
    def _get_stage(cls, status):
        stages = cls.env["beneficiary.aid.stage"]
        values = {"company_id": cls.company.id, "status": status}
        return stages.search(
            [("company_id", "=", cls.company.id), ("status", "=", status)], limit=1
        ) or stages.create({"name": status, **values})

    @classmethod
    def _create_request(cls, status="decision", **values):
        return cls.env["beneficiary.aid.request"].create(
            {
                "company_id": cls.company.id,
                "beneficiary_id": cls.beneficiary.id,
                "aid_type_id": cls.aid_type.id,
                "stage_id": cls._get_stage(status).id,
                **values,
            }
        )

    @classmethod
    def _approve(cls, amount, fund=None, request=None):
        """A request with a decision, its amount promised by the fund."""
        request = request or cls._create_request()
        cls._get_stage("approved")
        request._apply_decision(cls._decide(request, amount, fund or cls.fund))
        return request

    @classmethod
    def _decide(cls, request, amount, fund):
        """A decision as the closing of a vote stores it."""
        previous = request.decision_id
        item = previous.item_id or cls._create_item(request)
        return cls.env["beneficiary.decision"]._record(
            {
                "company_id": request.company_id.id,
                "request_id": request.id,
                "item_id": item.id,
                "round": previous.round + 1,
                "committee_id": item.committee_id.id,
                "kind": "appeal" if previous else "first",
                "replaces_id": previous.kind == "appeal" and previous.id,
                "outcome": "approve",
                "passed": True,
                "amount": amount,
                "fund_id": fund.id,
                "public_text": "Your request was approved.",
            }
        )

    @classmethod
    def _create_item(cls, request):
        """A place on the agenda of a committee that only exists for it."""
        committee = cls.env["beneficiary.committee"].create(
            {"name": "Committee", "company_id": request.company_id.id}
        )
        meeting = cls.env["beneficiary.meeting"].create({"committee_id": committee.id})
        return cls.env["beneficiary.agenda.item"].create(
            {"meeting_id": meeting.id, "request_id": request.id, "state": "decided"}
        )

    @classmethod
    def _set_stage(cls, request, status):
        request.write({"stage_id": cls._get_stage(status).id, "outcome": "served"})

    # === Steps === #

    @classmethod
    def _donate(cls, amount, fund=None, **values):
        """A posted donation, entered by the clerk."""
        donation = (
            cls.env["beneficiary.donation"]
            .with_user(cls.clerk)
            .create(
                {
                    "donor_id": cls.donor.id,
                    "amount": amount,
                    "fund_id": (fund or cls.fund).id,
                    "journal_id": cls.bank.id,
                    "company_id": cls.company.id,
                    **values,
                }
            )
        )
        donation.action_post()
        return donation

    @classmethod
    def _disburse(cls, request, amount=None, post=True, **values):
        """A disbursement prepared by the clerk."""
        if amount is not None:
            values["amount"] = amount
        disbursement = (
            cls.env["beneficiary.disbursement"]
            .with_user(cls.clerk)
            .create({"request_id": request.id, **values})
        )
        if post:
            disbursement.action_post()
        return disbursement

    @classmethod
    def _release(cls, disbursement, user=None):
        """Pay as a releaser does, through Odoo's payment screen."""
        user = user or cls.releaser
        action = disbursement.with_user(user).action_register_payment()
        wizard = (
            cls.env["account.payment.register"]
            .with_user(user)
            .with_context(**action["context"])
        )
        with Form(wizard) as form:
            form.journal_id = cls.bank.with_user(user)
        return form.save()._create_payments()

    @classmethod
    def _bank_line(cls, amount, ref="bank"):
        """A line of a bank statement."""
        return cls.env["account.bank.statement.line"].create(
            {
                "journal_id": cls.bank.id,
                "date": fields.Date.today(),
                "payment_ref": ref,
                "amount": amount,
            }
        )

    @classmethod
    def _match(cls, bank_line, outstanding_line):
        """Reconcile a bank line with an item, as a reconciliation screen does."""
        _liquidity, suspense, _others = bank_line._seek_for_lines()
        suspense.account_id = outstanding_line.account_id
        (suspense + outstanding_line).reconcile()

    @classmethod
    def _entry(cls, fund_by_account, post=True, user=None, **values):
        """A manual entry of an accountant.

        :param fund_by_account: list of (account, debit, credit, fund or False)
        """
        entry = (
            cls.env["account.move"]
            .with_user(user or cls.accountant)
            .create(
                {
                    "move_type": "entry",
                    "journal_id": cls.company.beneficiary_aid_journal_id.id,
                    "line_ids": [
                        Command.create(
                            {
                                "account_id": account.id,
                                "debit": debit,
                                "credit": credit,
                                "analytic_distribution": fund
                                and {str(fund.analytic_account_id.id): 100},
                            }
                        )
                        for account, debit, credit, fund in fund_by_account
                    ],
                    **values,
                }
            )
        )
        if post:
            entry.action_post()
        return entry

    @classmethod
    def _take(cls, amount, fund=None, **values):
        """An accountant books an expense on a fund."""
        expense = cls.company.beneficiary_aid_account_id
        income = cls.company.beneficiary_donation_account_id
        return cls._entry(
            [(expense, amount, 0, fund or cls.fund), (income, 0, amount, False)],
            **values,
        )

    def _vote(self, request, user):
        """A vote that was given, whatever it was."""
        item = request.agenda_item_ids
        member = self.env["beneficiary.committee.member"].create(
            {"committee_id": item.committee_id.id, "user_id": user.id}
        )
        # How one votes is tested elsewhere; that he did is what counts here.
        self.env.cr.execute(
            "INSERT INTO beneficiary_vote"
            " (item_id, company_id, round, version, member_id, value)"
            " VALUES (%s, %s, 1, 1, %s, 'yes')",
            [item.id, self.company.id, member.id],
        )

    # === Assertions === #

    def assertFund(self, balance, committed, fund=None, overdrawn=False):
        """The fund, its counter and the ledger agree on these figures."""
        fund = (fund or self.fund).with_env(self.env)
        self.env.flush_all()
        fund.invalidate_recordset()
        counter = fund.counter_ids
        counter.invalidate_recordset()
        figures = (fund.balance, counter.balance, fund.committed, fund.overdrawn)
        self.assertEqual(figures, (balance, balance, committed, overdrawn))
        self.assertEqual(fund.free, balance - committed)
        self.assertFalse(fund._recount(), "the counter differs from the ledger")

    def assertState(self, disbursement, state):
        """The disbursement and its request show what the ledger says."""
        self.env.flush_all()
        disbursement.invalidate_recordset()
        self.assertEqual(disbursement.state, state)

    def assertRefused(self, *words):
        """The block raises a ``UserError`` that says these words; rolled back."""
        return _Refused(self, words)


class _Refused:
    """``assertRaisesRegex`` opens no savepoint, ``assertRaises`` tells no words."""

    def __init__(self, case, words):
        self.case, self.words = case, words
        self.raises = case.assertRaises(UserError)

    def __enter__(self):
        self.caught = self.raises.__enter__()

    def __exit__(self, *exception):
        done = self.raises.__exit__(*exception)
        for word in self.words:
            self.case.assertIn(word, str(self.caught.exception))
        return done
