from lxml import html

from odoo.exceptions import AccessError
from odoo.tests import tagged

from ..models.beneficiary_committee_paper import RULE_GROUPS
from .common import AidCommon

REPORT = "beneficiary_aid.action_report_committee_rules"


@tagged("post_install", "-at_install")
class TestCommitteePaper(AidCommon):
    """The rule sheet of a committee on paper."""

    def _rules(self):
        """The rules in English; on paper they are in the language of papers."""
        committee = self.committee.with_context(lang="en_US")
        groups = map(committee._rule_rows, RULE_GROUPS.values())
        return {label: words for rows in groups for label, words in rows if words}

    def _text(self, user=None):
        paper = self.committee.with_user(user or self.env.user)._rule_sheet_html()
        return " ".join(html.fromstring(paper).text_content().split())

    def test_a_rule_that_another_switches_off_is_left_out(self):
        self.committee.write({"quorum_kind": "majority", "urgent_cap": 0})
        rules = self._rules()
        self.assertEqual(rules["Quorum"], "Majority of the seats")
        self.assertNotIn("Share Needed", rules)
        self.assertNotIn("Days to Ratify", rules)
        self.committee.write(
            {"quorum_kind": "fraction", "quorum_fraction": 0.625, "urgent_cap": 500}
        )
        rules = self._rules()
        self.assertEqual(rules["Share Needed"], "62.5 %")
        self.assertIn("500", rules["The Chair Alone up to"])
        self.assertEqual(rules["Days to Ratify"], "14")

    def test_what_hangs_on_a_rule_left_out_is_left_out_too(self):
        self.committee.write({"quorum_per_item": True, "quorum_lost": "send_up"})
        above = self.committee.copy({"name": "Board", "code": False})
        self.committee.parent_id = above
        self.assertEqual(self._rules()["Body Above"], "Board")
        self.committee.quorum_per_item = False
        rules = self._rules()
        self.assertNotIn("Quorum Lost by Recusals", rules)
        self.assertNotIn("Body Above", rules)

    def test_every_rule_is_on_the_sheet(self):
        """What a vote keeps as its rules is what the board resolved on paper."""
        printed = {name for names in RULE_GROUPS.values() for name in names}
        self.assertLessEqual(
            set(self.committee._rule_sheet()) - {"quorum_offices"}, printed
        )

    def test_what_holds_is_not_in_the_words_of_a_vote(self):
        self.env["res.lang"]._activate_lang("ar_001")
        committee = self.committee.with_context(lang="ar_001")
        votes = self.env["beneficiary.vote"].with_context(lang="ar_001")
        values = dict(votes._fields["value"]._description_selection(votes.env))
        for holds, vote in ((True, "yes"), (False, "no")):
            committee.presence_per_item = holds
            words = committee._rule_words("presence_per_item")
            self.assertNotEqual(words, values[vote])
            members = committee._members_section(committee.env.cr.now().date())
            self.assertNotIn(values["yes"], str(members))

    def test_members_of_today_stand_on_it(self):
        past = self.seats["member_a"]
        self.member_a.name = "Fahd"
        self.assertIn("Fahd", self._text())
        past.write({"date_from": "2019-01-01", "date_to": "2019-12-31"})
        self.assertNotIn("Fahd", self._text())

    def test_who_may_read_committees_prints_it(self):
        self.member_b.name = "Maha"
        self.assertIn("Maha", self._text(self.member_a))
        stranger = self._create_aid_user("stranger", "base.group_user")
        with self.assertRaises(AccessError):
            self._text(stranger)
        content, kind = (
            self.env["ir.actions.report"]
            .with_user(self.member_a)
            .with_context(force_report_rendering=True)
            ._render_qweb_pdf(REPORT, self.committee.ids)
        )
        self.assertEqual(kind, "pdf")
        self.assertTrue(content.startswith(b"%PDF"))
