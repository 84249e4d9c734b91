from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import format_list

DECIDER = "beneficiary_aid.group_decider"
MANAGER = "beneficiary_relations.group_manager"
KINDS = [
    ("department", "Department"),
    ("manager", "Manager"),
    ("outside", "Outside authority"),
]


class BeneficiaryAuthority(models.Model):
    """Somebody beside a committee who decides: a department, a manager, or an
    authority outside the association whose answer is entered here (BR-46).

    Its deciders are named; for a manager nobody need be: then every manager decides.
    """

    _name = "beneficiary.authority"
    _description = "Deciding Authority"
    _inherit = ["mail.thread", "beneficiary.company.mixin"]
    _check_company_auto = True
    _order = "sequence, name, id"

    name = fields.Char(required=True, translate=True, tracking=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one(
        comodel_name="res.company",
        required=True,
        index=True,
        default=lambda self: self.env.company,
    )
    kind = fields.Selection(
        selection=KINDS, required=True, default="department", tracking=True
    )
    user_ids = fields.Many2many(
        comodel_name="res.users",
        relation="beneficiary_authority_decider_rel",
        string="Deciders",
        domain="[('share', '=', False), ('company_ids', 'in', company_id)]",
        tracking=True,
        help="Each of them may decide alone. Of an outside authority: who enters its "
        "answer. Of a manager it may stay empty: then every manager decides.",
    )
    note = fields.Text(help="How the authority is reached, what it wants to see.")

    _name_uniq = models.UniqueIndex(
        "(company_id, name)", "This authority is there already. Choose another name."
    )

    @api.constrains("kind", "user_ids", "company_id")
    def _check_deciders(self):
        for authority in self:
            # Which associations and roles a colleague has is checked, not shown.
            users = authority.user_ids.sudo()
            if not users and authority.kind != "manager":
                raise ValidationError(
                    self.env._(
                        "%(authority)s: name at least one decider.",
                        authority=authority.name,
                    )
                )
            wrong = users.filtered(
                lambda user, company=authority.company_id: (
                    user.share
                    or company not in user.company_ids
                    or not (user.has_group(DECIDER) or user.has_group(MANAGER))
                )
            )
            if wrong:
                raise ValidationError(
                    self.env._(
                        "%(names)s cannot decide for %(authority)s: a decider works "
                        "for the association and has the role “Decider” or “Manager”.",
                        names=format_list(self.env, wrong.mapped("name")),
                        authority=authority.name,
                    )
                )

    def _names_decider(self, user):
        """Tell whether a user decides for the authority.

        :param user: ``res.users``
        :rtype: bool
        """
        self.ensure_one()
        # Who decides is known to whoever may read the authority.
        named = self.sudo().user_ids
        if named or self.kind != "manager":
            return user in named
        return user.has_group(MANAGER)
