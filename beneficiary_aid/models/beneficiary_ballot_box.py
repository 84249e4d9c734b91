import secrets

from odoo import api, fields, models
from odoo.tools import SQL


class BeneficiaryBallotBox(models.Model):
    """How the votes of a secret round stand: three figures, and no list of ballots.

    That somebody voted is a row of ``beneficiary.vote`` without a value; what he voted
    is added to a figure here. There is no row, time or author of a single ballot that
    could be joined to a voter, and nobody has a right to the figures before they are
    part of the decision. Only the methods of this model write the table.
    """

    _name = "beneficiary.ballot.box"
    _description = "Ballot Box"
    _log_access = False
    _rec_name = "item_id"

    item_id = fields.Many2one(
        comodel_name="beneficiary.agenda.item",
        required=True,
        index=True,
        ondelete="restrict",
    )
    company_id = fields.Many2one(
        related="item_id.company_id", store=True, precompute=True, index=True
    )
    round = fields.Integer(required=True, aggregator=None)
    yes = fields.Integer(required=True, default=0, readonly=True, aggregator=None)
    no = fields.Integer(required=True, default=0, readonly=True, aggregator=None)
    abstain = fields.Integer(required=True, default=0, readonly=True, aggregator=None)

    _round_uniq = models.UniqueIndex(
        "(item_id, round)", "A round of votes has one ballot box."
    )
    _bounds = models.Constraint(
        "CHECK(yes >= 0 AND no >= 0 AND abstain >= 0)",
        "A ballot box holds no negative numbers.",
    )

    @api.model
    def _set_up(self, item):
        """Put up the box of the current round of an item."""
        self.sudo().create({"item_id": item.id, "round": item.round})

    @api.model
    def _drop(self, item, value):
        """Put a ballot into the box of the current round.

        :param item: ``beneficiary.agenda.item`` with an open vote, checked
        :param str value: ``yes``, ``no`` or ``abstain``
        """
        column = {"yes": "yes", "no": "no", "abstain": "abstain"}[value]
        self.flush_model()
        self.env.cr.execute(
            SQL(
                "UPDATE beneficiary_ballot_box SET %(column)s = %(column)s + 1"
                " WHERE item_id = %(item)s AND round = %(round)s",
                column=SQL.identifier(column),
                item=item.id,
                round=item.round,
            )
        )
        self.invalidate_model([column])

    @api.model
    def _tally(self, item):
        """Return the figures of the current round.

        :rtype: dict[str, int]
        """
        # For counting only; the caller is the closing of the vote.
        box = self.sudo().search(
            [("item_id", "=", item.id), ("round", "=", item.round)], limit=1
        )
        return {"yes": box.yes, "no": box.no, "abstain": box.abstain}

    @api.model
    def _shuffled(self, tally):
        """Return ballots as they come out of a box: in an order that says nothing.

        :param dict tally: figures
        :rtype: list[str]
        """
        ballots = [value for value, count in tally.items() for _one in range(count)]
        secrets.SystemRandom().shuffle(ballots)
        return ballots
