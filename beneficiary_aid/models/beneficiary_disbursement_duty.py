from odoo import fields, models
from odoo.tools import format_list

RELEASER = "beneficiary_aid.group_finance_releaser"


class BeneficiaryReleasedMixin(models.AbstractModel):
    """Releasing by an approved exception, or on behalf of another releaser."""

    _inherit = "beneficiary.released.mixin"

    def _get_release_conflicts(self, user):
        """Count the duties of whom the user stands in for, and leave out what
        approved exceptions allow."""
        conflicts = self._get_own_conflicts(user)
        for principal in self._release_substitutions(user).user_id:
            for one, pairs in self._get_own_conflicts(principal).items():
                conflicts[one] = conflicts.get(one, set()) | pairs
        if not conflicts:
            return conflicts
        allowed = self._release_exceptions(user)
        left = {
            paper: pairs
            - set(
                allowed.filtered(
                    lambda one, own=paper: one.company_id == own.company_id
                ).mapped("pair")
            )
            for paper, pairs in conflicts.items()
        }
        return {paper: pairs for paper, pairs in left.items() if pairs}

    def _get_own_conflicts(self, user):
        """Return the conflicts of one person; deciding in person, or on a list,
        counts like a vote."""
        conflicts = dict(super()._get_own_conflicts(user))
        if user._is_superuser():
            return conflicts
        # Only whether this user decided is asked; nobody learns how or who else.
        decided = self.env["beneficiary.decision"].sudo()
        decided = decided.search(
            [
                ("request_id", "in", self.request_id.ids),
                ("decided_by_id", "=", user.id),
            ]
        )
        lists = self.request_id.sudo().decision_id.filtered(
            lambda decision: not decision.request_id
        )
        if lists:
            votes = lists.item_id.vote_ids.filtered(
                lambda vote: user in vote.member_id.user_id | vote.cast_by_id.user_id
            )
            decided |= lists.filtered(lambda one: one.item_id in votes.item_id)
        for paper in self if decided else ():
            request = paper.request_id.sudo()
            if request in decided.request_id or request.decision_id in decided:
                conflicts[paper] = conflicts.get(paper, set()) | {"vote_release"}
        return conflicts

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

    def _log_duty_uses(self, user):
        """Record what was released by exception or on behalf, in one go."""
        exceptions = self._release_exceptions(user)
        # What the rule would have refused without them.
        conflicts = self._get_own_conflicts(user) if exceptions else {}
        substitutions = self._release_substitutions(user)
        rows = []
        for paper in self if exceptions or substitutions else ():
            name = self.env._("Released %(number)s", number=paper.name)
            pairs = conflicts.get(paper, ())
            for one in exceptions:
                if one.company_id == paper.company_id and one.pair in pairs:
                    rows.append((one, paper, name))
            for one in substitutions:
                # A releaser in his own right acts for himself.
                if one.company_id == paper.company_id and one.has_granted:
                    rows.append((one, paper, name))
        self.env["beneficiary.duty.use"]._log_many(rows)
        lent = substitutions.filtered("has_granted")
        if lent:
            self._message_log_batch(
                bodies={
                    paper.id: self.env._(
                        "Released by %(substitute)s on behalf of %(user)s.",
                        substitute=user.sudo().name,
                        user=format_list(self.env, lent.user_id.mapped("name")),
                    )
                    for paper in self
                }
            )


class BeneficiaryDisbursement(models.Model):
    _inherit = "beneficiary.disbursement"

    def _note_release(self, user):
        """Record releases by exception, and on behalf of another."""
        result = super()._note_release(user)
        self._log_duty_uses(user)
        return result


class BeneficiaryDisbursementBatch(models.Model):
    _inherit = "beneficiary.disbursement.batch"

    def _sign(self, user):
        """Record a signature by exception, or on behalf of another releaser."""
        result = super()._sign(user)
        self.line_ids.disbursement_id._log_duty_uses(user)
        return result
