from dateutil.relativedelta import relativedelta

from odoo import Command, api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from ..tools.kinship import seen_from
from .beneficiary_mandate import DEFAULT_MAJORITY_AGE

ASKED_PER_RUN = 200


class BeneficiaryHousehold(models.Model):
    """Who belonged to the household when, who heads it, what happened in it."""

    _inherit = "beneficiary.household"

    membership_ids = fields.One2many(
        comodel_name="beneficiary.household.membership",
        inverse_name="household_id",
        string="Members over Time",
        readonly=True,
    )
    life_event_ids = fields.One2many(
        comodel_name="beneficiary.life.event",
        inverse_name="household_id",
        string="Life Events",
        readonly=True,
    )

    # ------------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            self._check_members_free(vals.get("member_ids"))
        return super().create(vals_list)

    def write(self, vals):
        self._check_members_free(vals.get("member_ids"))
        if vals.get("active") is False:
            for household in self.filtered("member_count"):
                raise UserError(
                    self.env._(
                        "The household %(code)s has members. Record where they moved "
                        "before you archive it.",
                        code=household.code,
                    )
                )
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_with_history(self):
        for household in self.sudo():
            if household.membership_ids or household.life_event_ids:
                raise UserError(
                    self.env._(
                        "The household %(code)s has a history and is kept. Archive it "
                        "instead.",
                        code=household.code,
                    )
                )

    # ------------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------------

    def action_record_life_event(self):
        """Open the screen that records what happened in the household."""
        self.ensure_one()
        self.check_access("write")
        self.env["beneficiary.beneficiary"]._require_group(
            "group_relations_officer", "group_branch_representative"
        )
        return self.env["beneficiary.life.event"]._open_new(self)

    # ------------------------------------------------------------------
    # Business
    # ------------------------------------------------------------------

    def _members_on(self, day):
        """Return who belonged to the households on a day.

        A double that was merged counts as the person's file that was kept.

        :param date day: the day asked for
        :return: ``beneficiary.beneficiary``, archived files included
        """
        rows = self.env["beneficiary.household.membership"].search(
            Domain("household_id", "in", self.ids)
            & Domain("date_from", "<=", day)
            & (Domain("date_to", "=", False) | Domain("date_to", ">", day))
        )
        doubles = rows.beneficiary_id.filtered("merged_into_id")
        return rows.beneficiary_id - doubles | doubles.merged_into_id

    def _set_head(self, new_head):
        """Let another member head the household; all relationships follow.

        The old head, if he is still there, becomes what he is to the new one.

        :param new_head: ``beneficiary.beneficiary``, a member
        """
        self.ensure_one()
        was = new_head.relationship
        others = (self.member_ids - new_head).filtered("relationship")
        by_relationship = others.grouped(
            lambda one: seen_from(was, one.relationship, one.gender)
        )
        for relationship, members in by_relationship.items():
            members.write({"relationship": relationship})
        # The database refuses two heads at any moment.
        others.flush_recordset(["relationship"])
        new_head.write({"relationship": "head"})

    @api.model
    def _cron_ask_for_head(self):
        """Ask for a head, or for somebody who receives for a head under age.

        Imports and corrections may leave a household so; a life event does not.
        What has been put right meanwhile is no longer asked.
        """
        kind = self.env.ref("beneficiary_relations.mail_activity_type_household")
        asked = self.env["mail.activity"].search(
            [("res_model", "=", self._name), ("activity_type_id", "=", kind.id)]
        )
        missing = self.search(self._no_payee_domain())
        asked.filtered(lambda activity: activity.res_id not in missing.ids).unlink()
        due = missing - self.browse(asked.exists().mapped("res_id"))
        for household in due[:ASKED_PER_RUN]:
            user = household._responsible_user()
            household = user._in_own_language(household)
            household.activity_schedule(
                "beneficiary_relations.mail_activity_type_household",
                summary=household.env._("Name the head, or who receives for the head"),
                user_id=user.id,
            )

    # ------------------------------------------------------------------
    # Helpers
    # ------------------------------------------------------------------

    @api.model
    def _no_payee_domain(self):
        """Return which households have members, but nobody who may receive aid."""
        today = fields.Date.context_today(self)
        domain = Domain("head_id", "=", False)
        for policy in self.env["beneficiary.policy"].search(
            [("state", "=", "in_force")]
        ):
            age = policy.majority_age or DEFAULT_MAJORITY_AGE
            domain |= (
                Domain("company_id", "=", policy.company_id.id)
                & Domain("head_id.birth_date", ">", today - relativedelta(years=age))
                & Domain(
                    "head_id.mandate_ids",
                    "not any",
                    [("state", "=", "active"), ("can_receive", "=", True)],
                )
            )
        return domain & Domain("member_count", ">", 0)

    def _responsible_user(self):
        """Return who is asked: the branch's representative, or who opened it."""
        self.ensure_one()
        opened_by = self.create_uid.filtered(
            lambda user: user.active and not user.share
        )
        return self.branch_id.user_ids[:1] or opened_by or self.env.user

    @api.model
    def _check_members_free(self, commands):
        """Nobody lives in two households: who has one already is moved by an event."""
        linked = set()
        for command in commands or []:
            if command[0] == Command.LINK:
                linked.add(command[1])
            elif command[0] == Command.SET:
                linked.update(command[2])
        for file in self.env["beneficiary.beneficiary"].browse(linked):
            if file.household_id and file.household_id not in self:
                raise UserError(
                    self.env._(
                        "%(name)s is a member of the household %(code)s already. A "
                        "person belongs to one household: record a life event to move "
                        "him.",
                        name=file.display_name,
                        code=file.household_id.code,
                    )
                )
