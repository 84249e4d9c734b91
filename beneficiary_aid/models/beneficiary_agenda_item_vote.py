import hashlib
import json

from odoo import Command, api, fields, models
from odoo.exceptions import AccessError, UserError

from .beneficiary_decision import APPROVALS


class BeneficiaryAgendaItem(models.Model):
    """Opening the vote on a motion, and giving votes."""

    _inherit = "beneficiary.agenda.item"

    round_vote_ids = fields.Many2many(
        comodel_name="beneficiary.vote",
        compute="_compute_round_vote_ids",
        compute_sudo=True,
        groups=fields.NO_ACCESS,
        help="The votes of the current round that count. For counting only.",
    )

    @api.depends("vote_ids.round", "vote_ids.version", "round")
    def _compute_round_vote_ids(self):
        # Searched for: what is read of vote_ids may be only what somebody may see.
        votes = self.env["beneficiary.vote"].search(
            [("item_id", "in", self.ids)], order="version, id"
        )
        last = {(vote.item_id, vote.round, vote.member_id): vote.id for vote in votes}
        counting = votes.browse(sorted(last.values())).grouped(
            lambda vote: (vote.item_id, vote.round)
        )
        for item in self:
            item.round_vote_ids = counting.get(
                (item._origin, item.round), votes.browse()
            )

    # ------------------------------------------------------------------
    # Opening
    # ------------------------------------------------------------------

    def _check_can_open_vote(self):
        self.ensure_one()
        request = self.display_name
        if self.meeting_id.state != "open":
            raise UserError(
                self.env._(
                    "%(request)s: the meeting %(meeting)s is not open.",
                    request=request,
                    meeting=self.meeting_id.display_name,
                )
            )
        if self.state != "pending":
            raise UserError(
                self.env._("%(request)s: the vote is open or over.", request=request)
            )
        self._check_can_add()
        if not self.outcome:
            raise UserError(
                self.env._(
                    "%(request)s: choose what the committee votes on.", request=request
                )
            )
        self._check_motion()

    def _check_motion(self):
        """Refuse a motion that could not take effect."""
        self.ensure_one()
        request = self.request_id
        if self.outcome in APPROVALS:
            self._check_motion_amount(request)
        elif self.outcome in ("decline", "refer") and not self.reason_id:
            raise UserError(
                self.env._(
                    "%(request)s: choose the reason the applicant is told.",
                    request=self.display_name,
                )
            )
        if self.outcome == "approve_condition" and not self.condition:
            raise UserError(
                self.env._(
                    "%(request)s: write down the condition.", request=self.display_name
                )
            )

    def _check_motion_amount(self, request):
        currency = self.currency_id
        ceiling = request.aid_type_id.ceiling
        asked = request.amount_requested
        if self.outcome != "in_kind" and currency.is_zero(self.amount):
            raise UserError(
                self.env._(
                    "%(request)s: enter the amount to approve.",
                    request=self.display_name,
                )
            )
        together = self.amount + request._granted_with()
        if ceiling and currency.compare_amounts(together, ceiling) > 0:
            raise UserError(
                self.env._(
                    "%(request)s: %(amount)s is above the ceiling of %(aid_type)s, "
                    "which is %(ceiling)s.",
                    request=self.display_name,
                    # With what other parts of the same request were granted.
                    amount=currency.format(together),
                    aid_type=request.aid_type_id.name,
                    ceiling=currency.format(ceiling),
                )
            )
        if asked and currency.compare_amounts(self.amount, asked) > 0:
            raise UserError(
                self.env._(
                    "%(request)s: %(amount)s is more than was asked for, which is "
                    "%(asked)s.",
                    request=self.display_name,
                    amount=currency.format(self.amount),
                    asked=currency.format(asked),
                )
            )
        if self.kind == "first":
            request._check_authority_reaches(self.committee_id, self.amount)
        if not currency.is_zero(self.amount):
            if not self.fund_id:
                raise UserError(
                    self.env._(
                        "%(request)s: choose the fund that pays.",
                        request=self.display_name,
                    )
                )
            # Whether a fund may pay is asked of its conditions, whoever asks.
            self.fund_id.sudo()._check_may_pay(
                request.aid_type_id, request.beneficiary_id, request
            )

    def _open_vote(self):
        """Fix who may vote and on what, and open the vote."""
        self.ensure_one()
        self._touch_requests()
        recused = self.recused_member_ids | self._assessment_authors()
        recused |= self._earlier_deciders()
        room = self._quorate_room(recused)
        if not room:
            return
        self._check_opinions(room)
        # State, round and seal are not typed in; the role was checked.
        self.sudo().write(
            {
                "recused_member_ids": [Command.set(recused.ids)],
                **self._first_amount(),
            }
        )
        self.sudo().write(
            {
                "state": "voting",
                "round": self.round + 1,
                "revotes": 0,
                "carried_amount": 0,
                "carried_round": 0,
                "is_secret": self.committee_id.ballot == "secret",
                "eligible_member_ids": [
                    Command.set(self._voters(room.available()).ids)
                ],
                "dossier_hash": self._hash_dossier(),
                "result": False,
            }
        )
        self._keep_stand_ins(room)
        if self.is_secret:
            self.env["beneficiary.ballot.box"]._set_up(self)

    def _voters(self, members):
        """Return who of the members that count for the item gives a vote.

        An alternate among them fills a seat.
        """
        chair_votes = self.committee_id.chair_votes
        return members.filtered(
            lambda member: (
                (member.votes or member.role == "alternate")
                and (member.role != "chair" or chair_votes != "never")
            )
        )

    def _assessment_authors(self):
        """Return the members who may not vote because they studied the case."""
        return self._study_authors()

    def _study_authors(self):
        """Return the members who studied the case: they do not vote on it.

        Whoever wrote an assessment of the request, or is its researcher.
        """
        self.ensure_one()
        # Members may lack the right to see who studied; the rule holds all the same.
        request = self.request_id.sudo()
        authors = self.env["res.users"].sudo()
        # A part was studied with its whole. Not as one recordset: that would read the
        # assessments of each item by itself.
        for studied in (request, request.whole_id):
            assessments = studied.assessment_ids
            authors |= studied.researcher_id
            authors |= assessments.filtered(
                lambda assessment: assessment.state != "cancelled"
            ).researcher_id
            authors |= assessments.create_uid.filtered(
                lambda user: not user._is_superuser()
            )
        return self.committee_id.member_ids.filtered(
            lambda member: member.user_id in authors
        )

    def _earlier_deciders(self):
        """Return the members who decided about the request before.

        For an appeal those who decided the first time, by vote or in person; else
        those who decided at an earlier step.
        """
        self.ensure_one()
        # See _assessment_authors.
        users = self.request_id.sudo()._deciders_before(self.kind)
        return self.committee_id.member_ids.filtered(
            lambda member: member.user_id in users
        )

    def _raise_no_quorum(self, present, needed, silent="", missing=()):
        if missing and present >= needed:
            raise UserError(
                self.env._(
                    "%(request)s: there is no quorum without: %(offices)s. Wait for "
                    "them, or put the item off.",
                    request=self.display_name,
                    offices=self.committee_id._office_names(missing),
                )
            )
        if silent:
            raise UserError(
                self.env._(
                    "%(request)s: there is no quorum. Present and not recused: "
                    "%(present)s, needed: %(needed)s. Whoever has not voted counts as "
                    "absent: %(names)s. Wait for their votes.",
                    request=self.display_name,
                    present=present,
                    needed=needed,
                    names=silent,
                )
            )
        raise UserError(
            self.env._(
                "%(request)s: there is no quorum. Present and not recused: "
                "%(present)s, needed: %(needed)s. Wait for more members, or put the "
                "item off.",
                request=self.display_name,
                present=present,
                needed=needed,
            )
        )

    def _hash_dossier(self):
        """Return the seal of what is before the members.

        :rtype: str
        """
        text = json.dumps(self._dossier(), ensure_ascii=False, sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()

    def _dossier(self):
        """Return what is before the members, part by part.

        :rtype: dict[str, list]
        """
        self.ensure_one()
        # The seal is made of everything, whatever the secretary may read.
        item = self.sudo()
        request = item.request_id
        return {
            "request": [
                request.name,
                request.beneficiary_id.id,
                request.aid_type_id.id,
                request.reason or "",
                f"{request.amount_requested:.2f}",
                f"{request.amount_recommended:.2f}",
                request.policy_id.id,
            ],
            "declarations": [
                [one.id, one.signer_name, str(one.signed_on)]
                for one in request._whole().declaration_ids.sorted("id")
            ],
            "assessments": [
                [
                    one.id,
                    one.state,
                    one.recommendation or "",
                    one.entitlement or "",
                    one.report or "",
                    one.explanation or "",
                ]
                for one in request._whole().assessment_ids.sorted("id")
            ],
            "documents": [
                [one.id, one.type_id.id, one.state, str(one.expiry_date)]
                for one in request.document_ids.sorted("id")
            ],
            "motion": [
                item.outcome,
                f"{item.amount:.2f}",
                item.fund_id.id,
                item.motion or "",
                item.condition or "",
            ],
        }

    # ------------------------------------------------------------------
    # Voting
    # ------------------------------------------------------------------

    def _my_member(self):
        """Return the seat with which the current user may vote on the item."""
        self.ensure_one()
        return self.eligible_member_ids.filtered(
            lambda member: member.user_id == self.env.user
        )

    def _vote(self, value, reason=False, seat=None):
        """Give the current user's votes, or the ones he was delegated.

        :param str value: ``yes``, ``no`` or ``abstain``
        :param str reason: asked of those who abstain, by some rule sheets
        :param seat: ``beneficiary.committee.member`` who delegated the vote
        """
        vals_list = []
        for item in self:
            member = seat or item._my_member()
            item._check_can_vote(member, value, reason)
            vals_list.append(
                {
                    "item_id": item.id,
                    "member_id": member.id,
                    "value": value,
                    "reason": reason,
                }
            )
        return self.env["beneficiary.vote"].create(vals_list)

    def _check_can_vote(self, member, value, reason=False):
        """Refuse a vote that the rules do not allow.

        :param member: ``beneficiary.committee.member``
        :raise AccessError: for somebody else, or by somebody who may not vote
        :raise UserError: when the vote is not open
        """
        self.ensure_one()
        if self.state != "voting":
            raise UserError(
                self.env._("%(request)s: no vote is open.", request=self.display_name)
            )
        if not member or member not in self.eligible_member_ids:
            raise AccessError(
                self.env._(
                    "You may not vote on %(request)s: only members of the committee "
                    "who are present and not recused do.",
                    request=self.display_name,
                )
            )
        self.env["beneficiary.vote"]._check_own(member, self)
        self._check_value(member, value, reason)
        self._check_again(member, value)

    def _check_value(self, member, value, reason):
        abstention = self.committee_id.abstention
        if value == "abstain" and abstention == "not_allowed":
            raise UserError(
                self.env._(
                    "The rules of %(committee)s know no abstention. Vote yes or no.",
                    committee=self.committee_id.name,
                )
            )
        if value == "abstain" and not reason and self._abstention_asks_reason():
            raise UserError(
                self.env._("Say why you abstain: the rules ask for a reason.")
            )
        if member.role == "chair" and self.committee_id.chair_votes == "tie_only":
            self._check_chair_turn(member)

    def _abstention_asks_reason(self):
        """Tell whether whoever abstains says why; in a secret ballot nobody does."""
        self.ensure_one()
        return self.committee_id.abstention == "with_reason" and not self.is_secret

    def _check_chair_turn(self, chair):
        votes = self._round_votes()
        votes = votes.filtered(lambda vote: vote.member_id != chair)
        others = self.eligible_member_ids - chair
        tally = self._tally(votes)
        if len(votes) < len(others) or tally["yes"] != tally["no"]:
            raise UserError(
                self.env._(
                    "%(request)s: the chair votes only when all the others have voted "
                    "and the votes are equal.",
                    request=self.display_name,
                )
            )

    def _round_votes(self):
        """Return the votes of the current round that count, one for each member.

        As superuser: for counting only. Of a vote that was changed the last version.
        """
        self.ensure_one()
        return self.sudo().round_vote_ids

    def _touch_requests(self):
        """See :meth:`beneficiary.aid.request._touch`."""
        # One row is written without being changed; access to the item was checked.
        self.sudo().request_id._touch()
