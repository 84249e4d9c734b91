from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import format_list


class BeneficiaryAidType(models.Model):
    """A kind of help that is a fund: nobody asks for it, its yield pays the others.

    The health endowment of ST-38 stands among the kinds of help of its policy.
    """

    _inherit = "beneficiary.aid.type"

    endowment_id = fields.Many2one(
        comodel_name="beneficiary.fund",
        string="Endowment behind It",
        index="btree_not_null",
        ondelete="restrict",
        check_company=True,
        domain="[('kind', '=', 'endowment'), ('company_id', '=', company_id)]",
        help="Its capital is kept; its yield pays for the other kinds of help.",
    )
    yield_note = fields.Text(
        string="What Its Yield Pays for", compute="_compute_yield_note"
    )

    @api.depends("endowment_id.yield_fund_id.aid_type_ids")
    def _compute_yield_note(self):
        for aid_type in self:
            # Which fund pays what is no secret to whoever reads kinds of help.
            receiving = aid_type.sudo().endowment_id.yield_fund_id
            kinds = receiving.aid_type_ids.mapped("name")
            aid_type.yield_note = bool(receiving) and self.env._(
                "The yield goes to %(fund)s and pays for: %(kinds)s",
                fund=receiving.display_name,
                kinds=format_list(self.env, kinds)
                if kinds
                else self.env._("every kind of help"),
            )

    @api.constrains("endowment_id", "nature")
    def _check_endowment(self):
        for aid_type in self.filtered("endowment_id"):
            if aid_type.nature != "fund" or aid_type.endowment_id.kind != "endowment":
                raise ValidationError(
                    self.env._(
                        "%(aid_type)s: only a kind of help that raises funds stands "
                        "for an endowment, and only for one.",
                        aid_type=aid_type.name,
                    )
                )
