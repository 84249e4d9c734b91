from odoo import fields, models
from odoo.tools import format_list
from odoo.tools.misc import formatLang

# As on the page *Rules*: a rule that another one switches off is left out.
RULE_GROUPS = {
    "quorum": [
        "quorum_kind",
        "quorum_number",
        "quorum_fraction",
        "quorum_chair",
        "quorum_title_ids",
        "seats_kind",
        "seat_count",
        "presence_kind",
        "presence_per_item",
        "quorum_per_item",
        "recused_quorum",
        "quorum_lost",
        "parent_id",
        "attendance_warn",
    ],
    "result": [
        "pass_kind",
        "pass_number",
        "pass_base",
        "min_votes",
        "tie_rule",
        "casting_on_present",
    ],
    "voting": [
        "independent",
        "opinions_required",
        "hide_applicant",
        "amount_rule",
        "ballot",
        "chair_votes",
        "abstention",
        "silence",
        "change_of_vote",
        "early_finish",
        "auto_close",
        "delegation",
        "delegation_scope",
    ],
    "outside": [
        "circulation",
        "circulation_amount",
        "circulation_pass",
        "circulation_hours",
        "circulation_call",
        "urgent_cap",
        "ratify_days",
    ],
    "afterwards": [
        "reopen_kind",
        "reopen_times",
        "reopen_days",
        "minutes_signers",
        "minutes_sign_days",
    ],
}
# Shown only where the other rule has one of these values.
ONLY_WITH = {
    "quorum_number": ("quorum_kind", ("number",)),
    "quorum_fraction": ("quorum_kind", ("fraction",)),
    "seat_count": ("seats_kind", ("all",)),
    "quorum_lost": ("quorum_per_item", (True,)),
    "parent_id": ("quorum_lost", ("send_up",)),
    "pass_number": ("pass_kind", ("at_least",)),
    "casting_on_present": ("tie_rule", ("casting_vote",)),
    "change_of_vote": ("ballot", ("named", "after_close")),
    "delegation_scope": ("delegation", ("member",)),
    "circulation_amount": ("circulation", ("amount",)),
    "circulation_pass": ("circulation", ("urgent", "amount")),
    "circulation_hours": ("circulation", ("urgent", "amount")),
    "circulation_call": ("circulation", ("urgent", "amount")),
    "reopen_times": ("reopen_kind", ("winning_or_facts", "facts")),
    "reopen_days": ("reopen_kind", ("winning_or_facts", "facts")),
}
SHARES = ("quorum_fraction", "attendance_warn")


class BeneficiaryCommittee(models.Model):
    """The rule sheet on paper, for the board that resolves it."""

    _name = "beneficiary.committee"
    _inherit = ["beneficiary.committee", "beneficiary.paper.mixin"]

    def _rule_sheet_html(self):
        """Return the rule sheet and the members of today for the PDF.

        :rtype: Markup
        :raise AccessError: for who may not read the committee
        """
        self.ensure_one()
        self.check_access("read")
        today = self.company_id._beneficiary_day(fields.Datetime.now())
        committee = self.with_context(lang=self._paper_lang())
        env = committee.env
        titles = {
            "quorum": env._("Presence and Quorum"),
            "result": env._("Result of a Vote"),
            "voting": env._("Voting"),
            "outside": env._("Outside of Meetings"),
            "afterwards": env._("After the Decision"),
        }
        return committee._paper_html(
            env._("Rules of %(committee)s", committee=committee.name),
            False,
            today,
            [
                committee._members_section(today),
                *(
                    committee._paper_section(
                        group, titles[group], committee._rule_rows(names)
                    )
                    for group, names in RULE_GROUPS.items()
                ),
            ],
        )

    def _members_section(self, day):
        """Return the members whose term covers a day, as a section of a paper."""
        env = self.env
        rows = [
            [
                member.display_name,
                format_list(
                    env,
                    [
                        name
                        for name in (
                            self._paper_label(member, "role"),
                            member.title_id.name,
                        )
                        if name
                    ],
                ),
                self._yes_or_no(member.votes),
                self._paper_day(member.date_from),
                self._paper_day(member.date_to) or env._("No end"),
            ]
            for member in self._serving_members(day)
        ]
        head = [
            env._("Member"),
            env._("Role"),
            env._("Has a Vote"),
            env._("From"),
            env._("Until"),
        ]
        return self._paper_section("members", env._("Members"), rows, "table", head)

    def _rule_rows(self, names):
        """Return the rules that hold, as rows of label and value."""
        return [
            (self._fields[name]._description_string(self.env), self._rule_words(name))
            for name in names
            if self._rule_holds(name)
        ]

    def _rule_holds(self, name):
        """Tell whether a rule means anything beside the others."""
        other, values = ONLY_WITH.get(name, (None, ()))
        if other and not (self._rule_holds(other) and self[other] in values):
            return False
        if name == "casting_on_present":
            return self.pass_base == "present"
        return name != "ratify_days" or bool(self.urgent_cap)

    def _yes_or_no(self, value):
        """Return whether something holds in words; “Yes” and “No” are how one votes."""
        return self.env._("yes") if value else self.env._("no")

    def _rule_words(self, name):
        """Return the value of a rule in words."""
        field, value = self._fields[name], self[name]
        if field.type == "selection":
            return self._paper_label(self, name)
        if field.type == "boolean":
            return self._yes_or_no(value)
        if field.relational:
            return format_list(self.env, value.mapped("display_name"))
        if field.type == "monetary":
            return self.rule_currency_id.format(value) if value else ""
        if name in SHARES:
            return f"{formatLang(self.env, value * 100, digits=1)} %" if value else ""
        return str(value) if value else ""
