from odoo import api, fields, models
from odoo.exceptions import UserError


class BeneficiaryVisitPhoto(models.Model):
    """A photo taken at a visit, under a consent that was in force then."""

    _name = "beneficiary.visit.photo"
    _description = "Photo of a Visit"
    _check_company_auto = True
    _order = "visit_id, id"

    visit_id = fields.Many2one(
        comodel_name="beneficiary.visit",
        required=True,
        index=True,
        ondelete="cascade",
        check_company=True,
    )
    company_id = fields.Many2one(
        related="visit_id.company_id", store=True, index=True, precompute=True
    )
    name = fields.Char(string="What It Shows")
    image = fields.Image(required=True, max_width=1920, max_height=1920)
    consent_id = fields.Many2one(
        comodel_name="beneficiary.consent",
        required=True,
        readonly=True,
        index=True,
        ondelete="restrict",
        check_company=True,
        help="The consent under which it was taken.",
    )

    @api.model_create_multi
    def create(self, vals_list):
        """Store photos; where the person did not consent, none is stored."""
        self.env["beneficiary.beneficiary"]._require_group("group_social_researcher")
        visits = self.env["beneficiary.visit"].browse(
            {vals.get("visit_id") for vals in vals_list}
        )
        visits.check_access("write")
        consents = visits._photo_consents()
        visits._check_photos_allowed(consents)
        return super().create(
            [
                dict(
                    vals,
                    consent_id=consents[visits.browse(vals["visit_id"])].id,
                )
                for vals in vals_list
            ]
        )

    def write(self, vals):
        if not self.env.su and set(vals) - {"name"}:
            raise UserError(
                self.env._(
                    "A photo is not replaced. Delete it, and add another one while "
                    "the consent is in force."
                )
            )
        return super().write(vals)
