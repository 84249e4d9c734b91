import hashlib
import secrets

from dateutil.relativedelta import relativedelta

from odoo import SUPERUSER_ID, api, fields, models
from odoo.exceptions import UserError

PERSONS_PER_SLICE = 200
TOKEN_BYTES = 16


class BeneficiarySurveyInvitation(models.Model):
    """Participation: who was asked, and whether he took part. Never what he said.

    No time is kept, only dates: ``_log_access`` is off. At the start the invitation
    is exchanged for a one-use ballot: a random token that only the person's page
    holds, and whose hash stands here until the ballot is cast. Casting erases the
    hash, marks the invitation answered and drops the answers into the ballot buffer
    in one transaction, so that one person answers once and nothing is half saved.
    """

    _name = "beneficiary.survey.invitation"
    _description = "Survey Invitation"
    _inherit = ["beneficiary.access.mixin"]
    _log_access = False
    _check_company_auto = True
    _rec_name = "title"
    _order = "date_invited desc, id desc"

    _portal_fields = frozenset(
        {
            "id",
            "beneficiary_id",
            "company_id",
            "date_due",
            "date_invited",
            "display_name",
            "state",
            "title",
        }
    )

    rule_id = fields.Many2one(
        comodel_name="beneficiary.survey.rule",
        required=True,
        index=True,
        ondelete="cascade",
        check_company=True,
        readonly=True,
    )
    survey_id = fields.Many2one(
        comodel_name="survey.survey",
        string="Questionnaire",
        required=True,
        index=True,
        ondelete="restrict",
        readonly=True,
    )
    title = fields.Char(related="survey_id.title")
    beneficiary_id = fields.Many2one(
        comodel_name="beneficiary.beneficiary",
        required=True,
        index=True,
        ondelete="cascade",
        check_company=True,
        readonly=True,
    )
    company_id = fields.Many2one(
        comodel_name="res.company", required=True, index=True, readonly=True
    )
    date_invited = fields.Date(string="Asked on", required=True, readonly=True)
    date_due = fields.Date(string="Open until", required=True, readonly=True)
    state = fields.Selection(
        selection=[
            ("planned", "Planned"),
            ("invited", "Asked"),
            ("answered", "Answered"),
            ("expired", "Expired"),
        ],
        required=True,
        default="planned",
        index=True,
        readonly=True,
    )
    event_key = fields.Char(required=True, readonly=True, groups=fields.NO_ACCESS)
    ballot_hash = fields.Char(readonly=True, copy=False, groups=fields.NO_ACCESS)

    _event_uniq = models.UniqueIndex(
        "(rule_id, beneficiary_id, event_key)",
        "This person has been asked about this event already.",
    )
    _ballot_hash_uniq = models.UniqueIndex(
        "(ballot_hash) WHERE ballot_hash IS NOT NULL",
        "This ballot exists already. Start the questionnaire again.",
    )
    _waiting_idx = models.Index(
        "(state, date_invited) WHERE state IN ('planned', 'invited')"
    )

    # ------------------------------------------------------------------
    # Inviting
    # ------------------------------------------------------------------

    @api.model
    def _plan(self, occurrences):
        """Create the invitations that are not there yet, and send what is due.

        :param list occurrences: ``[(rule, beneficiary, event key)]``
        :return: the new invitations
        """
        rules, people, keys = (
            zip(*occurrences, strict=True) if occurrences else [()] * 3
        )
        present = {
            (invitation.rule_id.id, invitation.beneficiary_id.id, invitation.event_key)
            for invitation in self.search_fetch(
                [
                    ("rule_id", "in", [rule.id for rule in rules]),
                    ("beneficiary_id", "in", [person.id for person in people]),
                    ("event_key", "in", keys),
                ],
                ["rule_id", "beneficiary_id", "event_key"],
            )
        }
        vals_list = []
        for rule, beneficiary, key in occurrences:
            if (rule.id, beneficiary.id, key) not in present:
                present.add((rule.id, beneficiary.id, key))
                vals_list.append(self._prepare_values(rule, beneficiary, key))
        invitations = self.create(vals_list)
        invitations._send_due()
        return invitations

    @api.model
    def _prepare_values(self, rule, beneficiary, key):
        day = rule._get_planned_date()
        return {
            "rule_id": rule.id,
            "survey_id": rule.survey_id.id,
            "beneficiary_id": beneficiary.id,
            "company_id": rule.company_id.id,
            "date_invited": day,
            "date_due": day + relativedelta(days=rule.due_days),
            "event_key": key,
        }

    def _send_due(self):
        """Ask the persons whose day has come, with a notice that tells no need."""
        today = fields.Date.context_today(self)
        due = self.filtered(
            lambda one: one.state == "planned" and one.date_invited <= today
        )
        due.state = "invited"
        notices = []
        for invitation in due:
            partner = invitation.beneficiary_id.partner_id
            words = self.with_context(lang=partner.lang or self.env.lang).env._(
                "%(association)s: your opinion helps us. Sign in to your page and "
                "open Surveys. Nobody sees who answered what.",
                association=invitation.company_id.name,
            )
            # No record is named on the notice: the log of notices would else say
            # which event somebody was asked about.
            notices.append((partner, words, None))
        self.env["beneficiary.message"]._send_many(notices)
        return due

    @api.model
    def _cron_invite(self):
        """Send planned invitations, ask the yearly question, expire what is over."""
        today = fields.Date.context_today(self)
        self.search([("state", "=", "invited"), ("date_due", "<", today)])._expire()
        self._cron_invite_yearly()
        domain = [("state", "=", "planned"), ("date_invited", "<=", today)]
        while planned := self.search(domain, limit=PERSONS_PER_SLICE):
            planned._send_due()
            if not self._commit_slice(len(planned), self.search_count(domain)):
                break

    @api.model
    def _cron_invite_yearly(self):
        for rule in self.env["beneficiary.survey.rule"].search(
            [("event", "=", "yearly"), ("policy_id.state", "=", "in_force")]
        ):
            while invitations := rule._invite_yearly(PERSONS_PER_SLICE):
                if not self._commit_slice(len(invitations), 1):
                    return

    @api.model
    def _commit_slice(self, done, remaining):
        """Keep what was done; return whether there is time for more."""
        return self.env["ir.cron"]._commit_progress(processed=done, remaining=remaining)

    def _expire(self):
        """Close invitations nobody answered; ballots handed out become void."""
        self.write({"state": "expired", "ballot_hash": False})

    # ------------------------------------------------------------------
    # Portal
    # ------------------------------------------------------------------

    def _portal_values(self):
        """Return what the portal pages show of the person's own invitations.

        :return: one dictionary an invitation, with the keys ``id``, ``title``,
            ``about``, ``aim`` (what evaluations are for, by the policy),
            ``date_due`` and ``for_name`` (empty for the person himself)
        :raise AccessError: an invitation is not the user's
        """
        self.check_access("read")
        words = self._portal_event_words()
        values = []
        for invitation in self:
            person = invitation.beneficiary_id
            # The owner was checked; rules and policies are not readable by portal
            # users, and only the kind of event and the notice are taken.
            rule = invitation.sudo().rule_id
            own = person.partner_id == self.env.user.partner_id
            values.append(
                {
                    "id": invitation.id,
                    "title": invitation.title,
                    "about": words[rule.event],
                    "aim": rule.policy_id.evaluation_notice
                    and self.env._(
                        "To evaluate a service is your right: %(aim)s.",
                        aim=rule.policy_id._selection_label("evaluation_notice"),
                    ),
                    "date_due": invitation.date_due,
                    "for_name": "" if own else person.name,
                }
            )
        return values

    def _portal_event_words(self):
        """Return for each event what the questions are about, in plain words."""
        return {
            "decision_told": self.env._("About our answer to your request"),
            "aid_delivered": self.env._("About the help you received"),
            "complaint_closed": self.env._("About your complaint"),
            "yearly": self.env._("About our service this year"),
        }

    # ------------------------------------------------------------------
    # Ballots
    # ------------------------------------------------------------------

    def _is_open(self):
        """Return whether the person can still answer."""
        self.ensure_one()
        return self.state == "invited" and self.date_due >= fields.Date.context_today(
            self
        )

    def _issue_ballot(self):
        """Exchange the invitation for a ballot that can be cast once.

        A ballot handed out before and not cast becomes void, so that a person who
        lost the page starts again and still answers only once.

        :return: the token of the ballot; it is not stored anywhere
        :raise UserError: the invitation is answered or over
        """
        self.ensure_one()
        if not self._is_open():
            raise UserError(
                self.env._("These questions have been answered already, or are closed.")
            )
        token = secrets.token_urlsafe(TOKEN_BYTES)
        self.ballot_hash = self._hash_token(token)
        return token

    @api.model
    def _find_ballot(self, token):
        """Return the open invitation a ballot was handed out for, or an empty one."""
        if not token:
            return self.browse()
        invitation = self.search([("ballot_hash", "=", self._hash_token(token))])
        return invitation if invitation and invitation._is_open() else self.browse()

    def _cast(self, answers):
        """Take part: use up the ballot and drop the answers into the buffer.

        Of two copies sent at once one waits for the other at the row of the
        invitation and then finds the ballot used.

        :param dict answers: checked by ``survey.survey._check_ballot``
        """
        self.ensure_one()
        # As OdooBot from here on: no author and no time of the person's own session
        # may reach what is written.
        anonymous = self.with_user(SUPERUSER_ID)
        anonymous.write({"state": "answered", "ballot_hash": False})
        anonymous.flush_recordset()
        anonymous.env["beneficiary.survey.ballot"]._drop(self.rule_id.id, answers)

    @api.model
    def _hash_token(self, token):
        return hashlib.sha256(token.encode()).hexdigest()
