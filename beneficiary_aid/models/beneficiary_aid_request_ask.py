from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_list

from .beneficiary_aid_request_flow import OFFICER, RESEARCHER

ANSWERED = "beneficiary_aid.mail_activity_type_answered"
ASKABLE = ("received", "verification", "study", "decision")


class BeneficiaryAidRequest(models.Model):
    """Asking the applicant for what is missing, and going on when he answers.

    One click lists the papers and the signature that are missing, stops the clock and
    sends a notice without their names; the portal shows the list. When the last of it
    is handed in the clock runs again and whoever is responsible is told.
    """

    _inherit = "beneficiary.aid.request"

    asked_document_type_ids = fields.Many2many(
        comodel_name="beneficiary.document.type",
        relation="beneficiary_aid_request_asked_document_type_rel",
        string="Asked for",
        readonly=True,
        copy=False,
        help="The papers the applicant was asked for last.",
    )
    asked_declaration = fields.Boolean(
        string="Signature Asked for", readonly=True, copy=False
    )
    asked_on = fields.Date(readonly=True, copy=False)
    answered_on = fields.Date(readonly=True, copy=False)

    def action_ask_missing(self):
        """Ask the applicant for the papers and the signature that are missing.

        :raise UserError: where nothing is missing from the applicant
        """
        self.check_access("write")
        self._check_role(OFFICER, RESEARCHER)
        for request in self:
            request._check_can_ask()
        for request in self:
            request._ask_missing()

    def _check_can_ask(self):
        self.ensure_one()
        if self.status not in ASKABLE:
            raise UserError(
                self.env._(
                    "Request %(name)s is decided or closed: there is nothing to ask "
                    "for.",
                    name=self.display_name,
                )
            )
        if not self._types_to_ask() and self.is_declared:
            raise UserError(
                self.env._(
                    "Request %(name)s: nothing is missing from the applicant. Papers "
                    "that came in wait to be matched.",
                    name=self.display_name,
                )
            )

    def _types_to_ask(self):
        """Return the papers that are missing and have not been handed in."""
        self.ensure_one()
        there = self.document_ids.filtered(lambda paper: paper.state == "submitted")
        accepted = self.accepted_document_ids
        return self.missing_document_type_ids - there.type_id - accepted.type_id

    def _ask_missing(self):
        """Keep what is asked for, stop the clock and send the notice; once a list."""
        self.ensure_one()
        kinds = self._types_to_ask()
        signature = not self.is_declared
        if (
            self.waiting_since
            and kinds == self.asked_document_type_ids
            and signature == self.asked_declaration
        ):
            return
        is_waiting = bool(self.waiting_since)
        # Results, not input; the role was checked.
        self.sudo().write(
            {
                "asked_document_type_ids": [fields.Command.set(kinds.ids)],
                "asked_declaration": signature,
                "asked_on": self._business_day(),
                "answered_on": False,
                "waiting_for": "applicant",
            }
        )
        if is_waiting:
            self._notify_people("waiting")
        else:
            self.action_return()
        self._message_log(
            body=self.env._("Asked for: %(things)s", things=self._asked_words())
        )

    def _asked_words(self):
        """Return what was asked for, in one line."""
        self.ensure_one()
        things = self.asked_document_type_ids.mapped("name")
        if self.asked_declaration:
            things.append(self.env._("signed declaration"))
        return format_list(self.env, things)

    # ------------------------------------------------------------------
    # The answer
    # ------------------------------------------------------------------

    def _still_asked(self):
        """Return the papers asked for that have not been handed in.

        :return: ``(document types, whether the signature is missing)``
        """
        self.ensure_one()
        day = self._business_day(self.date_received)
        there = self.document_ids.filtered(
            lambda paper: (
                paper.state in ("submitted", "not_applicable")
                or paper._is_valid_on(day)
            )
        )
        return (
            self.asked_document_type_ids - there.type_id,
            self.asked_declaration and not self.is_declared,
        )

    @api.model
    def _on_papers(self, beneficiaries):
        """Go on with the requests of people who handed in, signed or were matched.

        One query where nobody waits.

        :param beneficiaries: ``beneficiary.beneficiary``
        """
        # Whoever hands in a paper need not have a right on the requests it is for.
        requests = self.sudo().search(
            [
                ("beneficiary_id", "in", beneficiaries.ids),
                ("is_open", "=", True),
                "|",
                ("waiting_since", "!=", False),
                ("regularise_note", "!=", False),
            ]
        )
        requests._regularise()
        for request in requests:
            if request.asked_on and not request.answered_on and request.waiting_since:
                kinds, signature = request._still_asked()
                if not kinds and not signature:
                    request._take_answer()

    def _take_answer(self):
        """Let the clock run again, and tell whoever is responsible."""
        self.ensure_one()
        self._resume()
        self.answered_on = self._business_day()
        self._message_log(
            body=self.env._("The applicant answered. The clock runs again."),
            author_id=self.env.ref("base.partner_root").id,
        )
        user = (self.user_id or self.researcher_id or self.entered_by_id).filtered(
            lambda one: one.active and not one.share
        )
        if user:
            # Nobody is mailed in the name of the person.
            words = user._in_own_language(self).with_context(
                mail_activity_quick_update=True
            )
            words.activity_schedule(
                ANSWERED, date_deadline=self._business_day(), user_id=user.id
            )
