import json

from odoo import api, fields, models
from odoo.tools import file_open

PRESETS = "beneficiary_aid/data/committee_presets.json"


class BeneficiaryCommitteePreset(models.TransientModel):
    """Fill the rule sheet of a committee from a known set of rules.

    What the set does not speak of stays as it is; every rule can be changed afterwards.
    The sets are in ``data/committee_presets.json``.
    """

    _name = "beneficiary.committee.preset"
    _description = "Fill the Rule Sheet"

    committee_id = fields.Many2one(
        comodel_name="beneficiary.committee", required=True, readonly=True
    )
    preset = fields.Selection(
        selection=[
            ("simple", "Simple majority"),
            ("strict", "Strict, as in the Saudi consultation draft"),
        ],
        string="Rules",
        required=True,
        default="simple",
    )
    changes = fields.Text(string="What Changes", compute="_compute_changes")

    @api.model
    def _presets(self):
        """Return the known sets of rules.

        :rtype: dict[str, dict]
        """
        with file_open(PRESETS) as file:
            return json.load(file)

    @api.depends("preset", "committee_id")
    def _compute_changes(self):
        presets = self._presets()
        for wizard in self:
            values = presets.get(wizard.preset, {})
            lines = [
                wizard._change_line(name, value)
                for name, value in values.items()
                if wizard.committee_id[name] != value
            ]
            wizard.changes = "\n".join(lines) or self.env._(
                "Nothing: the rule sheet says so already."
            )

    def _change_line(self, name, value):
        field = self.committee_id._fields[name]
        return self.env._(
            "%(rule)s: %(new)s (now: %(now)s)",
            rule=field._description_string(self.env),
            new=self._in_words(field, value),
            now=self._in_words(field, self.committee_id[name]),
        )

    def _in_words(self, field, value):
        if field.type == "selection":
            return dict(field._description_selection(self.env)).get(value, value)
        if field.type == "boolean":
            return self.env._("yes") if value else self.env._("no")
        if field.type == "float":
            return f"{value:.0%}"
        return str(value)

    def action_apply(self):
        """Fill the rule sheet."""
        self.ensure_one()
        self.check_access("write")
        self.env["beneficiary.beneficiary"]._require_group(
            "beneficiary_aid.group_aid_manager"
        )
        self.committee_id.check_access("write")
        self.committee_id.write(self._presets()[self.preset])
        return {"type": "ir.actions.act_window_close"}
