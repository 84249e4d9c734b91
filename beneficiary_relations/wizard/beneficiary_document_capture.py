from odoo import Command, api, fields, models
from odoo.exceptions import UserError, ValidationError

# What the checklist says of papers that are worth asking for.
ASKED_FOR = ("missing", "not_available", "rejected", "expired")


class BeneficiaryDocumentCapture(models.TransientModel):
    """Takes in the papers of a whole household, stored in one go."""

    _name = "beneficiary.document.capture"
    _description = "Capture Documents"

    member_ids = fields.Many2many(
        comodel_name="beneficiary.beneficiary", string="Members", required=True
    )
    line_ids = fields.One2many(
        comodel_name="beneficiary.document.capture.line",
        inverse_name="capture_id",
        string="Papers",
    )

    @api.depends("member_ids")
    def _compute_display_name(self):
        self.display_name = self.env._("Capture Documents")

    # ------------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------------

    def action_save(self):
        """Store every row that was filled in, or none of them.

        :raise UserError: when no row was filled in
        :raise ValidationError: naming each row with a file that is no paper
        """
        self.ensure_one()
        self.check_access("write")
        self.env["beneficiary.document"].check_access("create")
        lines = self.line_ids.filtered(lambda line: line._is_filled())
        if not lines:
            raise UserError(
                self.env._("Add a file to one of the rows first, then save.")
            )
        faults = [fault for line in lines for fault in line._faults()]
        if faults:
            raise ValidationError("\n".join(faults))
        documents = lines._store()
        # A second click finds nothing to store; the pages have copies of the files.
        lines.attachment_ids.unlink()
        self.line_ids.unlink()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Captured Documents"),
            "res_model": "beneficiary.document",
            "views": [[False, "list"], [False, "form"]],
            "domain": [("id", "in", documents.ids)],
            "target": "current",
        }

    # ------------------------------------------------------------------
    # Business
    # ------------------------------------------------------------------

    @api.model
    def _open(self, members):
        """Return the screen with a row for each paper that is still asked for.

        :param members: files the user may read, the head first
        """
        members.check_access("write")
        requirements = self.env["beneficiary.document.requirement"].search(
            [
                ("beneficiary_id", "in", members.ids),
                ("state", "in", ASKED_FOR),
            ]
        )
        place = {member: index for index, member in enumerate(members)}
        capture = self.create(
            {
                "member_ids": [Command.set(members.ids)],
                "line_ids": [
                    Command.create(
                        {
                            "beneficiary_id": line.beneficiary_id.id,
                            "type_id": line.type_id.id,
                        }
                    )
                    for line in requirements.sorted(
                        lambda line: (place[line.beneficiary_id], line.sequence)
                    )
                ],
            }
        )
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Capture Documents"),
            "res_model": self._name,
            "res_id": capture.id,
            "view_mode": "form",
            "target": "new",
            "context": {"dialog_size": "extra-large"},
        }
