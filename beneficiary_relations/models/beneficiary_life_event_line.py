from odoo import api, fields, models
from odoo.exceptions import UserError


class BeneficiaryLifeEventLine(models.Model):
    """What a life event changed for one person: how it was, how it became."""

    _name = "beneficiary.life.event.line"
    _description = "Change by a Life Event"
    _check_company_auto = True
    _order = "event_id, id"
    _rec_name = "beneficiary_id"

    event_id = fields.Many2one(
        comodel_name="beneficiary.life.event",
        required=True,
        readonly=True,
        index=True,
        ondelete="restrict",
        check_company=True,
    )
    company_id = fields.Many2one(
        related="event_id.company_id", store=True, index=True, precompute=True
    )
    beneficiary_id = fields.Many2one(
        comodel_name="beneficiary.beneficiary",
        string="Person",
        required=True,
        readonly=True,
        index=True,
        ondelete="restrict",
        check_company=True,
    )
    old_household_id = fields.Many2one(
        comodel_name="beneficiary.household",
        string="Household before",
        readonly=True,
        index="btree_not_null",
        ondelete="restrict",
    )
    new_household_id = fields.Many2one(
        comodel_name="beneficiary.household",
        string="Household after",
        readonly=True,
        index="btree_not_null",
        ondelete="restrict",
    )
    old_relationship = fields.Selection(
        selection=lambda self: self._selection_of("relationship"),
        string="Relationship before",
        readonly=True,
    )
    new_relationship = fields.Selection(
        selection=lambda self: self._selection_of("relationship"),
        string="Relationship after",
        readonly=True,
    )
    old_marital_status = fields.Selection(
        selection=lambda self: self._selection_of("marital_status"),
        string="Marital Status before",
        readonly=True,
    )
    new_marital_status = fields.Selection(
        selection=lambda self: self._selection_of("marital_status"),
        string="Marital Status after",
        readonly=True,
    )
    old_state = fields.Selection(
        selection=lambda self: self._selection_of("state"),
        string="File before",
        readonly=True,
    )
    new_state = fields.Selection(
        selection=lambda self: self._selection_of("state"),
        string="File after",
        readonly=True,
    )
    old_state_reason_id = fields.Many2one(
        comodel_name="beneficiary.state.reason",
        string="Reason before",
        readonly=True,
    )
    old_state_note = fields.Text(string="Note on the State before", readonly=True)

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise UserError(self.env._("What a life event changed is kept on record."))

    @api.model
    def _selection_of(self, name):
        File = self.env["beneficiary.beneficiary"]
        return File._fields[name]._description_selection(self.env)
