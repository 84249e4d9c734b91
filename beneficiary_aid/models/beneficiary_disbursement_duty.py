from odoo import fields, models

RELEASER = "beneficiary_aid.group_finance_releaser"


class BeneficiaryDisbursement(models.Model):
    """Releasing by an approved exception, or on behalf of another releaser."""

    _inherit = "beneficiary.disbursement"

    def _get_release_conflicts(self, user):
        """Count the duties of whom the user stands in for, and leave out what
        approved exceptions allow."""
        conflicts = dict(super()._get_release_conflicts(user))
        for principal in self._release_substitutions(user).user_id:
            for one, pairs in super()._get_release_conflicts(principal).items():
                conflicts[one] = conflicts.get(one, set()) | pairs
        if not conflicts:
            return conflicts
        allowed = self._release_exceptions(user)
        left = {
            disbursement: pairs
            - set(
                allowed.filtered(
                    lambda one, own=disbursement: one.company_id == own.company_id
                ).mapped("pair")
            )
            for disbursement, pairs in conflicts.items()
        }
        return {disbursement: pairs for disbursement, pairs in left.items() if pairs}

    def _release_substitutions(self, user):
        Substitute = self.env["beneficiary.substitute"]
        live = Substitute.sudo().browse()
        for company in self.company_id:
            live |= Substitute._live(user, "releaser", company)
        return live

    def _release_exceptions(self, user):
        Exceptions = self.env["beneficiary.duty.exception"]
        live = Exceptions.sudo().browse()
        for company in self.company_id:
            day = company._beneficiary_day(fields.Datetime.now())
            for pair in ("prepare_release", "vote_release"):
                live |= Exceptions._live(pair, user, company, day)
        return live

    def _note_release(self, user):
        """Record releases by exception, and on behalf of another."""
        result = super()._note_release(user)
        self._log_duty_uses(user)
        return result

    def _log_duty_uses(self, user):
        Use = self.env["beneficiary.duty.use"]
        exceptions = self._release_exceptions(user)
        # What the rule would have refused without them.
        conflicts = super()._get_release_conflicts(user) if exceptions else {}
        substitutions = self._release_substitutions(user)
        for disbursement in self:
            name = self.env._("Released %(number)s", number=disbursement.name)
            pairs = conflicts.get(disbursement, ())
            used = exceptions.filtered(
                lambda one, own=disbursement, pairs=pairs: (
                    one.company_id == own.company_id and one.pair in pairs
                )
            )
            Use._log(used, disbursement, name)
            # A releaser in his own right acts for himself.
            lent = substitutions.filtered(
                lambda one, own=disbursement: (
                    one.company_id == own.company_id and one.has_granted
                )
            )
            Use._log(lent, disbursement, name)
            if lent:
                disbursement._message_log(
                    body=self.env._(
                        "Released by %(substitute)s on behalf of %(user)s.",
                        substitute=user.sudo().name,
                        user=", ".join(lent.user_id.mapped("name")),
                    )
                )
