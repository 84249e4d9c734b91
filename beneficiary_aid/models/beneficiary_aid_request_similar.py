from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL, format_list


class BeneficiaryAidRequest(models.Model):
    """Requests that may have been sent twice.

    The same person or household asks for the same help within the days the kind of
    help sets. Nothing is stopped by the system: somebody looks, and closes one as the
    duplicate of the other.
    """

    _inherit = "beneficiary.aid.request"

    similar_request_ids = fields.Many2many(
        comodel_name="beneficiary.aid.request",
        string="Possible Duplicates",
        compute="_compute_similar_request_ids",
    )
    similar_count = fields.Integer(
        string="Number of Possible Duplicates", compute="_compute_similar_request_ids"
    )
    has_similar = fields.Boolean(
        string="May Be a Duplicate",
        compute="_compute_similar_request_ids",
        search="_search_has_similar",
    )
    duplicate_of_id = fields.Many2one(
        comodel_name="beneficiary.aid.request",
        string="Duplicate of",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
        check_company=True,
    )
    duplicate_ids = fields.One2many(
        comodel_name="beneficiary.aid.request",
        inverse_name="duplicate_of_id",
        string="Duplicates",
        readonly=True,
    )

    _not_duplicate_of_itself = models.Constraint(
        "CHECK(duplicate_of_id IS NULL OR duplicate_of_id <> id)",
        "A request is no duplicate of itself.",
    )

    @api.depends("beneficiary_id", "household_id", "aid_type_id", "date_received")
    def _compute_similar_request_ids(self):
        found = self.search(
            [
                ("aid_type_id", "in", self.aid_type_id.ids),
                ("status", "!=", "cancelled"),
                "|",
                ("household_id", "in", self.household_id.ids),
                ("beneficiary_id", "in", self.beneficiary_id.ids),
            ]
        )
        by_key = {}
        for other in found:
            for key in other._similar_keys():
                by_key.setdefault(key, self.browse())
                by_key[key] |= other
        for request in self:
            others = self.browse().union(
                *(by_key.get(key, self.browse()) for key in request._similar_keys())
            )
            similar = others.filtered(lambda other, one=request: one._is_similar(other))
            request.similar_request_ids = similar
            request.similar_count = len(similar)
            request.has_similar = bool(similar)

    def _similar_keys(self):
        self.ensure_one()
        return [
            (field, self[field].id, self.aid_type_id.id)
            for field in ("beneficiary_id", "household_id")
            if self[field]
        ]

    def _is_similar(self, other):
        """Tell whether another request may be the same one, sent again."""
        self.ensure_one()
        if other == self._origin or (self.whole_id and other.whole_id == self.whole_id):
            return False
        days = timedelta(days=self.aid_type_id.duplicate_days)
        return abs(other.date_received - self.date_received) <= days

    @api.model
    def _search_has_similar(self, operator, value):
        if operator != "in":
            return NotImplemented
        wanted = set(value)
        if wanted == {True, False}:
            return Domain.TRUE
        self.flush_model(
            ["beneficiary_id", "household_id", "aid_type_id", "date_received", "status"]
        )
        self.env["beneficiary.aid.type"].flush_model(["duplicate_days"])
        similar = Domain.custom(to_sql=self._sql_has_similar)
        return similar if True in wanted else ~similar

    @api.model
    def _sql_has_similar(self, model, alias, query):
        """Whether another live request of person or household is near in time."""
        return SQL(
            """EXISTS (
                SELECT 1
                  FROM beneficiary_aid_request other
                  JOIN beneficiary_aid_type kind ON kind.id = other.aid_type_id
                 WHERE other.aid_type_id = %(request)s.aid_type_id
                   AND other.id <> %(request)s.id
                   AND other.active IS TRUE
                   AND other.status <> 'cancelled'
                   AND (other.beneficiary_id = %(request)s.beneficiary_id
                        OR other.household_id = %(request)s.household_id)
                   AND (other.whole_id IS NULL
                        OR other.whole_id IS DISTINCT FROM %(request)s.whole_id)
                   AND abs(extract(
                            epoch FROM other.date_received - %(request)s.date_received
                       )) <= kind.duplicate_days * 86400
            )""",
            request=SQL.identifier(alias),
        )

    # ------------------------------------------------------------------
    # Buttons
    # ------------------------------------------------------------------

    def action_open_similar(self):
        """Open the requests that may be the same one, with this one beside them."""
        self.ensure_one()
        self.check_access("read")
        requests = self | self.similar_request_ids | self.duplicate_ids
        return {
            **requests._get_records_action(name=self.env._("Possible Duplicates")),
            "context": {"search_default_open": 0},
        }

    # ------------------------------------------------------------------
    # Stopping duplicates
    # ------------------------------------------------------------------

    def _stop_duplicates(self, original, reason):
        """Stop requests because another one is the same.

        :param original: the request that goes on
        :param str reason: for colleagues
        :raise UserError: when they are not about the same, or it is stopped itself
        """
        original.ensure_one()
        original.check_access("read")
        # Of two sessions that stop each the other's original one is run again.
        (self | original)._touch()
        refused = self._check_duplicates(original)
        if refused:
            raise UserError("\n".join(refused.values()))
        stopped = self._stop(reason, "duplicate", duplicate_of_id=original.id)
        # A note for whoever reads the one that goes on.
        original._message_log(
            body=self.env._(
                "Duplicates stopped: %(numbers)s",
                numbers=format_list(self.env, stopped.mapped("name")),
            )
        )
        return stopped

    def _check_duplicates(self, original):
        """Return why requests are no duplicates of another one.

        :return: ``{request: reason}``, only of those that are not
        :rtype: dict
        """
        reasons = {}
        for request in self:
            same = (
                request.beneficiary_id == original.beneficiary_id
                or request.household_id
                and request.household_id == original.household_id
            )
            if request == original or original.status == "cancelled" or not same:
                reasons[request] = self.env._(
                    "Request %(name)s is no duplicate of %(original)s: choose another "
                    "request of the same person or household that goes on.",
                    name=request.display_name,
                    original=original.display_name,
                )
        return reasons

    def _reopen(self, reason):
        result = super()._reopen(reason)
        # A result, not input; the step was checked there.
        self.filtered("duplicate_of_id").sudo().duplicate_of_id = False
        return result
