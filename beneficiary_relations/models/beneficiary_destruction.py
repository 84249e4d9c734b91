from odoo import api, fields, models
from odoo.exceptions import UserError


class BeneficiaryDestruction(models.Model):
    """The personal data of a file were destroyed: who proposed, who confirmed, how.

    Two people do it: a privacy officer proposes, a manager confirms. The record
    names the file by its number and holds no personal data.
    """

    _name = "beneficiary.destruction"
    _description = "Destruction of Personal Data"
    _order = "id desc"
    _rec_name = "file_number"

    file_number = fields.Char(readonly=True, required=True)
    file_res_id = fields.Integer(string="File ID", readonly=True, required=True)
    company_id = fields.Many2one(
        comodel_name="res.company", readonly=True, required=True, index=True
    )
    basis = fields.Selection(
        selection=[
            ("retention", "The time to keep it is over"),
            ("request", "The person asked for it"),
        ],
        required=True,
        readonly=True,
        default="retention",
    )
    technique = fields.Char(readonly=True)
    counts = fields.Text(string="What Was Destroyed", readonly=True)
    proposed_by_id = fields.Many2one(
        comodel_name="res.users",
        string="Proposed by",
        readonly=True,
        required=True,
        default=lambda self: self.env.user,
    )
    confirmed_by_id = fields.Many2one(
        comodel_name="res.users", string="Confirmed by", readonly=True
    )
    confirmed_on = fields.Datetime(readonly=True)
    state = fields.Selection(
        selection=[
            ("proposed", "Proposed"),
            ("done", "Destroyed"),
            ("rejected", "Not Destroyed"),
        ],
        required=True,
        readonly=True,
        default="proposed",
        index=True,
    )

    _one_open = models.UniqueIndex(
        "(file_res_id) WHERE state = 'proposed'",
        "The destruction of this file is proposed already.",
    )
    _two_people = models.Constraint(
        "CHECK(confirmed_by_id IS NULL OR confirmed_by_id <> proposed_by_id)",
        "Another person than the one who proposed it confirms the destruction.",
    )

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise UserError(self.env._("The log of destructions is kept."))

    def action_confirm(self):
        """Destroy the personal data for good, as the second person."""
        self.check_access("read")
        self.env["beneficiary.beneficiary"]._require_group("group_manager")
        for destruction in self:
            destruction._check_second_person()
            destruction._destroy()

    def action_reject(self):
        """Keep the data."""
        self.check_access("read")
        self.env["beneficiary.beneficiary"]._require_group("group_manager")
        # The record is read-only for everybody; the role was checked above.
        self.filtered(lambda one: one.state == "proposed").sudo().write(
            {"state": "rejected", "confirmed_on": fields.Datetime.now()}
        )

    def _check_second_person(self):
        self.ensure_one()
        if self.state != "proposed":
            raise UserError(
                self.env._(
                    "The destruction of %(number)s has been decided already.",
                    number=self.file_number,
                )
            )
        if self.proposed_by_id == self.env.user:
            raise UserError(
                self.env._(
                    "You proposed the destruction of %(number)s yourself. Another "
                    "manager confirms it.",
                    number=self.file_number,
                )
            )

    def _destroy(self):
        self.ensure_one()
        file = self.env["beneficiary.beneficiary"].browse(self.file_res_id).exists()
        counts = file._anonymise() if file else {}
        # The record is read-only for everybody; the role was checked by the caller.
        self.sudo().write(
            {
                "state": "done",
                "confirmed_by_id": self.env.uid,
                "confirmed_on": fields.Datetime.now(),
                "technique": self.env._(
                    "Names and numbers overwritten, pages and messages deleted, "
                    "accounting entries kept"
                ),
                "counts": "\n".join(
                    f"{self.env[model]._description}: {count}"
                    for model, count in sorted(counts.items())
                    if count
                ),
            }
        )
