from odoo import models


class BeneficiaryLifeEvent(models.Model):
    """A death leaves requests without a person, and payments without a payee."""

    _inherit = "beneficiary.life.event"

    def _apply_death(self):
        """Ask whoever is responsible what becomes of the open requests."""
        res = super()._apply_death()
        for request in self._requests_left():
            user = request.user_id or request.researcher_id or self.env.user
            request = user._in_own_language(request)
            request.activity_schedule(
                "mail.mail_activity_data_todo",
                summary=request.env._(
                    "The person's file was closed: look at the payee"
                ),
                user_id=user.id,
            )
        self._stop_sponsorships()
        return res

    def _stop_sponsorships(self):
        """Stop what is paid to the person again and again."""
        # Whoever records the death need not manage aid.
        running = (
            self.env["beneficiary.sponsorship"]
            .sudo()
            .search(
                [
                    ("beneficiary_id", "=", self.beneficiary_id.id),
                    ("state", "=", "running"),
                ]
            )
        )
        running._stop(dict.fromkeys(running, "death"))

    def _requests_left(self):
        """Return the person's open requests, and those owing the person money."""
        self.ensure_one()
        person = self.beneficiary_id
        owed = self.env["beneficiary.disbursement"].search(
            [
                ("payee_id", "=", person.partner_id.id),
                ("state", "in", ("draft", "due")),
            ]
        )
        own = self.env["beneficiary.aid.request"].search(
            [("beneficiary_id", "=", person.id), ("is_open", "=", True)]
        )
        return own | owed.request_id
