import re
from itertools import chain

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools.safe_eval import safe_eval

# How our numbers look in what a bank prints: banks drop the strokes, or put spaces.
_NUMBER = re.compile(r"([A-Za-z]{2,6})[\s/_.-]*((?:19|20)\d{2})[\s/_.-]*(\d{3,})")
# The screen of OCA, when it is installed.
_RECONCILE_SCREEN = "account_reconcile_oca.action_bank_statement_line_reconcile_all"


class AccountBankStatementLine(models.Model):
    """Bank lines and what of ours they prove, found by our reference."""

    _inherit = "account.bank.statement.line"

    beneficiary_reference = fields.Char(
        string="Our Reference",
        compute="_compute_beneficiary_match",
        compute_sudo=True,
        help="The number of a batch, a disbursement or a receipt in the words of the "
        "bank, or the number of the transfer that a receipt notes.",
    )
    beneficiary_match = fields.Selection(
        selection=[
            ("exact", "Fits"),
            ("less", "Bank Shows Less"),
            ("more", "Bank Shows More"),
        ],
        string="Suggestion",
        compute="_compute_beneficiary_match",
        compute_sudo=True,
    )
    beneficiary_open_amount = fields.Monetary(
        string="Open Amount",
        compute="_compute_beneficiary_match",
        compute_sudo=True,
        currency_field="currency_id",
        help="What waits for the bank under this reference.",
    )

    # === Compute === #

    @api.depends("payment_ref", "amount", "is_reconciled")
    def _compute_beneficiary_match(self):
        suggestions = self._get_beneficiary_suggestions()
        for line in self:
            name, items = suggestions.get(line, (False, None))
            line.beneficiary_reference = name
            line.beneficiary_match = False
            line.beneficiary_open_amount = 0.0
            if not name:
                continue
            wanted = sum(items.mapped("amount_residual"))
            line.beneficiary_open_amount = wanted
            difference = line.currency_id.compare_amounts(abs(line.amount), abs(wanted))
            same_side = line.amount * wanted > 0
            line.beneficiary_match = (
                ("exact", "more", "less")[difference] if same_side else False
            )

    # === Actions === #

    def action_beneficiary_match(self):
        """Match bank lines with what they prove by our reference.

        :raise AccessError: when the user is no accountant
        :raise UserError: naming the first line whose amount does not fit; nothing is
            matched then
        """
        self.check_access("write")
        self.env["beneficiary.beneficiary"]._require_group("account.group_account_user")
        suggestions = self._get_beneficiary_suggestions()
        for line in self:
            if line.beneficiary_match != "exact":
                raise UserError(line._get_beneficiary_refusal())
        self._beneficiary_match(
            {line: items for line, (_name, items) in suggestions.items()}
        )

    def action_beneficiary_open_reconcile(self):
        """Open OCA's reconciliation screen on the line, when it is installed."""
        self.ensure_one()
        self.check_access("read")
        if not self.env.ref(_RECONCILE_SCREEN, raise_if_not_found=False):
            raise UserError(
                self.env._(
                    "The reconciliation screen is not installed. Install the addon "
                    "account_reconcile_oca, or match the line by our reference."
                )
            )
        action = self.env["ir.actions.actions"]._for_xml_id(_RECONCILE_SCREEN)
        action["domain"] = [("id", "=", self.id)]
        # Its context names the form in which lines are matched.
        action["context"] = safe_eval(
            action["context"], {"active_id": self.journal_id.id}
        )
        return action

    # === Suggestions === #

    def _get_beneficiary_numbers(self):
        """Our numbers in the words of the bank, as we write them."""
        words = " ".join(
            filter(None, (self.payment_ref, self.ref, self.transaction_type))
        )
        return ["/".join(found).upper() for found in _NUMBER.findall(words.upper())]

    def _get_beneficiary_suggestions(self):
        """What the open lines may prove.

        A fixed number of queries for any number of lines.

        :return: ``{line: (our number, open items)}``
        """
        numbers = {
            line: line._get_beneficiary_numbers()
            for line in self
            if not line.is_reconciled
        }
        names = {name for found in numbers.values() for name in found}
        items = self._get_beneficiary_items(names) if names else {}
        suggestions = {}
        for line, found in numbers.items():
            for name in found:
                fitting = items.get((line.company_id, name))
                if fitting:
                    suggestions[line] = (name, line._choose_beneficiary_items(fitting))
                    break
        others = self.browse(line.id for line in numbers if line not in suggestions)
        return suggestions | others._get_beneficiary_by_donor_reference()

    def _get_beneficiary_by_donor_reference(self):
        """What came in under the number of a transfer, a cheque or a platform that is
        noted on receipts.

        :return: as :meth:`_get_beneficiary_suggestions`
        """
        words = {
            line: (line.payment_ref or "").split() for line in self if line.amount > 0
        }
        # As above: what waits is the same for every accountant.
        donations_sudo = (
            self.env["beneficiary.donation"]
            .sudo()
            .search(
                [
                    ("reference", "in", list({*chain.from_iterable(words.values())})),
                    ("company_id", "in", self.company_id.ids),
                    ("state", "=", "posted"),
                    ("is_matched", "=", False),
                ]
            )
        )
        waiting = donations_sudo.grouped(
            lambda one: (one.company_id, one.journal_id, one.reference)
        )
        suggestions = {}
        for line, some in words.items():
            for word in some:
                donations = waiting.get((line.company_id, line.journal_id, word))
                if donations:
                    items = donations.move_line_id.filtered(
                        lambda item: (
                            not item.reconciled and item.parent_state == "posted"
                        )
                    )
                    if items:
                        fitting = line._choose_beneficiary_items(items)
                        suggestions[line] = (word, fitting)
                        break
        return suggestions

    def _get_beneficiary_items(self, names):
        """Items that wait for the bank under our numbers.

        :return: ``{(company, number): account.move.line}``
        """
        # What waits is the same for every accountant; who may match is checked.
        env = self.sudo().env
        domain = [
            ("name", "in", list(names)),
            ("company_id", "in", self.company_id.ids),
        ]
        items = {}
        for batch in env["beneficiary.disbursement.batch"].search(domain):
            items[batch.company_id, batch.name] = batch._get_items_for_bank()
        disbursements = env["beneficiary.disbursement"].search(domain)
        # Read for all at once, and not payee by payee.
        disbursements.attempt_ids.bank_item_id.mapped("reconciled")
        for one in disbursements:
            items[one.company_id, one.name] = one._get_items_for_bank()
        for donation in env["beneficiary.donation"].search(domain):
            items[donation.company_id, donation.name] = donation.move_line_id.filtered(
                lambda item: not item.reconciled and item.parent_state == "posted"
            )
        return items

    def _choose_beneficiary_items(self, items):
        """All the items together, or the ones the amount of the line fits."""
        currency = self.currency_id

        def fits(some):
            return not currency.compare_amounts(
                sum(some.mapped("amount_residual")), self.amount
            )

        sent = items.filtered(lambda item: item.amount_residual < 0)
        for some in (items, sent, items - sent, *items):
            if some and fits(some):
                return some
        # Nothing fits: what lies on the side of the line is compared.
        return (sent if self.amount < 0 else items - sent) or items

    def _get_beneficiary_refusal(self):
        """Why the line cannot be matched, with both amounts."""
        values = {"label": self.payment_ref or self.display_name}
        if self.is_reconciled:
            return self.env._("%(label)s is matched already.", **values)
        if not self.beneficiary_match:
            return self.env._(
                "%(label)s: no open payment or receipt of ours has a number in its "
                "words. Match it in the reconciliation screen.",
                **values,
            )
        return self.env._(
            "%(label)s: the bank shows %(amount)s, and %(open)s is open under "
            "%(number)s. Take the answer of the bank first, or match it in the "
            "reconciliation screen.",
            amount=self.currency_id.format(self.amount),
            open=self.currency_id.format(self.beneficiary_open_amount),
            number=self.beneficiary_reference,
            **values,
        )

    def _beneficiary_match(self, items_by_line):
        """Match bank lines with items in one plan.

        :param dict items_by_line: ``{line: account.move.line}``
        """
        items_model = self.env["account.move.line"]
        plan, by_account = [], {}
        for line, items in items_by_line.items():
            _liquidity, suspense, _others = line._seek_for_lines()
            account = items.account_id
            by_account[account] = by_account.get(account, items_model) | suspense
            plan.append(suspense | items)
        for account, suspense in by_account.items():
            # The lines of the bank are read again from their items below.
            suspense.with_context(
                skip_account_move_synchronization=True
            ).account_id = account
        items_model._reconcile_plan(plan)
