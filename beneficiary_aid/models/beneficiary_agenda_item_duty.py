from odoo import models


class BeneficiaryAgendaItem(models.Model):
    """Who studied a case votes on it by an approved exception only, and a substitute
    meets the duties of both persons."""

    _inherit = "beneficiary.agenda.item"

    def _assessment_authors(self):
        """Return who may not vote because he, or the one he stands in for, studied
        the case, and has no exception."""
        authors = self._with_substitutes(super()._assessment_authors())
        if not authors:
            return authors
        excepted = self._study_exceptions(authors).user_id
        return authors.filtered(lambda member: member.user_id not in excepted)

    def _earlier_deciders(self):
        """Return who decided before, or stands in for somebody who did."""
        return self._with_substitutes(super()._earlier_deciders())

    def _pair_alternates(self, seats, present, recused, for_recused):
        """Let an approved substitute sit in the seat of the one he stands in for.

        Whatever the rules say about alternates; not where either has a conflict.
        """
        pairs = super()._pair_alternates(seats, present, recused, for_recused)
        if self.meeting_id.kind != "session":
            return pairs
        taken = seats.browse().union(*pairs.values())
        empty = (seats - present - recused - taken).filtered("votes")
        came = self.meeting_id._present_alternates() - recused - self.absent_member_ids
        for one in came.filtered("substitution_id"):
            if one not in pairs and one.alternate_for_id & empty:
                pairs[one] = one.alternate_for_id
        return pairs

    def _with_substitutes(self, members):
        """Add those who stand in for members of the committee.

        :param members: ``beneficiary.committee.member``
        """
        # That somebody stands in for another is asked by the rule itself.
        seats = self.committee_id.member_ids.sudo()
        people = members.sudo().user_id
        substitutes = seats.filtered(lambda seat: seat.substitution_id.user_id & people)
        return members | substitutes.with_env(self.env)

    def _study_exceptions(self, members):
        return self.env["beneficiary.duty.exception"]._live(
            "study_vote",
            members.sudo().user_id,
            self.company_id,
            self.meeting_id._day(),
        )

    def _open_vote(self):
        """Record who votes by an exception, and who on behalf of another."""
        result = super()._open_vote()
        if self.state == "voting":
            self._log_duty_uses()
        return result

    def _log_duty_uses(self):
        Use = self.env["beneficiary.duty.use"]
        voters = self.eligible_member_ids
        name = self.env._("May vote on %(request)s", request=self.display_name)
        authors = self._study_authors() & voters
        if authors:
            Use._log(self._study_exceptions(authors), self, name)
        substitutions = voters.sudo().substitution_id
        if substitutions:
            Use._log(substitutions, self, name)

    def _minutes_section(self, number, words):
        section = super()._minutes_section(number, words)
        # What was done by exception belongs in the minutes, whoever writes them.
        uses = self.env["beneficiary.duty.use"].sudo()._of(self)
        for use in uses.filtered("exception_id"):
            section["rows"].append(
                [self.env._("Voted by an approved exception"), use.user_id.name]
            )
        return section
