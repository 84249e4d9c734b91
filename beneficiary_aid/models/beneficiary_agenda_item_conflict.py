from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import format_list

from .beneficiary_conflict import KIN


class BeneficiaryAgendaItem(models.Model):
    """Conflicts proposed from the registry before anybody votes (committee.md)."""

    _inherit = "beneficiary.agenda.item"

    conflict_ids = fields.One2many(
        comodel_name="beneficiary.conflict", inverse_name="item_id"
    )

    # ------------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        items = super().create(vals_list)
        items._propose_conflicts()
        return items

    def write(self, vals):
        res = super().write(vals)
        if "recused_member_ids" in vals and not self.env.su:
            self._check_confirmed_recused()
        return res

    def _check_confirmed_recused(self):
        """Keep those recused whose conflict was confirmed.

        Whoever studied the case is put back by the opening of the vote.
        """
        # The rule holds whatever the secretary may read of it.
        confirmed = (
            self.env["beneficiary.conflict"]
            .sudo()
            .search(
                [
                    ("item_id", "in", self.ids),
                    ("state", "=", "confirmed"),
                    ("kind", "!=", "study"),
                ]
            )
        )
        for conflict in confirmed:
            if conflict.member_id not in conflict.item_id.recused_member_ids:
                raise UserError(
                    self.env._(
                        "%(request)s: the conflict of %(member)s is confirmed. Reject "
                        "it with a reason first.",
                        request=conflict.item_id.display_name,
                        member=conflict.member_id.display_name,
                    )
                )

    # ------------------------------------------------------------------
    # Buttons
    # ------------------------------------------------------------------

    def action_recuse(self):
        """See super; the member's word is kept as a confirmed conflict."""
        res = super().action_recuse()
        for item in self.sudo():
            member = item.committee_id.member_ids.filtered(
                lambda one: one.user_id == self.env.user
            )
            item._declare_conflict(member)
        return res

    def action_propose_conflicts(self):
        """Look for ties between members and people again."""
        self.check_access("write")
        self.env["beneficiary.meeting"]._check_secretary()
        self._propose_conflicts()

    # ------------------------------------------------------------------
    # Answers
    # ------------------------------------------------------------------

    def _declare_conflict(self, members):
        """Keep that members stepped aside, and answer what was proposed of them."""
        self.ensure_one()
        answer = {
            "state": "confirmed",
            "decided_by_id": self.env.uid,
            "decided_on": fields.Datetime.now(),
        }
        own = self.conflict_ids.filtered(lambda one: one.member_id in members)
        own.filtered(lambda one: one.state == "proposed").write(answer)
        declared = own.filtered(lambda one: one.kind == "declared")
        declared.write({**answer, "reason": False})
        self.env["beneficiary.conflict"].create(
            [
                {
                    "item_id": self.id,
                    "member_id": member.id,
                    "kind": "declared",
                    "origin": "member",
                    **answer,
                }
                for member in members - declared.member_id
            ]
        )

    def _apply_conflicts(self):
        """Recuse whose conflict is confirmed; who has none left is back."""
        for item in self:
            confirmed = item.conflict_ids.filtered(lambda one: one.state == "confirmed")
            cleared = (
                item.conflict_ids.filtered(
                    lambda one: one.state == "rejected"
                ).member_id
                - confirmed.member_id
                - item._recused_by_duty()
            )
            recused = (item.recused_member_ids | confirmed.member_id) - cleared
            if recused != item.recused_member_ids:
                item.recused_member_ids = recused

    def _check_can_open_vote(self):
        """See super.

        :raise UserError: while a tie of kin is unanswered: nobody decides for kin
        """
        res = super()._check_can_open_vote()
        # Who has ties is checked whatever the secretary may read.
        item = self.sudo()
        known = {(one.member_id.id, one.kind) for one in item.conflict_ids}
        found = {
            (values["member_id"], values["kind"])
            for values in item._find_conflicts()
            if values["kind"] in KIN
        }
        if found - known:
            raise UserError(
                self.env._(
                    "%(request)s: new ties between members and the person were found. "
                    "Look for conflicts again and answer them.",
                    request=self.display_name,
                )
            )
        waiting = item.conflict_ids.filtered(
            lambda one: one.state == "proposed" and one.is_kin
        )
        if waiting:
            raise UserError(
                self.env._(
                    "%(request)s: answer first whether these members are kin of the "
                    "person: %(names)s.",
                    request=self.display_name,
                    names=format_list(
                        self.env, waiting.member_id.mapped("display_name")
                    ),
                )
            )
        return res

    # ------------------------------------------------------------------
    # Looking for ties
    # ------------------------------------------------------------------

    def _propose_conflicts(self):
        """Put the ties that are found and not known yet on the list.

        A fixed number of queries for any number of items and members.

        :return: the new ``beneficiary.conflict``, as superuser
        """
        # What is compared is personal data of members and people: only the kind of a
        # tie comes out.
        items = self.sudo().filtered(lambda item: item.state == "pending")
        Conflict = self.env["beneficiary.conflict"].sudo()
        known = {
            (one.item_id.id, one.member_id.id, one.kind)
            for one in Conflict.search_fetch(
                [("item_id", "in", items.ids)], ["item_id", "member_id", "kind"]
            )
        }
        return Conflict.create(
            [
                values
                for values in items._find_conflicts()
                if (values["item_id"], values["member_id"], values["kind"]) not in known
            ]
        )

    def _find_conflicts(self):
        """Compare the members who serve with the people of these items.

        :return: values of ``beneficiary.conflict``
        :rtype: list[dict]
        """
        members = self.env["beneficiary.committee.member"]
        for meeting in self.meeting_id:
            members |= meeting._serving_members()
        users = members.user_id | members.substitution_id.user_id
        people = self._people_before()
        traces = members._traces()
        found = []
        for item in self:
            for member in members & item.committee_id.member_ids:
                kinds = [
                    kind
                    for kind, own in traces[member].items()
                    if own & people[item][kind]
                ]
                # The closest tie says it all.
                if "self" in kinds:
                    kinds = ["self"]
                if "household" in kinds:
                    kinds.remove("former_household")
                found += [
                    {
                        "item_id": item.id,
                        "member_id": member.id,
                        "kind": kind,
                        "origin": "registry",
                    }
                    for kind in kinds
                ]
            found += [
                {
                    "item_id": item.id,
                    "member_id": member.id,
                    "kind": "study",
                    "origin": "study",
                    "state": "confirmed",
                }
                for member in item._authors_among(members, users)
            ]
        return found

    def _authors_among(self, members, users):
        """Return the members who studied the case, asked only when somebody might.

        :param members: ``beneficiary.committee.member``
        :param users: theirs, and those for whom they stand in
        """
        studied = self.env["res.users"]
        # One by one, so that each is read together with those of the other items.
        for request in (self.request_id, self.request_id.whole_id):
            studies = request.assessment_ids
            studied |= request.researcher_id
            studied |= studies.researcher_id | studies.create_uid
        if not self.is_list and not studied & users:
            return members.browse()
        return self._assessment_authors() & members

    def _people_before(self):
        """Return, by item and kind of tie, what a member's own traces are met with.

        :rtype: dict
        """
        files_of = {item: item._files_before() for item in self}
        files = self.env["beneficiary.beneficiary"].union(*files_of.values())
        homes = files.household_id | self.request_id.household_id
        relatives = files | homes.member_ids
        shared = relatives._traces_of_files()
        former = self._former_households(files)
        acting = self._acting_for(files)
        people = {}
        for item, own in files_of.items():
            home = own.household_id | item.request_id.household_id
            family = own | home.member_ids
            people[item] = {
                "self": set(own.ids),
                "household": set(home.ids),
                "former_household": set(home.ids).union(
                    *(former.get(file.id, ()) for file in own)
                ),
                "mandate": set().union(*(acting.get(file.id, ()) for file in own)),
                **{
                    kind: set().union(*(shared[one][kind] for one in family))
                    for kind in ("phone", "iban", "address")
                },
                "employer": set().union(*(shared[file]["employer"] for file in own)),
            }
        return people

    def _files_before(self):
        """Return the files of the people the item is about."""
        self.ensure_one()
        return self.request_id.beneficiary_id

    def _former_households(self, files):
        """Return the households, by file, to which people belonged at any time."""
        rows = self.env["beneficiary.household.membership"].search_fetch(
            [("beneficiary_id", "in", files.ids)], ["beneficiary_id", "household_id"]
        )
        homes = {}
        for row in rows:
            homes.setdefault(row.beneficiary_id.id, set()).add(row.household_id.id)
        return homes

    def _acting_for(self, files):
        """Return the contacts, by file, with a mandate for the person or from him."""
        mandates = self.env["beneficiary.mandate"].search(
            Domain("state", "!=", "draft")
            & (
                Domain("beneficiary_id", "in", files.ids)
                | Domain("holder_id", "in", files.partner_id.ids)
            )
        )
        own = {file.partner_id.id: file.id for file in files}
        acting = {}
        for mandate in mandates:
            if mandate.beneficiary_id in files:
                acting.setdefault(mandate.beneficiary_id.id, set()).add(
                    mandate.holder_id.id
                )
            if mandate.holder_id.id in own:
                acting.setdefault(own[mandate.holder_id.id], set()).add(
                    mandate.beneficiary_id.partner_id.id
                )
        return acting
