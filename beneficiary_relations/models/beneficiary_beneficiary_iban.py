from odoo import api, fields, models
from odoo.exceptions import UserError

from ..tools.touch import touch


class BeneficiaryBeneficiary(models.Model):
    """The first IBAN is free; another one goes through a change with proof."""

    _inherit = "beneficiary.beneficiary"

    iban_change_ids = fields.One2many(
        comodel_name="beneficiary.iban.change",
        inverse_name="beneficiary_id",
        string="Changes of the IBAN",
        groups="base.group_user",
    )
    has_iban = fields.Boolean(compute="_compute_has_iban")
    is_payment_held = fields.Boolean(
        string="Payments Held",
        compute="_compute_is_payment_held",
        help="A change of the IBAN waits for a second person.",
    )

    # ------------------------------------------------------------------
    # Computes
    # ------------------------------------------------------------------

    @api.depends("partner_id")
    def _compute_has_iban(self):
        """Tell what is stored, whatever is typed on the form just now."""
        ibans = self._origin._current_ibans()
        for file in self:
            file.has_iban = bool(ibans.get(file._origin))

    @api.depends("iban_change_ids.state")
    def _compute_is_payment_held(self):
        held = self._origin._with_held_payment()
        for file in self:
            file.is_payment_held = file._origin in held

    def _inverse_iban(self):
        """Store a first IBAN; refuse to exchange one, by any route.

        :raise UserError: naming the file and the way to change its IBAN
        """
        current = self._current_ibans()
        for file in self:
            iban = file._clean_iban(file.iban)
            if iban and current.get(file) not in (None, iban):
                raise UserError(
                    self.env._(
                        "The file %(name)s has an IBAN. Another one needs the bank's "
                        "paper and a second person: use the button Change IBAN.",
                        name=file.display_name,
                    )
                )
        first = self.filtered(lambda file: file not in current)
        return super(BeneficiaryBeneficiary, first)._inverse_iban()

    # ------------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------------

    def action_change_iban(self):
        """Open the screen that asks for another IBAN."""
        self.ensure_one()
        self.check_access("write")
        self._require_group("group_relations_officer", "group_branch_representative")
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Change IBAN"),
            "res_model": "beneficiary.iban.change",
            "view_mode": "form",
            "target": "new",
            "context": {"default_beneficiary_id": self.id},
        }

    # ------------------------------------------------------------------
    # Business
    # ------------------------------------------------------------------

    def _payment_held(self):
        """Tell whether the next payment to this person must wait.

        :return: ``True`` while a change of the IBAN waits for a second person
        """
        self.ensure_one()
        return bool(self._with_held_payment())

    def _with_held_payment(self):
        """Return those of the files whose payments are held, in one query."""
        # Whether to wait is asked by whoever pays; nothing of the change is told.
        changes_sudo = (
            self.env["beneficiary.iban.change"]
            .sudo()
            .search([("beneficiary_id", "in", self.ids), ("state", "=", "asked")])
        )
        held = set(changes_sudo.beneficiary_id.ids)
        return self.filtered(lambda file: file.id in held)

    @api.model
    def _payees_held(self, partners):
        """Return those of some contacts to whom no payment may go now, in one query.

        :param partners: ``res.partner``; a payee without a file is never held
        """
        # As above: only whether to wait is told, to whoever pays.
        changes_sudo = (
            self.env["beneficiary.iban.change"]
            .sudo()
            .search(
                [
                    ("state", "=", "asked"),
                    ("beneficiary_id.partner_id", "in", partners.ids),
                ]
            )
        )
        held = set(changes_sudo.beneficiary_id.partner_id.ids)
        return partners.filtered(lambda partner: partner.id in held)

    @api.model
    def _touch_payees(self, partners):
        """Write the files of contacts, so that paying and changing an account of one
        person at the same time fails in one session, which Odoo then runs again."""
        # Every file of the contact, whoever may read it and also an archived one.
        files = self.sudo().with_context(active_test=False)
        touch(files.search([("partner_id", "in", partners.ids)]))

    def _current_ibans(self):
        """Return the IBAN of each file that has one, in one query."""
        # Accounting may keep the rights on bank accounts to itself.
        accounts_sudo = (
            self.env["res.partner.bank"]
            .sudo()
            .search([("partner_id", "in", self.partner_id.ids)], order="sequence, id")
        )
        by_partner = {}
        for account in accounts_sudo:
            if account.acc_type == "iban":
                by_partner.setdefault(
                    account.partner_id.id, account.sanitized_acc_number
                )
        return {
            file: by_partner[file.partner_id.id]
            for file in self
            if file.partner_id.id in by_partner
        }

    def _put_iban_first(self, iban):
        """Put a confirmed IBAN before the other accounts of the contact.

        :param str iban: as ``_clean_iban`` returns it
        """
        self.ensure_one()
        accounts = self.partner_id.with_context(active_test=False).bank_ids
        chosen = accounts.filtered(lambda one: one.sanitized_acc_number == iban)
        (accounts - chosen).filtered(lambda one: one.sequence < 10).sequence = 10
        if chosen:
            chosen.write({"sequence": 0, "active": True})
        else:
            accounts.create(
                {
                    "acc_number": iban,
                    "partner_id": self.partner_id.id,
                    "company_id": self.company_id.id,
                    "sequence": 0,
                }
            )
        self.invalidate_recordset(["iban", "has_iban"])
