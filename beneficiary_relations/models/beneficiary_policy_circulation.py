from odoo import api, fields, models
from odoo.exceptions import UserError

READERS = (
    "beneficiary_relations.group_reader",
    "beneficiary_relations.group_branch_representative",
)
REVIEW_NOTICE_DAYS = 30


class BeneficiaryPolicy(models.Model):
    """Making the policy known: to the staff, who say that they read it, and to all.

    And keeping it under review, as the texts ask (C04, C05).
    """

    _inherit = "beneficiary.policy"

    user_id = fields.Many2one(
        comodel_name="res.users",
        string="Owner of the Policy",
        tracking=True,
        domain="[('share', '=', False), ('company_ids', 'in', company_id)]",
        help="Is told when the review of the policy comes due.",
    )
    circulated_on = fields.Date(readonly=True, copy=False)
    acknowledge_days = fields.Integer(
        string="Read within (days)",
        required=True,
        default=14,
        help="After these days whoever has not read the policy is reminded.",
    )
    acknowledgement_ids = fields.One2many(
        comodel_name="beneficiary.policy.acknowledgement",
        inverse_name="policy_id",
        string="Acknowledgements",
        groups="beneficiary_relations.group_manager,"
        "beneficiary_relations.group_auditor",
    )
    acknowledgement_count = fields.Integer(
        string="Have Read",
        compute="_compute_acknowledgement_count",
        groups="beneficiary_relations.group_manager,"
        "beneficiary_relations.group_auditor",
    )
    staff_count = fields.Integer(
        string="On the List",
        compute="_compute_acknowledgement_count",
        groups="beneficiary_relations.group_manager,"
        "beneficiary_relations.group_auditor",
    )
    is_mine_to_read = fields.Boolean(compute="_compute_is_mine_to_read")
    is_published = fields.Boolean(
        string="Published", readonly=True, copy=False, tracking=True
    )
    public_address = fields.Char(
        compute="_compute_public_address",
        inverse="_inverse_public_address",
        help="The last part of the address of the public pages: small letters, digits "
        "and hyphens.",
    )
    public_url = fields.Char(string="Public Page", compute="_compute_public_address")
    policy_review_months = fields.Integer(
        string="Policy Reviewed Every (months)", required=True, default=12
    )
    next_review_date = fields.Date(
        string="Next Review",
        compute="_compute_next_review_date",
        store=True,
        readonly=False,
        copy=False,
        tracking=True,
    )

    _circulation_sound = models.Constraint(
        "CHECK(acknowledge_days BETWEEN 1 AND 365"
        " AND policy_review_months BETWEEN 1 AND 120)",
        "The staff has 1 to 365 days to read the policy, and it is reviewed every 1 "
        "to 120 months.",
    )

    # ------------------------------------------------------------
    # Computes
    # ------------------------------------------------------------

    @api.depends("acknowledgement_ids.state")
    def _compute_acknowledgement_count(self):
        counts = {}
        rows = self.env["beneficiary.policy.acknowledgement"]._read_group(
            [("policy_id", "in", self.ids)], ["policy_id", "state"], ["__count"]
        )
        for policy, state, count in rows:
            counts[policy, state] = count
        for policy in self:
            policy.acknowledgement_count = counts.get((policy, "done"), 0)
            policy.staff_count = policy.acknowledgement_count + counts.get(
                (policy, "waiting"), 0
            )

    @api.depends_context("uid")
    def _compute_is_mine_to_read(self):
        waiting = self._my_row().policy_id
        for policy in self:
            policy.is_mine_to_read = policy in waiting

    @api.depends("company_id")
    def _compute_public_address(self):
        for policy in self:
            # The address of public pages is public.
            address = policy.sudo().company_id.beneficiary_address
            policy.public_address = address
            policy.public_url = (
                f"{policy.get_base_url()}/charity/{address}" if address else False
            )

    def _inverse_public_address(self):
        self.env["beneficiary.beneficiary"]._require_group("group_administrator")
        for policy in self:
            # The one field of the company that the administrator of the registry sets.
            policy.sudo().company_id.beneficiary_address = policy.public_address

    @api.depends("date_from", "policy_review_months")
    def _compute_next_review_date(self):
        for policy in self:
            policy.next_review_date = policy.date_from and fields.Date.add(
                policy.date_from, months=policy.policy_review_months
            )

    # ------------------------------------------------------------
    # Staff
    # ------------------------------------------------------------

    def action_circulate(self):
        """Put the policy in force before everybody who works with it.

        Circulating again adds who has come since; nobody reads twice.
        """
        self.ensure_one()
        self.check_access("write")
        self.env["beneficiary.beneficiary"]._require_group("group_administrator")
        self._check_in_force()
        today = fields.Date.context_today(self)
        # Rows and dates are results; the right to circulate was checked.
        policy = self.sudo()
        users = policy._staff() - policy.acknowledgement_ids.user_id
        rows = (
            self.env["beneficiary.policy.acknowledgement"]
            .sudo()
            .create(
                [
                    {"policy_id": self.id, "user_id": user.id, "circulated_on": today}
                    for user in users
                ]
            )
        )
        rows._remind()
        policy.circulated_on = policy.circulated_on or today
        return self.action_open_acknowledgements()

    def action_acknowledge(self):
        """Record that the user himself has read the policy."""
        self.check_access("read")
        rows = self._my_row()
        if not rows:
            raise UserError(
                self.env._(
                    "%(policy)s was not circulated to you, or you confirmed it "
                    "already.",
                    policy=self[:1].display_name,
                )
            )
        rows.acknowledged_on = fields.Date.context_today(self)
        # His own task on the desk is done; nothing else of the policy changes.
        rows.policy_id.activity_feedback(
            ["beneficiary_relations.mail_activity_type_policy_acknowledge"],
            user_id=self.env.uid,
        )

    def action_remind(self):
        """Remind those who have not read the policy."""
        self.ensure_one()
        self.check_access("read")
        self.env["beneficiary.beneficiary"]._require_group("group_manager")
        # See action_circulate.
        reminded = self.sudo().acknowledgement_ids._remind()
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "success",
                "message": self.env._(
                    "Reminded: %(number)s members of the staff.", number=len(reminded)
                ),
            },
        }

    def action_open_acknowledgements(self):
        """Open the list of who has read the policy and who has not."""
        self.ensure_one()
        self.check_access("read")
        action = self.env["ir.actions.actions"]._for_xml_id(
            "beneficiary_relations.beneficiary_policy_acknowledgement_action"
        )
        action["domain"] = [("policy_id", "=", self.id)]
        return action

    def _my_row(self):
        """Return what the user has still to read, of these policies.

        In a sudoed environment: the row is his own, and he may not write it otherwise.
        """
        return (
            self.env["beneficiary.policy.acknowledgement"]
            .sudo()
            .search(
                [
                    ("policy_id", "in", self.ids),
                    ("user_id", "=", self.env.uid),
                    ("state", "=", "waiting"),
                ]
            )
        )

    def _staff(self):
        """Return everybody in the association who works by the policy."""
        self.ensure_one()
        return self.env["res.users"]._holding(READERS, self.company_id)

    def _check_in_force(self):
        self.ensure_one()
        if self.state != "in_force":
            raise UserError(
                self.env._(
                    "%(policy)s is not in force. Put it in force first.",
                    policy=self.display_name,
                )
            )

    # ------------------------------------------------------------
    # Public
    # ------------------------------------------------------------

    def action_publish(self):
        """Show the policy, the charter and the services to everybody."""
        self.ensure_one()
        self.check_access("write")
        self.env["beneficiary.beneficiary"]._require_group("group_administrator")
        self._check_in_force()
        if not self.public_address:
            raise UserError(
                self.env._(
                    "%(policy)s has no public address yet. Enter one under "
                    "Circulation, such as the name of the association in Latin "
                    "letters.",
                    policy=self.display_name,
                )
            )
        # A result, not input; the right to publish was checked.
        self.sudo().is_published = True

    def action_unpublish(self):
        """Take the public pages away."""
        self.ensure_one()
        self.check_access("write")
        self.env["beneficiary.beneficiary"]._require_group("group_administrator")
        # See action_publish.
        self.sudo().is_published = False

    def action_open_public_page(self):
        """Open the public page."""
        self.ensure_one()
        self.check_access("read")
        return {"type": "ir.actions.act_url", "url": self.public_url, "target": "new"}

    @api.model
    def _published(self, address=None, company=None):
        """Return the policy the public reads at an address, or an empty one.

        :param str address: last part of the address, from anybody
        :param company: the association, instead of the address
        """
        # Only what is in force and published leaves this method.
        Policy = self.sudo()
        if address:
            company = (
                self.env["res.company"]
                .sudo()
                .search([("beneficiary_address", "=", address)], limit=1)
            )
        if not company:
            return Policy.browse()
        return Policy.search(
            [
                ("company_id", "=", company.id),
                ("state", "=", "in_force"),
                ("is_published", "=", True),
            ],
            limit=1,
        )

    def _public_values(self):
        """Return what the public pages show: words, no record and no person.

        :rtype: dict
        """
        self.ensure_one()
        company = self.company_id
        sections = self._shown_sections()
        return {
            "title": self.name,
            "association": company.name,
            "phone": company.phone,
            "email": company.email,
            "licence": self.licence_number,
            "address": company.beneficiary_address,
            "version_line": self._document_version_line(),
            "sections": sections,
            "by_key": {section["key"]: section for section in sections},
            "services": self._public_services(),
        }

    def _public_services(self):
        """Return the catalogue: a dict a service; addons that give services fill it.

        Each has ``name``, ``description``, and the lists ``conditions``,
        ``documents``, ``steps`` and ``time``.
        """
        return []

    # ------------------------------------------------------------
    # Schedule
    # ------------------------------------------------------------

    @api.model
    def _cron_circulation(self):
        """Remind of what was not read in time, and of reviews that come due."""
        today = fields.Date.context_today(self)
        rows = self.env["beneficiary.policy.acknowledgement"].search(
            [
                ("state", "=", "waiting"),
                ("policy_id.state", "=", "in_force"),
                ("circulated_on", "<", today),
            ]
        )
        rows.filtered(lambda row: row._date_due() <= today)._remind()
        self._schedule_reviews(today)

    def _schedule_reviews(self, today):
        due = self.search(
            [
                ("state", "=", "in_force"),
                (
                    "next_review_date",
                    "<=",
                    fields.Date.add(today, days=REVIEW_NOTICE_DAYS),
                ),
            ]
        )
        xmlid = "beneficiary_relations.mail_activity_type_policy_review"
        kind = self.env.ref(xmlid)
        for policy in due:
            if kind not in policy.activity_ids.activity_type_id:
                user = policy.user_id or policy._reviewer()
                user._in_own_language(policy).activity_schedule(
                    xmlid,
                    date_deadline=policy.next_review_date,
                    user_id=user.id,
                )

    def _reviewer(self):
        """Return who reviews a policy that has no owner: an administrator."""
        group = self.env.ref("beneficiary_relations.group_administrator")
        users = self._staff().filtered(lambda user: group in user.all_group_ids)
        return users[:1] or self.env.user

    def _put_in_force(self):
        """Keep the public pages open from one version to the next."""
        previous = self._in_force(self.company_id).sudo()
        result = super()._put_in_force()
        # The pages follow the policy in force: published stays published.
        self.sudo().is_published = bool(previous.is_published)
        return result

    def _document_review(self):
        section = super()._document_review()
        section["rows"].append(
            {
                "key": "policy",
                "cells": [
                    self.env._(
                        "The policy itself is reviewed every %(period)s and made known "
                        "to staff and beneficiaries.",
                        period=self._period_label(self.policy_review_months, "month"),
                    )
                ],
                "proposed": False,
            }
        )
        return section
