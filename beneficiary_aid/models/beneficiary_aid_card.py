import re

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from odoo.addons.beneficiary_relations.tools.text import clean_text, to_latin_digits

REFERENCE_LENGTH = 40
# As long as the number of a payment card is: such a number is never kept.
CARD_NUMBER = re.compile(r"\d{12,19}")


class BeneficiaryAidCard(models.Model):
    """A prepaid card of a person, which the association loads.

    The number of the card is not kept: only the reference by which its issuer knows
    it, and the last four digits.

    ==================  ==========================================
    enter, hand over    finance clerk
    block               finance clerk, finance releaser
    unblock             finance releaser
    ==================  ==========================================
    """

    _name = "beneficiary.aid.card"
    _description = "Prepaid Card"
    _inherit = ["mail.thread"]
    _order = "id desc"
    _check_company_auto = True
    _mail_post_access = "read"

    _never_typed = frozenset({"state"})

    beneficiary_id = fields.Many2one(
        comodel_name="beneficiary.beneficiary",
        string="Card Holder",
        required=True,
        index=True,
        ondelete="restrict",
        check_company=True,
    )
    company_id = fields.Many2one(
        related="beneficiary_id.company_id", store=True, precompute=True, index=True
    )
    issuer_id = fields.Many2one(
        comodel_name="res.partner",
        required=True,
        index=True,
        ondelete="restrict",
        check_company=True,
        domain="[('is_beneficiary', '=', False)]",
        help="The bank or company that issued the card, and takes the load file.",
    )
    reference = fields.Char(
        string="Reference at the Issuer",
        required=True,
        groups="beneficiary_aid.group_finance_clerk,"
        "beneficiary_aid.group_finance_releaser,beneficiary_relations.group_auditor",
        help="By which the issuer knows the card in the load file. Never the number "
        "of the card itself.",
    )
    last_digits = fields.Char(string="Last Four Digits", required=True, size=4)
    handed_on = fields.Date(string="Handed over on", tracking=True)
    state = fields.Selection(
        selection=[("active", "Active"), ("blocked", "Blocked")],
        required=True,
        default="active",
        readonly=True,
        copy=False,
        tracking=True,
    )
    active = fields.Boolean(default=True)
    disbursement_ids = fields.One2many(
        comodel_name="beneficiary.disbursement", inverse_name="card_id"
    )

    _reference_uniq = models.UniqueIndex(
        "(company_id, issuer_id, lower(reference))",
        "The issuer's reference belongs to another card.",
    )
    _digits = models.Constraint(
        "CHECK(last_digits ~ '^[0-9]{4}$')",
        "Enter the last four digits of the card, and no more of its number.",
    )

    @api.depends("last_digits")
    def _compute_display_name(self):
        for card in self:
            card.display_name = f"•••• {card.last_digits or ''}"

    @api.constrains("reference")
    def _check_reference(self):
        """The number of a card is a secret of its holder and of the issuer."""
        for card in self.sudo():
            if CARD_NUMBER.search(re.sub(r"[\s-]", "", card.reference or "")):
                raise ValidationError(
                    self.env._(
                        "This looks like the number of a card, which is not kept. "
                        "Enter the reference of the issuer."
                    )
                )

    # === CRUD === #

    @api.model_create_multi
    def create(self, vals_list):
        return super().create([self._cleaned(vals) for vals in vals_list])

    def write(self, vals):
        vals = self._cleaned(vals)
        if vals.keys() & {"beneficiary_id", "issuer_id", "reference"}:
            for card in self:
                # As the file it went out in says it.
                if card.sudo().disbursement_ids.filtered("move_id"):
                    raise UserError(
                        self.env._(
                            "%(card)s was loaded already and stays as it is. Block it "
                            "and enter another one.",
                            card=card.display_name,
                        )
                    )
        return super().write(vals)

    def _cleaned(self, vals):
        if vals.keys() & self._never_typed and not self.env.su:
            raise UserError(
                self.env._(
                    "Whether a card is blocked is not typed in. Use its buttons."
                )
            )
        vals = dict(vals)
        for name, length in (("reference", REFERENCE_LENGTH), ("last_digits", 4)):
            if vals.get(name):
                vals[name] = clean_text(to_latin_digits(vals[name]).strip()[:length])
        return vals

    # === Actions === #

    def action_block(self):
        """Block cards: nothing is loaded on them any more."""
        self._check_role(
            "beneficiary_aid.group_finance_clerk",
            "beneficiary_aid.group_finance_releaser",
        )
        # The state is not typed in; the role is checked.
        self.sudo().state = "blocked"

    def action_unblock(self):
        """Let cards be loaded again."""
        self._check_role("beneficiary_aid.group_finance_releaser")
        # As above.
        self.sudo().state = "active"

    def _check_role(self, *groups):
        self.check_access("write")
        self.env["beneficiary.beneficiary"]._require_group(*groups)


class BeneficiaryBeneficiary(models.Model):
    _inherit = "beneficiary.beneficiary"

    aid_card_ids = fields.One2many(
        comodel_name="beneficiary.aid.card",
        inverse_name="beneficiary_id",
        groups="beneficiary_aid.group_finance_clerk,"
        "beneficiary_aid.group_finance_releaser,beneficiary_relations.group_auditor",
    )
