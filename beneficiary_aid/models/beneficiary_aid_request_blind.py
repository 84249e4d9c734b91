from odoo import api, fields, models

HIDING = ("name", "name_district")


class BeneficiaryAidRequest(models.Model):
    """Who decides without knowing whom it is about (rule sheet: hide from members).

    The record rules of the person's file look at one plain relation, kept here from
    the agenda items whose vote is not over.
    """

    _inherit = "beneficiary.aid.request"

    blind_user_ids = fields.Many2many(
        comodel_name="res.users",
        relation="beneficiary_aid_request_blind_user_rel",
        string="Decide Without the Name",
        compute="_compute_blind_user_ids",
        store=True,
        copy=False,
        groups="base.group_user",
        help="Until the vote is over the person's file is closed to them, unless they "
        "work with files in another role.",
    )

    shown_document_ids = fields.Many2many(
        comodel_name="beneficiary.document",
        string="Documents of the Person",
        compute="_compute_shown_document_ids",
        help="Empty for whoever decides without the name: papers name the person.",
    )

    @api.depends(
        "agenda_item_ids.state",
        "agenda_item_ids.committee_id.hide_applicant",
        "agenda_item_ids.committee_id.member_ids.role",
        "agenda_item_ids.committee_id.member_ids.user_id",
    )
    def _compute_blind_user_ids(self):
        discussed = self.filtered("agenda_item_ids")
        (self - discussed).blind_user_ids = False
        for request in discussed:
            items = request.agenda_item_ids.filtered(
                lambda item: (
                    item.state in ("pending", "voting")
                    and item.committee_id.hide_applicant in HIDING
                )
            )
            request.blind_user_ids = items.committee_id.member_ids.filtered(
                lambda member: member.role != "secretary"
            ).user_id

    @api.depends("beneficiary_id.document_ids")
    @api.depends_context("uid")
    def _compute_shown_document_ids(self):
        hidden = self.beneficiary_id._hidden_from_user()
        for request in self:
            is_shown = request.beneficiary_id not in hidden
            request.shown_document_ids = is_shown and request.document_ids


class BeneficiaryBeneficiary(models.Model):
    """The name of a person is not told to those who decide without it."""

    _name = "beneficiary.beneficiary"
    _inherit = ["beneficiary.beneficiary"]

    @api.depends_context("uid")
    def _compute_display_name(self):
        hidden = self._hidden_from_user()
        for beneficiary in hidden:
            beneficiary.display_name = self.env._("Name hidden until the vote is over")
        return super(BeneficiaryBeneficiary, self - hidden)._compute_display_name()

    def _hidden_from_user(self):
        """Return the people about whom the current user decides without the name."""
        user = self.env.user
        if not self.ids or not user._reads_files_for_committee():
            return self.browse()
        # What is hidden is looked up for the rule, not shown.
        return self.browse(
            self.sudo()
            .search(
                [
                    ("id", "in", self.ids),
                    ("aid_request_ids.blind_user_ids", "in", user.ids),
                ]
            )
            .ids
        )


class BeneficiaryHousehold(models.Model):
    """A household is called like its head: without the name it is a number."""

    _inherit = "beneficiary.household"

    @api.depends_context("uid")
    def _compute_display_name(self):
        hidden = self._hidden_from_user()
        for household in hidden:
            household.display_name = household.sudo().code
        return super(BeneficiaryHousehold, self - hidden)._compute_display_name()

    def _hidden_from_user(self):
        """Return the households of people about whom the user decides by number."""
        if not self.env.user._reads_files_for_committee():
            return self.browse()
        # Who lives where is looked up for the rule, not shown.
        people = self.sudo().member_ids.with_env(self.env)._hidden_from_user()
        return self & people.sudo().household_id.with_env(self.env)


class BeneficiaryAgendaItem(models.Model):
    _inherit = "beneficiary.agenda.item"

    is_blind = fields.Boolean(string="Name Hidden from Me", compute="_compute_is_blind")
    applicant_area_id = fields.Many2one(
        comodel_name="beneficiary.area",
        string="District",
        compute="_compute_is_blind",
        help="Of the applicant; the rule sheet may hide it until the vote is over.",
    )

    @api.depends("request_id", "state", "committee_id.hide_applicant")
    @api.depends_context("uid")
    def _compute_is_blind(self):
        reads = self.env.user._reads_files_for_committee()
        for item in self:
            # The district alone, whatever the member may read of the file.
            request = item.sudo().request_id
            item.is_blind = reads and self.env.user in request.blind_user_ids
            hidden = item.is_blind and (
                item.committee_id.hide_applicant == "name_district"
            )
            item.applicant_area_id = not hidden and request.beneficiary_id.area_id
