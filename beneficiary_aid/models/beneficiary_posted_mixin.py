from odoo import api, fields, models
from odoo.exceptions import UserError

from odoo.addons.beneficiary_relations.tools.touch import touch


class BeneficiaryPostedMixin(models.AbstractModel):
    """A paper that stands on a journal entry: after posting it is not changed.

    A model names the fields that posting freezes, and those nobody types in.
    """

    _name = "beneficiary.posted.mixin"
    _description = "Paper with a Journal Entry"
    _inherit = "beneficiary.finance.paper.mixin"

    _frozen_when_posted = frozenset()
    _never_typed = frozenset()

    name = fields.Char(readonly=True, copy=False, index="trigram")
    move_id = fields.Many2one(
        comodel_name="account.move",
        string="Journal Entry",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
        check_company=True,
    )
    move_line_id = fields.Many2one(
        comodel_name="account.move.line",
        string="Outstanding Item",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
        check_company=True,
    )
    is_cancelled = fields.Boolean(readonly=True, copy=False)

    @api.model_create_multi
    def create(self, vals_list):
        vals_list = [dict(vals) for vals in vals_list]
        for vals in vals_list:
            self._check_vals(vals)
        self._complete_new(vals_list)
        # Nobody becomes a follower by entering a paper.
        records = super(
            BeneficiaryPostedMixin, self.with_context(mail_create_nosubscribe=True)
        ).create(vals_list)
        return records.with_env(self.env)

    def write(self, vals):
        self._check_vals(vals)
        if vals.keys() & self._frozen_when_posted:
            for record in self:
                if record.move_id or record.is_cancelled:
                    raise UserError(
                        self.env._(
                            "%(number)s is posted or cancelled and cannot be changed. "
                            "Cancel or reverse it and enter it again.",
                            number=record.name,
                        )
                    )
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_posted(self):
        for record in self:
            if record.move_id:
                raise UserError(
                    self.env._(
                        "%(number)s is posted and cannot be deleted. Cancel or "
                        "reverse it instead.",
                        number=record.name,
                    )
                )

    def _complete_new(self, vals_list):
        """Give new papers what people do not type in.

        :param list vals_list: checked values of ``create``, changed in place
        """

    def _touch(self):
        """Write the rows, so that a second session doing the same step fails and is
        run again on what the first one left."""
        touch(self)

    def _check_vals(self, vals):
        """Refuse typed states and amounts that are no money."""
        if vals.keys() & self._never_typed and not self.env.su:
            raise UserError(
                self.env._(
                    "Number, state, entry and people of a %(kind)s are not typed in. "
                    "Use its buttons.",
                    kind=self.env["ir.model"]._get(self._name).name,
                )
            )
        if vals.get("amount") is not None:
            vals["amount"] = self.env.company._beneficiary_amount(vals["amount"])
