from odoo import fields, models


class BeneficiaryAgreementText(models.Model):
    """The words of the service agreement and of the declaration, in versions (C02)."""

    _name = "beneficiary.agreement.text"
    _description = "Text of an Agreement"
    _inherit = "beneficiary.versioned.text"

    _series_fields = ("kind",)
    _text_fields = ("name", "text", "duties", "consequences", "dispute_route")

    kind = fields.Selection(
        selection=[
            ("service", "Service agreement"),
            ("declaration", "Declaration"),
        ],
        required=True,
        default="service",
        index=True,
    )
    duties = fields.Text(
        translate=True,
        required=True,
        default=lambda self: self.env._(
            "I give true and complete data, tell every change, renew my data once a "
            "year, use the aid for its purpose, keep appointments, and tell about aid "
            "from others."
        ),
    )
    consequences = fields.Text(
        string="Consequences of Default or False Data",
        translate=True,
        required=True,
        default=lambda self: self.env._(
            "Aid may be suspended, the file may be closed, and what was received on "
            "false data may be claimed back."
        ),
    )
    dispute_route = fields.Text(
        string="Route of a Dispute",
        translate=True,
        required=True,
        default=lambda self: self.env._(
            "A complaint to the association, then an appeal to people who did not "
            "decide before, then the board of directors."
        ),
    )
    agreement_count = fields.Integer(
        string="Signed", compute="_compute_agreement_count"
    )

    _one_in_force = models.UniqueIndex(
        "(company_id, kind) WHERE state = 'in_force'",
        "A text of this kind is in force already. Put the new version in force with "
        "its button, which ends the old one.",
    )

    def _compute_agreement_count(self):
        counts = dict(
            self.env["beneficiary.agreement"]._read_group(
                [("text_id", "in", self.ids)], ["text_id"], ["__count"]
            )
        )
        for text in self:
            text.agreement_count = counts.get(text, 0)

    def _full_text(self):
        """Return everything a person signs, as one text."""
        self.ensure_one()
        parts = [
            ("", self.text),
            (self.env._("Duties"), self.duties),
            (self.env._("Consequences of default or false data"), self.consequences),
            (self.env._("Route of a dispute"), self.dispute_route),
        ]
        return "\n\n".join(
            f"{title}\n{words}" if title else words for title, words in parts if words
        )
