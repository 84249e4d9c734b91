from odoo import fields, models


class BeneficiaryAidDraftFile(models.TransientModel):
    """A file added to a request that is still being written."""

    _name = "beneficiary.aid.draft.file"
    _description = "File of a Request Being Written"
    # Never swept before the draft it belongs to, with which it is deleted.
    _transient_max_hours = 24 * 60

    draft_id = fields.Many2one(
        comodel_name="beneficiary.aid.draft",
        required=True,
        index=True,
        ondelete="cascade",
    )
    type_id = fields.Many2one(
        comodel_name="beneficiary.document.type", required=True, ondelete="cascade"
    )
    filename = fields.Char(required=True)
    content = fields.Binary(required=True, attachment=True)
