import logging

from psycopg2 import OperationalError

from odoo import api, fields, models

_logger = logging.getLogger(__name__)

STUCK = "beneficiary_aid.mail_activity_type_vote_stuck"


class BeneficiaryAgendaItem(models.Model):
    """Votes that are over and that nobody closed.

    Where the rule sheet closes a vote by itself, a session that broke off between the
    last vote and the closing leaves it open; elsewhere the secretary may forget it.
    The first are closed, the others are put before the secretary.
    """

    _inherit = "beneficiary.agenda.item"

    stuck_on = fields.Datetime(
        string="Reported as Undecided on",
        readonly=True,
        copy=False,
        help="When the secretary was reminded that all votes are in.",
    )

    @api.model
    def _cron_sweep_votes(self):
        """Finish what is certain and undecided, each item in a transaction of its own.

        Running it twice, also at the same time, changes nothing more.
        """
        open_votes = self.search([("state", "=", "voting")], order="id")
        left = len(open_votes)
        for item in open_votes:
            left -= 1
            try:
                item._sweep()
                self.env.flush_all()
            except OperationalError:
                # Somebody votes or closes at this moment: the next run looks again.
                self.env.cr.rollback()
                self.env.invalidate_all()
                _logger.info("Vote on item %s is being changed", item.id)
            if not self.env["ir.cron"]._commit_progress(processed=1, remaining=left):
                return

    def _sweep(self):
        """Close the vote, or tell the secretary that it is over."""
        self.ensure_one()
        self._touch_requests()
        self.invalidate_recordset(["state"])
        if self.state != "voting":
            return
        votes = self._round_votes()
        certain = self._certain(votes)
        if not certain and self._ballot(votes, waiting=True)["open_votes"]:
            return
        by_itself = self.committee_id.auto_close or self._is_circulated()
        if by_itself and certain and self._close_by_itself():
            return
        self._report_stuck()

    def _report_stuck(self):
        """Remind the secretary once that a vote waits to be closed."""
        self.ensure_one()
        if self.stuck_on:
            return
        user = self._secretary()
        words = user._in_own_language(self).env
        self.meeting_id.activity_schedule(
            STUCK,
            user_id=user.id,
            note=words._(
                "%(request)s: every vote that counts is in. Close the vote.",
                request=self.display_name,
            ),
        )
        self.stuck_on = fields.Datetime.now()

    def _secretary(self):
        """Return the user who keeps the minutes of the meeting."""
        self.ensure_one()
        # Who it is, whoever votes.
        meeting = self.meeting_id.sudo()
        secretaries = meeting._serving_members().filtered(
            lambda member: member.role == "secretary"
        )
        return secretaries.user_id[:1] or meeting.create_uid

    def _open_vote(self):
        result = super()._open_vote()
        # A new round may be forgotten again. Not typed in; the role was checked.
        self.sudo().stuck_on = False
        return result
