from odoo import api, fields, models


class ResPartner(models.Model):
    _inherit = "res.partner"

    beneficiary_ids = fields.One2many(
        comodel_name="beneficiary.beneficiary",
        inverse_name="partner_id",
        string="Beneficiary Files",
        groups="beneficiary_relations.group_contact_access,"
        "beneficiary_relations.group_branch_representative,base.group_portal",
    )
    is_beneficiary = fields.Boolean(
        index="btree_not_null",
        readonly=True,
        copy=False,
        help="Set for good when a file is opened, so that the contact stays hidden "
        "also after the file is archived.",
    )
    beneficiary_count = fields.Integer(
        compute="_compute_beneficiary_count",
        groups="beneficiary_relations.group_contact_access",
    )

    _phone_sanitized_idx = models.Index(
        "(phone_sanitized) WHERE phone_sanitized IS NOT NULL"
    )

    @api.depends("beneficiary_ids")
    def _compute_beneficiary_count(self):
        counts = dict(
            self.env["beneficiary.beneficiary"]._read_group(
                [("partner_id", "in", self.ids)], ["partner_id"], ["__count"]
            )
        )
        for partner in self:
            partner.beneficiary_count = counts.get(partner, 0)

    def write(self, vals):
        """Keep the name of a person's file as sound as the file itself demands."""
        # The flag only, whatever the rules hide.
        if "name" in vals and any(self.sudo().mapped("is_beneficiary")):
            File = self.env["beneficiary.beneficiary"]
            vals = dict(vals, name=File._clean_vals({"name": vals["name"]})["name"])
        return super().write(vals)

    def action_open_beneficiary(self):
        """Open the file that stands on this contact."""
        self.ensure_one()
        files = self.env["beneficiary.beneficiary"].search(
            [("partner_id", "=", self.id)]
        )
        action = self.env["ir.actions.actions"]._for_xml_id(
            "beneficiary_relations.beneficiary_beneficiary_action"
        )
        if len(files) == 1:
            action.update(res_id=files.id, views=[(False, "form")])
        else:
            action["domain"] = [("id", "in", files.ids)]
        return action
