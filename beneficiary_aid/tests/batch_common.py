from odoo import fields

from .finance_common import FinanceCommon


def citizen(number):
    """A national number with a right check digit."""
    digits = f"1{number:08d}"
    doubled = (2 * int(digit) for digit in digits[::2])
    total = sum(value - 9 if value > 9 else value for value in doubled)
    total += sum(int(digit) for digit in digits[1::2])
    return f"{digits}{-total % 10}"


def iban(number):
    """A valid Saudi IBAN for a number."""
    account = f"80000{number:015d}"
    # SA is 2810 in the arithmetic of ISO 13616.
    check = 98 - int(f"{account}281000") % 97
    return f"SA{check:02d}{account}"


class BatchCommon(FinanceCommon):
    """Several families with a bank account, and two people who release.

    Users beside those of :class:`FinanceCommon`: ``second`` (a releaser).
    """

    FINANCE_ROLES = FinanceCommon.FINANCE_ROLES | {
        "second": "beneficiary_aid.group_finance_releaser",
    }

    @classmethod
    def _create_due(cls, count, amount=100.0, post=False, fund=None):
        """Disbursements of as many families, their amounts promised by the fund."""
        known = cls.env["beneficiary.beneficiary"].search_count([])
        files = cls.env["beneficiary.beneficiary"].create(
            [
                {
                    "name": f"Family {number}",
                    "company_id": cls.company.id,
                    "identity_kind": "citizen",
                    "identity_number": citizen(1000 + number),
                }
                for number in range(known, known + count)
            ]
        )
        cls._give_accounts(files)
        stage = cls._get_stage("approved")
        requests = cls.env["beneficiary.aid.request"].create(
            [
                {
                    "company_id": cls.company.id,
                    "beneficiary_id": file.id,
                    "aid_type_id": cls.aid_type.id,
                    "stage_id": cls._get_stage("decision").id,
                }
                for file in files
            ]
        )
        for request in requests:
            request._apply_decision(cls._decide(request, amount, fund or cls.fund))
        assert requests.stage_id == stage
        disbursements = (
            cls.env["beneficiary.disbursement"]
            .with_user(cls.clerk)
            .create([{"request_id": request.id} for request in requests])
        )
        if post:
            disbursements.action_post()
        return disbursements

    @classmethod
    def _give_accounts(cls, files):
        start = cls.env["res.partner.bank"].search_count([])
        cls.env["res.partner.bank"].create(
            [
                {
                    "partner_id": file.partner_id.id,
                    "acc_number": iban(start * 1000 + number + 1),
                }
                for number, file in enumerate(files)
            ]
        )

    # === Steps === #

    @classmethod
    def _gather(cls, disbursements=None, user=None, **values):
        """A batch in draft, made by the clerk."""
        batch = (
            cls.env["beneficiary.disbursement.batch"]
            .with_user(user or cls.clerk)
            .create({"company_id": cls.company.id, "journal_id": cls.bank.id, **values})
        )
        if disbursements is None:
            batch.action_gather()
        else:
            batch._add(disbursements)
        return batch

    @classmethod
    def _prepare(cls, disbursements=None, **values):
        batch = cls._gather(disbursements, **values)
        batch.action_prepare()
        return batch

    @classmethod
    def _sign(cls, batch):
        """Both signatures; the second one pays."""
        batch.with_user(cls.releaser).action_release()
        batch.with_user(cls.second).action_release()
        return batch

    @classmethod
    def _pay(cls, disbursements=None, **values):
        """A batch that is paid."""
        return cls._sign(cls._prepare(disbursements, **values))

    @classmethod
    def _on_bank(cls, batch, items=None, amount=None):
        """A bank line over the items of a batch, matched with them."""
        items = items or batch.move_line_id
        amount = sum(items.mapped("balance")) if amount is None else amount
        line = cls.env["account.bank.statement.line"].create(
            {
                "journal_id": cls.bank.id,
                "date": fields.Date.today(),
                "payment_ref": f"Transfer {batch.name}",
                "amount": amount,
            }
        )
        cls._match(line, items)
        return line
