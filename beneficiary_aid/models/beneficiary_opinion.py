from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import format_list

from odoo.addons.beneficiary_relations.tools.anonymise import is_anonymising
from odoo.addons.beneficiary_relations.tools.text import clean_text

TEXT_LIMIT = 4000


class BeneficiaryOpinion(models.Model):
    """What a member thinks of an item by himself, before the discussion.

    Given once and by the member only. When the others see it is a setting of the rule
    sheet: as soon as they sent their own, or when all are in.
    """

    _name = "beneficiary.opinion"
    _description = "Opinion Before the Vote"
    _inherit = "beneficiary.amounts.mixin"
    _check_company_auto = True
    _order = "item_id, id"
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
    currency_id = fields.Many2one(related="company_id.currency_id")
    member_id = fields.Many2one(
        comodel_name="beneficiary.committee.member",
        required=True,
        index=True,
        ondelete="restrict",
        check_company=True,
        readonly=True,
    )
    user_id = fields.Many2one(
        related="member_id.user_id",
        string="Author",
        store=True,
        precompute=True,
        index=True,
    )
    leaning = fields.Selection(
        selection=[("for", "In favour"), ("against", "Opposed"), ("open", "Undecided")],
        string="I Lean",
        required=True,
        default="open",
    )
    amount = fields.Monetary(
        string="Amount I Propose",
        help="Empty: no proposal.",
        required=True,
        default=0.0,
    )
    text = fields.Text(string="Why")

    _member_uniq = models.UniqueIndex(
        "(item_id, member_id)", "You have given your opinion on this item already."
    )
    _amount_bounds = models.Constraint(
        "CHECK(amount >= 0 AND amount < 1e12)",
        "A proposed amount is a number from zero up.",
    )
    _text_length = models.Constraint(
        "CHECK(char_length(text) <= 4000)",
        "An opinion has at most 4000 characters.",
    )

    @api.model_create_multi
    def create(self, vals_list):
        """Take opinions, each from the member himself before the vote.

        :raise AccessError: by somebody who is no member there, or is recused
        :raise UserError: when the vote is open or over
        """
        Item = self.env["beneficiary.agenda.item"]
        for vals in vals_list:
            item = Item.browse(vals.get("item_id"))
            item.check_access("read")
            member = item._check_can_opine()
            item._check_proposal(vals.get("amount") or 0.0)
            vals["member_id"] = member.id
            if vals.get("text"):
                vals["text"] = clean_text(vals["text"])
        opinions = super().create(vals_list)
        # Members may not write agenda items; that all are in is a fact, not typed in.
        opinions.sudo().item_id._open_opinions()
        return opinions

    def write(self, vals):
        if self and not (is_anonymising(self.env) and vals.keys() == {"text"}):
            raise UserError(
                self.env._(
                    "An opinion is given once. Say in the discussion what you think "
                    "now."
                )
            )
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise UserError(self.env._("An opinion is kept with its item."))


class BeneficiaryAgendaItem(models.Model):
    """Independent opinions before the discussion."""

    _inherit = "beneficiary.agenda.item"

    opinion_ids = fields.One2many(
        comodel_name="beneficiary.opinion", inverse_name="item_id", readonly=True
    )
    opinions_open = fields.Boolean(
        string="All Opinions in",
        readonly=True,
        copy=False,
        help="Every member who is there gave an opinion, or the vote was opened.",
    )
    opinion_count = fields.Integer(string="Opinions in", compute="_compute_opinions")
    opinion_missing = fields.Char(
        string="Opinions Missing from", compute="_compute_opinions"
    )
    can_opine = fields.Boolean(compute="_compute_opinions")

    @api.depends("opinion_ids", "state", "recused_member_ids", "committee_id")
    @api.depends_context("uid")
    def _compute_opinions(self):
        for item in self:
            # Who gave one is known to all; what it says is not.
            given = item.sudo().opinion_ids.member_id
            item.opinion_count = len(given)
            own = item._own_seats()
            item.can_opine = (
                item.state == "pending"
                and bool(own - item.recused_member_ids)
                and not own & given
            )
            missing = item._opinion_members() - given
            item.opinion_missing = format_list(self.env, missing.mapped("display_name"))

    def _own_seats(self):
        """Return the seats of the current user in the committee of the item."""
        self.ensure_one()
        return self.meeting_id._serving_members().filtered(
            lambda member: (
                member.user_id == self.env.user
                and (member.votes or member.role == "alternate")
            )
        )

    def _opinion_members(self):
        """Return the members whose opinion is waited for: those who will vote."""
        self.ensure_one()
        members = self.meeting_id._present_members()
        if self.meeting_id.state in ("draft", "called"):
            members = self.meeting_id._serving_members().filtered("has_seat")
        return self._voters(members - self.recused_member_ids - self.absent_member_ids)

    def _all_opinions_in(self):
        """Tell whether opinions are open to all."""
        self.ensure_one()
        return self.opinions_open or self.state not in ("pending", "voting")

    def _open_opinions(self):
        """Open the opinions of items on which every member gave one."""
        for item in self:
            if not item.opinions_open and not (
                item._opinion_members() - item.opinion_ids.member_id
            ):
                item.opinions_open = True

    def _check_can_opine(self):
        """Return the seat that gives an opinion.

        :raise AccessError: no member of the committee, or recused
        :raise UserError: when the vote is open or over
        """
        self.ensure_one()
        seat = self._own_seats() - self.recused_member_ids
        if not seat:
            raise AccessError(
                self.env._(
                    "%(request)s: only members of the committee who are not recused "
                    "give an opinion.",
                    request=self.display_name,
                )
            )
        if self.state != "pending":
            raise UserError(
                self.env._(
                    "%(request)s: the vote is open or over. Opinions are given before "
                    "it.",
                    request=self.display_name,
                )
            )
        return seat[:1]

    def _check_proposal(self, amount):
        """Refuse a proposed amount that could not be approved."""
        self.ensure_one()
        # What may be given is a rule, whatever the member may read.
        request = self.sudo().request_id
        currency = self.currency_id
        for limit in filter(
            None, (request.aid_type_id.ceiling, request.amount_requested)
        ):
            if currency.compare_amounts(amount, limit) > 0:
                raise UserError(
                    self.env._(
                        "%(request)s: at most %(limit)s can be proposed.",
                        request=self.display_name,
                        limit=currency.format(limit),
                    )
                )

    def _check_opinions(self, room):
        """Refuse to open a vote before the opinions are in, where the rules want it.

        :param Room room: who is there
        :raise UserError: naming whose opinion is missing
        """
        self.ensure_one()
        # Only who gave one is looked at.
        given = self.sudo().opinion_ids.member_id
        missing = self._voters(room.present - room.recused) - given
        if self.committee_id.opinions_required and missing:
            raise UserError(
                self.env._(
                    "%(request)s: the rules ask for opinions first. Missing: "
                    "%(names)s.",
                    request=self.display_name,
                    names=format_list(self.env, missing.mapped("display_name")),
                )
            )
        # From here on they are discussed.
        self.sudo().opinions_open = True

    def action_opine(self):
        """Give an opinion before the discussion."""
        self.ensure_one()
        self.check_access("read")
        self._check_can_opine()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("My Opinion"),
            "res_model": "beneficiary.opinion",
            "view_mode": "form",
            "target": "new",
            "context": {"default_item_id": self.id},
        }
