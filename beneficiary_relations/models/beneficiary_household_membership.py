from datetime import date
from typing import NamedTuple

from odoo import api, fields, models
from odoo.exceptions import UserError

CHANGE = "beneficiary_membership_change"


class Change(NamedTuple):
    """On which day memberships change and by which event, passed in the context.

    A class of our own: what a caller sends over RPC is never one.
    """

    day: date
    event_id: int


class BeneficiaryHouseholdMembership(models.Model):
    """Who belonged to a household, as what and from when to when.

    The day somebody joins is included, the day he leaves is not. Rows are written
    by the registry itself with each change of a membership; nobody types them. A
    row that ends on the day it begins was taken back or corrected that day.
    """

    _name = "beneficiary.household.membership"
    _description = "Membership of a Household"
    _check_company_auto = True
    _order = "date_from desc, id desc"
    _rec_name = "beneficiary_id"

    beneficiary_id = fields.Many2one(
        comodel_name="beneficiary.beneficiary",
        string="Person",
        required=True,
        readonly=True,
        index=True,
        ondelete="cascade",
        check_company=True,
    )
    household_id = fields.Many2one(
        comodel_name="beneficiary.household",
        required=True,
        readonly=True,
        ondelete="restrict",
        check_company=True,
    )
    company_id = fields.Many2one(
        related="beneficiary_id.company_id", store=True, index=True, precompute=True
    )
    relationship = fields.Selection(
        selection=lambda self: (
            self.env["beneficiary.beneficiary"]
            ._fields["relationship"]
            ._description_selection(self.env)
        ),
        readonly=True,
    )
    date_from = fields.Date(string="From", required=True, readonly=True)
    date_to = fields.Date(string="To (excluded)", readonly=True)
    kind = fields.Selection(
        selection=[
            ("start", "Registered so"),
            ("event", "Life event"),
            ("correction", "Correction"),
        ],
        string="Recorded as",
        required=True,
        readonly=True,
    )
    event_id = fields.Many2one(
        comodel_name="beneficiary.life.event",
        string="Life Event",
        readonly=True,
        index="btree_not_null",
        ondelete="restrict",
        check_company=True,
    )

    _dates = models.Constraint(
        "CHECK(date_to IS NULL OR date_from <= date_to)",
        "A membership ends on or after the day it begins.",
    )
    _one_household = models.UniqueIndex(
        "(beneficiary_id) WHERE date_to IS NULL",
        "This person is a member of a household already. Record a life event to move "
        "him.",
    )
    _household_idx = models.Index("(household_id, date_from)")

    def init(self):
        """Give files without a history the row they are in, from their first day."""
        self.env.cr.execute(
            """
            INSERT INTO beneficiary_household_membership
                        (beneficiary_id, household_id, company_id, relationship,
                         date_from, kind, create_date, write_date)
                 SELECT file.id, file.household_id, file.company_id,
                        file.relationship,
                        COALESCE(file.registered_on, file.create_date::date,
                                 CURRENT_DATE),
                        'start', NOW() AT TIME ZONE 'UTC', NOW() AT TIME ZONE 'UTC'
                   FROM beneficiary_beneficiary file
                  WHERE file.household_id IS NOT NULL
                    AND NOT EXISTS (
                            SELECT FROM beneficiary_household_membership row
                             WHERE row.beneficiary_id = file.id)
            """
        )

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise UserError(self.env._("The history of a household is kept."))

    # ------------------------------------------------------------------
    # Business
    # ------------------------------------------------------------------

    @api.model
    def _start(self, files, days):
        """Open the first rows of new files.

        :param dict days: the day each file's membership began, by id
        """
        self._open(files.filtered("household_id"), "start", days)

    @api.model
    def _change(self, files, day=None):
        """End the open rows of files and open those of what they are now.

        The day and the event come from the context when a life event is recorded;
        every other change is a correction of today.

        :param date day: the day a correction holds from, today by default
        """
        change = self.env.context.get(CHANGE)
        is_event = isinstance(change, Change)
        day = change.day if is_event else day or fields.Date.context_today(self)
        # The history follows the membership, whoever had the right to change it.
        open_sudo = self.sudo().search(
            [("beneficiary_id", "in", files.ids), ("date_to", "=", False)]
        )
        # Whoever joined after the day of the event changes on the day he joined.
        days = dict.fromkeys(files.ids, day)
        for first, rows in open_sudo.grouped("date_from").items():
            rows.write({"date_to": max(first, day)})
            days.update(dict.fromkeys(rows.beneficiary_id.ids, max(first, day)))
        # The new rows must find the old ones ended.
        open_sudo.flush_recordset(["date_to"])
        self._open(
            files.filtered("household_id"),
            "event" if is_event else "correction",
            days,
            change.event_id if is_event else False,
        )

    @api.model
    def _open(self, files, kind, days, event_id=False):
        self.sudo().create(
            [
                {
                    "beneficiary_id": file.id,
                    "household_id": file.household_id.id,
                    "relationship": file.relationship,
                    "date_from": days[file.id],
                    "kind": kind,
                    "event_id": event_id,
                }
                for file in files
            ]
        )

    @api.model
    def _check_later(self, files, day):
        """Refuse a change that lies before the last one of a person.

        :raise UserError: naming the person and the first day that is possible
        """
        rows_sudo = self.sudo().search([("beneficiary_id", "in", files.ids)])
        for file in files:
            own = rows_sudo.filtered(lambda row, file=file: row.beneficiary_id == file)
            last = max((row.date_to or row.date_from for row in own), default=date.min)
            if day < last:
                raise UserError(
                    self.env._(
                        "%(name)s: the household was changed on %(last)s already. "
                        "Choose that day or a later one, or take the later change "
                        "back first.",
                        name=file.display_name,
                        last=last,
                    )
                )
