from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

MANAGER = "beneficiary_relations.group_manager"


class BeneficiaryApprovedMixin(models.AbstractModel):
    """What a manager allows to a colleague for a while, never to himself.

    Proposed, then approved or refused by somebody else, and ended before its time or
    by its time. What was decided stays as it is. A model says whom it serves
    (:meth:`_served`) and in which words it refuses.
    """

    _name = "beneficiary.approved.mixin"
    _description = "Approved for a While"
    _inherit = ["mail.thread"]
    _check_company_auto = True

    _never_typed = frozenset({"state", "approved_by_id", "approved_on", "use_ids"})

    company_id = fields.Many2one(
        comodel_name="res.company",
        required=True,
        index=True,
        default=lambda self: self.env.company,
        ondelete="restrict",
    )
    user_id = fields.Many2one(
        comodel_name="res.users",
        required=True,
        index=True,
        ondelete="restrict",
        tracking=True,
        domain="[('share', '=', False), ('company_ids', 'in', company_id)]",
    )
    date_from = fields.Date(
        string="From", required=True, default=fields.Date.context_today, tracking=True
    )
    date_to = fields.Date(string="Until", required=True, tracking=True)
    state = fields.Selection(
        selection=[
            ("draft", "Proposed"),
            ("approved", "Approved"),
            ("refused", "Refused"),
            ("ended", "Ended"),
        ],
        required=True,
        default="draft",
        readonly=True,
        copy=False,
        index=True,
        tracking=True,
    )
    approved_by_id = fields.Many2one(
        comodel_name="res.users", readonly=True, copy=False, ondelete="restrict"
    )
    approved_on = fields.Datetime(readonly=True, copy=False)

    # ------------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            self._check_typed(vals)
        return super().create(vals_list)

    def write(self, vals):
        self._check_typed(vals)
        if not self.env.su:
            self._check_draft()
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_only_drafts(self):
        self._check_draft()

    @api.model
    def _check_typed(self, vals):
        if self._never_typed & vals.keys() and not self.env.su:
            raise AccessError(self._typed_words())

    def _check_draft(self):
        for record in self:
            if record.state != "draft":
                raise UserError(record._decided_words())

    # ------------------------------------------------------------------
    # Buttons
    # ------------------------------------------------------------------

    def action_approve(self):
        """Approve for somebody else.

        :raise UserError: for oneself, or decided already
        """
        self._check_may_decide()
        self._check_draft()
        # The approval is not typed in; role and person were checked.
        approved = self.sudo()
        approved.write(
            {
                "state": "approved",
                "approved_by_id": self.env.uid,
                "approved_on": fields.Datetime.now(),
            }
        )
        approved._on_approval()

    def action_refuse(self):
        """Refuse what was proposed.

        :raise UserError: for oneself, or decided already
        """
        self._check_may_decide()
        self._check_draft()
        # See action_approve.
        self.sudo().state = "refused"

    def action_end(self):
        """End before the time."""
        self.check_access("write")
        self.env["beneficiary.beneficiary"]._require_group(MANAGER)
        # See action_approve.
        self.sudo().filtered(lambda one: one.state in ("approved", "live"))._end()

    def _check_may_decide(self):
        self.check_access("write")
        self.env["beneficiary.beneficiary"]._require_group(MANAGER)
        if self.env.user in self._served():
            raise UserError(self._own_words())

    # ------------------------------------------------------------------
    # What a model says
    # ------------------------------------------------------------------

    def _served(self):
        """Return the users who get what is approved: they do not decide on it."""
        raise NotImplementedError

    def _on_approval(self):
        """Begin what was approved, as superuser."""

    def _end(self):
        """End what runs, as superuser."""
        self.write({"state": "ended"})

    @api.model
    def _typed_words(self):
        """Return what is said to somebody who types the approval in."""
        raise NotImplementedError

    @api.model
    def _own_words(self):
        """Return what is said to somebody who decides for himself."""
        raise NotImplementedError

    def _decided_words(self):
        """Return what is said to somebody who changes what was decided."""
        raise NotImplementedError
