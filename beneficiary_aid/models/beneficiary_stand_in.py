from odoo import api, fields, models


class BeneficiaryStandIn(models.Model):
    """Who acts for whose seat in one round about one item.

    Fixed with the members who may vote when the vote is opened, and never changed: an
    alternate in a seat that nobody fills, or a member for the one who delegated to him.
    """

    _name = "beneficiary.stand.in"
    _description = "Stand-in"
    _inherit = "beneficiary.once.mixin"
    _check_company_auto = True
    _order = "item_id, round, id"
    _rec_name = "member_id"

    item_id = fields.Many2one(
        comodel_name="beneficiary.agenda.item",
        required=True,
        index=True,
        ondelete="restrict",
        check_company=True,
    )
    company_id = fields.Many2one(
        related="item_id.company_id", store=True, precompute=True, index=True
    )
    round = fields.Integer(required=True, aggregator=None)
    kind = fields.Selection(
        selection=[("alternate", "Alternate"), ("delegate", "Delegation")],
        required=True,
    )
    member_id = fields.Many2one(
        comodel_name="beneficiary.committee.member",
        string="Acts",
        required=True,
        index=True,
        ondelete="restrict",
        check_company=True,
    )
    seat_id = fields.Many2one(
        comodel_name="beneficiary.committee.member",
        string="In the Place of",
        required=True,
        index=True,
        ondelete="restrict",
        check_company=True,
    )

    _seat_uniq = models.UniqueIndex(
        "(item_id, round, seat_id)", "Somebody acts for this member already."
    )
    _member_uniq = models.UniqueIndex(
        "(item_id, round, member_id)", "Nobody acts for more than one member."
    )
    _two_people = models.Constraint(
        "CHECK(member_id != seat_id)", "Nobody stands in for himself."
    )

    def write(self, vals):
        # Nobody has a right to it: that is said first.
        self.check_access("write")
        return super().write(vals)

    @api.model
    def _once_words(self):
        return self.env._("Who stood in for whom is kept.")

    @api.model
    def _once_typed_words(self):
        return self.env._("Who stands in is fixed by opening the vote, not by typing.")
