from odoo import api, fields, models

from .beneficiary_aid_request_finance import DONE_STATUSES, LIVE_STATES

READERS = (
    "beneficiary_relations.group_relations_officer,"
    "beneficiary_relations.group_social_researcher,"
    "beneficiary_relations.group_auditor,"
    "beneficiary_aid.group_finance_clerk,"
    "beneficiary_aid.group_finance_releaser"
)


class BeneficiaryAidRequest(models.Model):
    """Goods handed out for a request are part of what was approved.

    What the fund promised for the request is not needed for what the person got in
    goods: given goods cost the fund no money, and bought ones were paid when they were
    bought. So a delivery frees that much of the promise, and taking it back promises
    it again, when the fund still has it free.
    """

    _inherit = "beneficiary.aid.request"

    delivery_ids = fields.One2many(
        comodel_name="beneficiary.delivery", inverse_name="request_id"
    )
    delivery_count = fields.Integer(compute="_compute_delivery_count")
    amount_delivered = fields.Monetary(
        string="Given in Goods",
        compute="_compute_amount_delivered",
        groups=READERS,
        help="The value of the goods that were handed out.",
    )

    def _compute_delivery_count(self):
        deliveries = self.env["beneficiary.delivery"]
        counts = (
            dict(
                deliveries._read_group(
                    [("request_id", "in", self.ids)], ["request_id"], ["__count"]
                )
            )
            if deliveries.has_access("read")
            else {}
        )
        for request in self:
            request.delivery_count = counts.get(request, 0)

    @api.depends("delivery_ids.value", "delivery_ids.state")
    def _compute_amount_delivered(self):
        values = self._get_delivered_values()
        for request in self:
            request.amount_delivered = values.get(request._origin, 0.0)

    # === Actions === #

    def action_open_deliveries(self):
        """Open the deliveries of goods of the request."""
        self.ensure_one()
        self.check_access("read")
        action = self.env["ir.actions.actions"]._for_xml_id(
            "beneficiary_aid.beneficiary_delivery_action"
        )
        action["domain"] = [("request_id", "=", self.id)]
        action["context"] = {"default_request_id": self.id}
        return action

    # === What was given === #

    def _get_delivered_values(self):
        """Return the value of the goods handed out, for each request in one query.

        :return: ``{request: value}``; requests without goods are left out
        """
        # The ceiling counts every delivery, also one the user may not read.
        values = (
            self.env["beneficiary.delivery"]
            .sudo()
            ._read_group(
                [("request_id", "in", self._origin.ids), ("state", "=", "delivered")],
                ["request_id"],
                ["value:sum"],
            )
        )
        return {self.browse(request.id): value for request, value in values}

    def _get_given_amounts(self, states=LIVE_STATES):
        """Return what was disbursed and handed out, for each request in two queries.

        :param tuple states: count disbursements in these states only
        :return: ``{request: amount}``; requests without any are left out
        """
        totals = self._get_disbursed_amounts(states)
        for request, value in self._get_delivered_values().items():
            totals[request] = totals.get(request, 0.0) + value
        return totals

    def _get_given_amount(self, states=LIVE_STATES):
        """As :meth:`_get_given_amounts`, added up.

        :rtype: float
        """
        return sum(self._get_given_amounts(states).values())

    # === Promise === #

    def _free_promise(self, value):
        """Give back what the fund promised for what was now given in goods.

        :param float value: of the goods
        :return: how much of it was promised
        :rtype: float
        """
        self.ensure_one()
        promised = self._use_commitments({self: value})
        if promised:
            self.fund_id._release(promised)
        return promised

    def _promise_again(self, amount):
        """Promise again what a reversed delivery had freed, as far as it is approved.

        :param float amount: freed by the delivery, which does not count any more
        :return: how much is promised again; nothing when the fund has not so much free
            or the request has ended
        :rtype: float
        """
        self.ensure_one()
        if self.status in DONE_STATUSES or not self.active:
            return 0.0
        given = self._get_given_amount(("due", "sent", "paid"))
        rest = self.amount_approved - given - self.amount_committed
        amount = self.currency_id.round(max(min(amount, rest), 0.0))
        if not amount or not self.fund_id._commit_if_free(amount):
            return 0.0
        # Amounts of money are not written by people; whoever reverses is checked.
        self.sudo().amount_committed += amount
        return amount
