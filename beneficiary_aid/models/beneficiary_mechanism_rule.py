from odoo import fields, models
from odoo.tools import format_list


class BeneficiaryMechanismRule(models.Model):
    """Verification may be asked for one kind of help only (BR-48)."""

    _inherit = "beneficiary.mechanism.rule"

    aid_type_ids = fields.Many2many(
        comodel_name="beneficiary.aid.type",
        string="Kinds of Help",
        check_company=True,
        help="Empty: every kind of help, and the file itself.",
    )

    def _scope_label(self):
        people = super()._scope_label()
        if not self.aid_type_ids:
            return people
        return self.env._(
            "%(people)s, for: %(services)s",
            people=people,
            services=format_list(self.env, self.aid_type_ids.mapped("name")),
        )

    def _whatever_service(self):
        return super()._whatever_service().filtered(lambda rule: not rule.aid_type_ids)

    def _for_aid_type(self, aid_type):
        """Return the rules that hold for a kind of help.

        :param aid_type: ``beneficiary.aid.type``
        """
        return self.filtered(
            lambda rule: not rule.aid_type_ids or aid_type in rule.aid_type_ids
        )
