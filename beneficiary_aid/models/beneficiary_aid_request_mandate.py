from odoo import api, fields, models


class BeneficiaryAidRequest(models.Model):
    """Who asks for another person, and on what paper."""

    _inherit = "beneficiary.aid.request"

    mandate_id = fields.Many2one(
        comodel_name="beneficiary.mandate",
        string="Asked by Mandate",
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
        check_company=True,
        domain="[('beneficiary_id', '=', beneficiary_id), ('state', '=', 'active'),"
        " ('can_apply', '=', True)]",
        help="The guardian, agent or representative who asks in the person's name. "
        "Empty when the person asks himself.",
    )

    @api.constrains("mandate_id", "beneficiary_id")
    def _check_mandate(self):
        for request in self.filtered("mandate_id"):
            request.mandate_id._check_covers(
                request.beneficiary_id,
                "apply",
                request._business_day(request.date_received),
            )

    @api.model_create_multi
    def create(self, vals_list):
        """Note under which mandate each request is asked, and log it on both.

        :raise PortalError: the user acts for the person on a paper that does not
            cover asking for help
        """
        if not self.env.su:
            self._fill_mandates(vals_list)
        requests = super().create(vals_list)
        for request in requests.filtered("mandate_id"):
            request.mandate_id._log_act(
                self.env._("asked for help, %(number)s", number=request.name), request
            )
        return requests

    @api.model
    def _fill_mandates(self, vals_list):
        """Give requests entered by a representative the mandate he holds."""
        files = self.env["beneficiary.beneficiary"].browse(
            {vals["beneficiary_id"] for vals in vals_list if vals.get("beneficiary_id")}
        )
        mandates = self.env["beneficiary.mandate"]._require_scopes(files, "apply")
        for vals in vals_list:
            mandate = mandates.get(vals.get("beneficiary_id"))
            if mandate and not vals.get("mandate_id"):
                vals["mandate_id"] = mandate.id
