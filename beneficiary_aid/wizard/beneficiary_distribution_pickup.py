from odoo import api, fields, models
from odoo.exceptions import UserError

from ..models.beneficiary_distribution_handout import TAKERS


class BeneficiaryDistributionPickup(models.TransientModel):
    """The screen at the desk: type or scan a code, see who it is, let him sign."""

    _name = "beneficiary.distribution.pickup"
    _description = "Hand Out"

    distribution_id = fields.Many2one(
        comodel_name="beneficiary.distribution", required=True, readonly=True
    )
    company_id = fields.Many2one(related="distribution_id.company_id")
    last_note = fields.Char(readonly=True)
    code = fields.Char(string="One-time Code", help="Type it, or scan it.")
    line_id = fields.Many2one(
        comodel_name="beneficiary.distribution.line",
        string="Person",
        compute="_compute_line_id",
    )
    line_state = fields.Selection(related="line_id.state", string="Pick-up")
    beneficiary_id = fields.Many2one(related="line_id.beneficiary_id", string="File")
    household_id = fields.Many2one(related="line_id.household_id")
    members = fields.Integer(related="line_id.members")
    handed_day = fields.Date(related="line_id.handed_day")
    contents = fields.Text(string="Give", compute="_compute_line_id")
    problem = fields.Char(compute="_compute_line_id")
    taker_kind = fields.Selection(
        selection=TAKERS,
        string="Taken by",
        required=True,
        default="self",
    )
    taker_id = fields.Many2one(
        comodel_name="beneficiary.beneficiary",
        string="Member",
        domain="[('household_id', '=', household_id), ('household_id', '!=', False), "
        "('id', '!=', beneficiary_id)]",
    )
    mandate_id = fields.Many2one(
        comodel_name="beneficiary.mandate",
        domain="[('beneficiary_id', '=', beneficiary_id), ('state', '=', 'active'), "
        "('can_receive', '=', True)]",
    )
    signature = fields.Binary()
    photo = fields.Binary()

    # ------------------------------------------------------------------
    # Computes
    # ------------------------------------------------------------------

    @api.depends("code")
    def _compute_line_id(self):
        Line = self.env["beneficiary.distribution.line"]
        for pickup in self:
            line = Line._of_code(pickup.distribution_id, pickup.code)
            pickup.line_id = line
            pickup.contents = pickup._contents_words(line)
            pickup.problem = pickup._problem_words(line)

    def _contents_words(self, line):
        if not line:
            return False
        # What is given is no secret at the desk.
        items = self.distribution_id.sudo().item_ids
        return "\n".join(
            f"{item._quantity_for(line.members)} × {item.name}" for item in items
        )

    def _problem_words(self, line):
        if not self.code:
            return False
        if not line:
            return self.env._("No person of this list has this code. Type it again.")
        try:
            line._check_can_fetch()
        except UserError as error:
            return str(error)
        return False

    # ------------------------------------------------------------------
    # Buttons
    # ------------------------------------------------------------------

    def action_hand_out(self):
        """Record the handing-out and go on with the next person.

        :raise UserError: for a wrong code, or what was fetched already
        """
        self.ensure_one()
        self.check_access("write")
        line = self.line_id
        self.distribution_id._check_may_hand_out()
        if not line:
            raise UserError(
                self.env._("No person of this list has this code. Type it again.")
            )
        line._hand_out(self.code, self._handout_values())
        note = self.env._("Handed out to %(person)s.", person=line.display_name)
        return self._open(self.distribution_id, note)

    def _handout_values(self):
        # The names of those who may take it are shown at the desk.
        pickup_sudo = self.sudo()
        names = {
            "self": pickup_sudo.beneficiary_id,
            "household": pickup_sudo.taker_id,
            "mandate": pickup_sudo.mandate_id.holder_id,
        }
        return {
            "taker_kind": self.taker_kind,
            "taker_id": self.taker_id.id if self.taker_kind == "household" else False,
            "mandate_id": self.mandate_id.id if self.taker_kind == "mandate" else False,
            "taker_name": names[self.taker_kind].name or "—",
            "signature": self.signature,
            "photo": self.photo,
        }

    # ------------------------------------------------------------------
    # Helpers
    # ------------------------------------------------------------------

    @api.model
    def _open(self, distribution, note=False):
        """Return the window of an empty screen for a distribution."""
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Hand Out"),
            "res_model": self._name,
            "view_mode": "form",
            "target": "new",
            "context": {
                "default_distribution_id": distribution.id,
                "default_last_note": note,
            },
        }
