from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError

from odoo.addons.beneficiary_relations.tools.anonymise import is_anonymising
from odoo.addons.beneficiary_relations.tools.text import clean_text

NAME_LENGTH = 200

TAKERS = [
    ("self", "The person"),
    ("household", "A member of the household"),
    ("mandate", "Somebody with a mandate"),
]


class BeneficiaryDistributionHandout(models.Model):
    """That something was handed out: to whom, by whom, with which proof.

    Written once. The database holds one that counts for each person of a list, so that
    a second pick-up is refused also when two desks scan a code at the same moment. A
    manager takes a mistaken one back with a reason; it stays to be seen.
    """

    _name = "beneficiary.distribution.handout"
    _description = "Handing-out"
    _check_company_auto = True
    _order = "handed_on desc, id desc"
    _rec_name = "line_id"

    line_id = fields.Many2one(
        comodel_name="beneficiary.distribution.line",
        string="Person",
        required=True,
        index=True,
        ondelete="restrict",
    )
    distribution_id = fields.Many2one(
        related="line_id.distribution_id", store=True, precompute=True, index=True
    )
    company_id = fields.Many2one(
        related="line_id.company_id", store=True, precompute=True, index=True
    )
    branch_id = fields.Many2one(
        related="line_id.branch_id", store=True, precompute=True, index="btree_not_null"
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    handed_on = fields.Datetime(required=True, default=fields.Datetime.now)
    handed_by_id = fields.Many2one(
        comodel_name="res.users", string="Handed out by", required=True
    )
    taker_kind = fields.Selection(
        selection=TAKERS,
        string="Taken by",
        required=True,
        default="self",
    )
    taker_id = fields.Many2one(
        comodel_name="beneficiary.beneficiary",
        string="Member",
        index="btree_not_null",
        ondelete="restrict",
        check_company=True,
    )
    mandate_id = fields.Many2one(
        comodel_name="beneficiary.mandate",
        index="btree_not_null",
        ondelete="restrict",
        check_company=True,
    )
    taker_name = fields.Char(string="Name of the Taker", required=True)
    signature = fields.Binary(attachment=True)
    photo = fields.Binary(attachment=True)
    value = fields.Monetary(string="Goods Value", required=True, default=0.0)
    void_on = fields.Datetime(string="Taken back on", copy=False)
    void_by_id = fields.Many2one(
        comodel_name="res.users", string="Taken back by", copy=False
    )
    void_reason = fields.Char(string="Why It Was Taken Back", copy=False)

    _once = models.UniqueIndex(
        "(line_id) WHERE void_on IS NULL",
        "This was handed out already. It is handed out once.",
    )
    _void_explained = models.Constraint(
        "CHECK(void_on IS NULL"
        " OR (void_by_id IS NOT NULL AND void_reason IS NOT NULL))",
        "Say why the handing-out is taken back.",
    )
    _value_bounds = models.Constraint(
        "CHECK(value >= 0 AND value < 1e12)",
        "The value of what was handed out is a number from zero up.",
    )

    # ------------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        if not self.env.su:
            raise AccessError(
                self.env._("What is handed out is recorded on the handing-out screen.")
            )
        # What was taken back in this transaction must be so in the index, too.
        self.flush_model(["void_on"])
        handouts = super().create([self._clean_vals(vals) for vals in vals_list])
        handouts._check_proof()
        handouts._check_taker()
        return handouts

    def write(self, vals):
        if self and not (is_anonymising(self.env) or self.env.su):
            raise AccessError(self.env._("A handing-out stays as it was."))
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise UserError(
            self.env._("A handing-out is kept. A manager can take it back.")
        )

    def _clean_vals(self, vals):
        name = vals.get("taker_name") or ""
        try:
            name = clean_text(name, NAME_LENGTH)
        except ValueError:
            name = clean_text(name[:NAME_LENGTH], NAME_LENGTH)
        return {**vals, "taker_name": name}

    # ------------------------------------------------------------------
    # Checks
    # ------------------------------------------------------------------

    def _check_proof(self):
        """Ask for a signature or a photo.

        :raise ValidationError: without either
        """
        for handout in self:
            if not handout.signature and not handout.photo:
                raise ValidationError(
                    self.env._(
                        "Let the taker sign, or take a photo of the handing-out."
                    )
                )

    def _check_taker(self):
        """Refuse a taker who may not receive for the person.

        :raise ValidationError: for a mandate that does not allow it, or a stranger
        """
        for handout in self:
            person = handout.line_id.beneficiary_id
            if handout.taker_kind == "mandate" and not handout._mandate_allows(person):
                raise ValidationError(
                    self.env._(
                        "This mandate does not allow to receive for the person today. "
                        "Choose a valid one."
                    )
                )
            if handout.taker_kind == "household" and (
                not handout.taker_id
                or handout.taker_id == person
                or not person.household_id
                or handout.taker_id.household_id != person.household_id
            ):
                raise ValidationError(
                    self.env._("Choose another member of the person's household.")
                )

    def _mandate_allows(self, person):
        mandate = self.mandate_id
        today = self.distribution_id._business_day()
        return (
            mandate.beneficiary_id == person
            and mandate.state == "active"
            and mandate.can_receive
            and (not mandate.last_day or mandate.last_day >= today)
        )

    # ------------------------------------------------------------------
    # Business
    # ------------------------------------------------------------------

    def _void(self, reason):
        """Take a mistaken handing-out back: the person may fetch again.

        :param str reason: why
        :raise UserError: when it was taken back already, or the list is closed
        """
        self.ensure_one()
        self.env["beneficiary.beneficiary"]._require_group("group_manager")
        self.distribution_id._check_state("open")
        if self.void_on:
            raise UserError(self.env._("This was taken back already."))
        # Written once for people; the manager's right was checked.
        handout = self.sudo()
        handout.write(
            {
                "void_on": fields.Datetime.now(),
                "void_by_id": self.env.uid,
                "void_reason": clean_text(reason, NAME_LENGTH),
            }
        )
        line = handout.line_id
        handout.distribution_id.item_ids._take_out(line.members, -1)
        line.write({"state": "entitled", "handed_day": False})
