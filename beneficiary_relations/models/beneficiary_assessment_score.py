from odoo import api, fields, models


class BeneficiaryAssessment(models.Model):
    """The need score of one assessment: data of the file and answers of a person."""

    _name = "beneficiary.assessment"
    _inherit = ["beneficiary.assessment"]

    need_score = fields.Integer(
        compute="_compute_need_score",
        store=True,
        aggregator="avg",
        help="Points of the scored conditions that are met, as they were found.",
    )

    @api.depends("line_ids.points")
    def _compute_need_score(self):
        for assessment in self:
            assessment.need_score = sum(assessment.line_ids.mapped("points"))

    def action_done(self):
        """Finish the assessments, then score the files anew: their data was seen."""
        res = super().action_done()
        self.env["beneficiary.policy"]._refresh_scores(self.beneficiary_id)
        return res

    def _prepare_lines(self):
        res = super()._prepare_lines()
        self.filtered(lambda one: one.state == "draft")._score_lines()
        return res

    def _score_lines(self):
        """Take the points of the scored conditions from the policy."""
        for assessment in self:
            for line in assessment.line_ids:
                criterion = line.criterion_id
                if line.mandatory or not criterion:
                    continue
                weight = criterion.weight
                if criterion.band_ids:
                    file = assessment.beneficiary_id
                    weight = criterion._points_for(file).get(file.id, 0)
                if line.weight != weight:
                    # Points are refused as input; these are the policy's.
                    line.sudo().weight = weight
