from odoo import models

from .beneficiary_decision import APPROVALS

ACTIVITY = "beneficiary_aid.mail_activity_type_decide"


class BeneficiaryAidRequest(models.Model):
    """Whoever decides next in person is told that a request is before him (BR-46)."""

    _inherit = "beneficiary.aid.request"

    def _after_move(self, status):
        result = super()._after_move(status)
        if status == "decision":
            self._call_deciders()
        elif status in ("study", "cancelled"):
            self._let_deciders_go()
        return result

    def _pass_on(self, decision):
        result = super()._pass_on(decision)
        self._let_deciders_go()
        self._call_deciders()
        return result

    def _apply_decision(self, decisions):
        result = super()._apply_decision(decisions)
        over = decisions.filtered(
            lambda decision: decision.is_final or decision.outcome not in APPROVALS
        )
        self._of_decisions(over)._let_deciders_go()
        return result

    def _call_deciders(self):
        """Put requests before the deciders of the next step; a committee has its
        agenda."""
        # Who is told follows from the step, which was checked.
        requests = self.sudo().filtered("authority_id")
        for (authority, company), own in requests.grouped(
            lambda request: (request.authority_id, request.company_id)
        ).items():
            users = authority.user_ids or self._escalation_manager(company)
            for user in users.filtered("active"):
                user._in_own_language(own).activity_schedule(
                    ACTIVITY, user_id=user.id, date_deadline=own._business_day()
                )

    def _let_deciders_go(self):
        """Take back what nobody has to decide any more."""
        # See _call_deciders.
        self.sudo().activity_unlink([ACTIVITY])
