from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError


class BeneficiaryBranchTransfer(models.Model):
    """A file moves to another branch when that branch accepts it.

    ================  ======================================================
    ask               relations officer, representative of the giving branch
    accept, refuse    representative of the receiving branch, manager
    withdraw          whoever asked, manager
    ================  ======================================================
    """

    _name = "beneficiary.branch.transfer"
    _description = "Transfer to Another Branch"
    _check_company_auto = True
    _order = "id desc"
    _rec_name = "beneficiary_id"

    beneficiary_id = fields.Many2one(
        comodel_name="beneficiary.beneficiary",
        string="Person",
        required=True,
        index=True,
        ondelete="cascade",
        check_company=True,
    )
    file_number = fields.Char(
        related="beneficiary_id.file_number", compute_sudo=True, string="File"
    )
    company_id = fields.Many2one(
        related="beneficiary_id.company_id", store=True, index=True, precompute=True
    )
    from_branch_id = fields.Many2one(
        comodel_name="beneficiary.branch", string="From", readonly=True, index=True
    )
    to_branch_id = fields.Many2one(
        comodel_name="beneficiary.branch",
        string="To",
        required=True,
        index=True,
        check_company=True,
    )
    with_household = fields.Boolean(
        string="With the Household",
        default=True,
        help="The household and its members in the same branch move along.",
    )
    reason = fields.Char(required=True)
    state = fields.Selection(
        selection=[
            ("asked", "Asked"),
            ("accepted", "Accepted"),
            ("refused", "Refused"),
            ("withdrawn", "Withdrawn"),
        ],
        required=True,
        default="asked",
        readonly=True,
        copy=False,
        index=True,
    )
    asked_by_id = fields.Many2one(
        comodel_name="res.users",
        string="Asked by",
        required=True,
        readonly=True,
        default=lambda self: self.env.user,
    )
    asked_on = fields.Date(
        required=True, readonly=True, default=fields.Date.context_today
    )
    answered_by_id = fields.Many2one(
        comodel_name="res.users", string="Answered by", readonly=True, copy=False
    )
    answered_on = fields.Date(readonly=True, copy=False)
    answer_note = fields.Char(string="Answer", copy=False)

    _one_open = models.UniqueIndex(
        "(beneficiary_id) WHERE state = 'asked'",
        "A transfer of this person is waiting already. Answer or withdraw it first.",
    )

    @api.constrains("from_branch_id", "to_branch_id")
    def _check_other_branch(self):
        for transfer in self:
            if transfer.from_branch_id == transfer.to_branch_id:
                raise ValidationError(
                    self.env._(
                        "%(name)s is in the branch %(branch)s already. Choose another.",
                        name=transfer.beneficiary_id.display_name,
                        branch=transfer.to_branch_id.name,
                    )
                )

    # ------------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        """Ask for transfers; who asks and from where are not typed."""
        File = self.env["beneficiary.beneficiary"]
        for vals in vals_list:
            file = File.browse(vals["beneficiary_id"])
            file.check_access("write")
            vals.update(
                from_branch_id=file.branch_id.id,
                state="asked",
                asked_by_id=self.env.uid,
                asked_on=fields.Date.context_today(self),
                answered_by_id=False,
                answered_on=False,
            )
        return super().create(vals_list)

    def write(self, vals):
        if not self.env.su and set(vals) - {"answer_note"}:
            raise UserError(
                self.env._("A transfer is answered with its buttons. Ask anew.")
            )
        return super().write(vals)

    # ------------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------------

    def action_accept(self):
        """Take the files into the receiving branch."""
        self.check_access("write")
        for transfer in self:
            transfer._check_can_answer()
            transfer._check_receives()
            transfer._accept()

    def action_refuse(self):
        """Leave the files where they are; the answer must have been written."""
        self.check_access("write")
        for transfer in self:
            transfer._check_can_answer()
            transfer._check_receives()
            if not transfer.answer_note:
                raise UserError(
                    self.env._(
                        "%(name)s: write why your branch refuses first.",
                        name=transfer.display_name,
                    )
                )
            transfer._answer("refused")

    def action_withdraw(self):
        """Take back a transfer nobody has answered."""
        self.check_access("write")
        for transfer in self:
            transfer._check_can_answer()
            if transfer.asked_by_id != self.env.user:
                transfer.beneficiary_id._require_group("group_manager")
            transfer._answer("withdrawn")

    # ------------------------------------------------------------------
    # Business
    # ------------------------------------------------------------------

    def _accept(self):
        self.ensure_one()
        # The receiving branch does not see the file before it has accepted it.
        file_sudo = self.sudo().beneficiary_id
        if file_sudo.branch_id != self.sudo().from_branch_id:
            raise UserError(
                self.env._(
                    "%(name)s has left the branch already. Refuse this transfer.",
                    name=self.display_name,
                )
            )
        self._answer("accepted")
        files_sudo = file_sudo
        household_sudo = file_sudo.household_id
        if self.with_household and household_sudo:
            files_sudo |= household_sudo.member_ids.filtered(
                lambda member: member.branch_id == file_sudo.branch_id
            )
            household_sudo.branch_id = self.to_branch_id
        files_sudo.write({"branch_id": self.to_branch_id.id})

    def _answer(self, state):
        # The state is read-only for everybody; the branch or role was checked.
        self.sudo().write(
            {
                "state": state,
                "answered_by_id": self.env.uid,
                "answered_on": fields.Date.context_today(self),
            }
        )
        # The next transfer of the same person must find this one answered.
        self.flush_recordset(["state"])

    # ------------------------------------------------------------------
    # Helpers
    # ------------------------------------------------------------------

    def _check_can_answer(self):
        self.ensure_one()
        if self.state != "asked":
            raise UserError(
                self.env._(
                    "The transfer of %(name)s was answered already.",
                    name=self.display_name,
                )
            )

    def _check_receives(self):
        self.ensure_one()
        if self.env.user not in self.sudo().to_branch_id.user_ids:
            self.env["beneficiary.beneficiary"]._require_group("group_manager")
