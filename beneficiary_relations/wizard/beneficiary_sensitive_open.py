from odoo import fields, models

from ..models.beneficiary_beneficiary_sensitive import SENSITIVE_FIELDS
from ..tools.text import clean_text

NOTE_MAX_LENGTH = 200


class BeneficiarySensitiveOpen(models.TransientModel):
    """Asks why sensitive data is opened, logs it, and opens it in the same step."""

    _name = "beneficiary.sensitive.open"
    _description = "Reason for Opening Sensitive Data"

    beneficiary_id = fields.Many2one(
        comodel_name="beneficiary.beneficiary",
        string="Person",
        required=True,
        readonly=True,
    )
    reason = fields.Selection(
        selection=[
            ("study", "I study the case"),
            ("service", "I arrange a service"),
            ("update", "I enter or correct the data"),
            ("decision", "I prepare a decision"),
            ("person", "The person asked for it"),
            ("other", "Another reason"),
        ],
        required=True,
    )
    note = fields.Char(
        help="Say which case. Do not write the data itself: the log keeps these words."
    )

    def action_open(self):
        """Log the reason and show the sensitive data."""
        self.ensure_one()
        self.beneficiary_id.check_access("read")
        self.beneficiary_id._require_group("group_sensitive")
        reason = dict(self._fields["reason"]._description_selection(self.env))[
            self.reason
        ]
        note = clean_text(self.note or "")[:NOTE_MAX_LENGTH]
        self.beneficiary_id._log_look(
            "open", SENSITIVE_FIELDS, ": ".join(filter(None, [reason, note]))
        )
        view = self.env.ref(
            "beneficiary_relations.beneficiary_beneficiary_view_form_sensitive"
        )
        return {
            "type": "ir.actions.act_window",
            "name": self.beneficiary_id.display_name,
            "res_model": "beneficiary.beneficiary",
            "res_id": self.beneficiary_id.id,
            "view_mode": "form",
            "views": [(view.id, "form")],
            "target": "new",
        }
