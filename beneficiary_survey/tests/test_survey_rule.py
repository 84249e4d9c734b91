from datetime import date, timedelta

from freezegun import freeze_time
from psycopg2 import IntegrityError

from odoo.exceptions import UserError, ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger

from odoo.addons.beneficiary_relations.tests.common import CITIZENS

from .common import SurveyCommon

DAY = "2026-03-10 09:00:00"


@tagged("-at_install", "post_install")
class TestSurveyRule(SurveyCommon):
    # ------------------------------------------------------------------
    # Events
    # ------------------------------------------------------------------

    @freeze_time(DAY)
    def test_event_invites_and_sends_a_neutral_notice(self):
        before = self.env["beneficiary.message"].search([])
        invitation = self._happen(self.beneficiary)
        self.assertEqual(invitation.state, "invited")
        self.assertEqual(invitation.date_invited, date(2026, 3, 10))
        self.assertEqual(invitation.date_due, date(2026, 4, 9))
        message = self.env["beneficiary.message"].search([]) - before
        self.assertEqual(message.partner_id, self.beneficiary.partner_id)
        self.assertIn(self.company.name, message.body)
        self.assertFalse(message.res_model, "A notice names no record.")
        for word in ("decision", "aid", "refus", "complaint"):
            self.assertNotIn(word, message.body.lower().replace("said", ""))

    def test_same_event_invites_once(self):
        self.assertTrue(self._happen(self.beneficiary, "decision/1"))
        self.assertFalse(self._happen(self.beneficiary, "decision/1"))
        self.assertTrue(self._happen(self.beneficiary, "decision/2"))

    def test_same_event_twice_in_one_batch_invites_once(self):
        invitations = self.env["beneficiary.survey.rule"]._on_event(
            "decision_told", [(self.beneficiary, self.policy, "1")] * 2
        )
        self.assertEqual(len(invitations), 1)

    def test_database_refuses_a_second_invitation(self):
        invitation = self._happen(self.beneficiary)
        with self.assertRaises(IntegrityError), mute_logger("odoo.sql_db"):
            self.Invitation.create(
                self.Invitation._prepare_values(
                    self.rule, self.beneficiary, invitation.event_key
                )
            )

    def test_other_event_other_policy_archived_rule_do_not_invite(self):
        self.assertFalse(self._happen(self.beneficiary, event="aid_delivered"))
        other = self._create_policy(self._create_association("Other"))
        self.assertFalse(self._happen(self.beneficiary, policy=other))
        self.assertFalse(
            self._happen(self.beneficiary, policy=self.env["beneficiary.policy"])
        )
        self.rule.active = False
        self.assertFalse(self._happen(self.beneficiary))

    def test_person_of_another_association_is_not_invited(self):
        other = self._create_association("Other")
        stranger = self._create_beneficiary(company_id=other.id)
        self.assertFalse(self._happen(stranger))

    def test_officer_causes_an_invitation_he_cannot_read(self):
        Rule = self.env["beneficiary.survey.rule"].with_user(self.officer)
        occurrence = (
            self.beneficiary.with_user(self.officer),
            self.policy.with_user(self.officer),
            "7",
        )
        self.assertTrue(Rule._on_event("decision_told", [occurrence]))
        self.assertFalse(self.Invitation.with_user(self.officer).has_access("read"))

    @freeze_time(DAY)
    def test_delay_waits_for_the_job(self):
        self.rule.delay_days = 3
        invitation = self._happen(self.beneficiary)
        self.assertEqual(invitation.state, "planned")
        with freeze_time("2026-03-12 09:00:00"):
            self._run_job()
            self.assertEqual(invitation.state, "planned")
        with freeze_time("2026-03-13 09:00:00"):
            self._run_job()
            self.assertEqual(invitation.state, "invited")

    @freeze_time(DAY)
    def test_invitation_expires_with_its_ballot(self):
        invitation = self._happen(self.beneficiary)
        token = invitation._issue_ballot()
        with freeze_time("2026-04-10 09:00:00"):
            self.assertFalse(self.Invitation._find_ballot(token))
            with self.assertRaises(UserError):
                invitation._issue_ballot()
            self._run_job()
            self.assertEqual(invitation.state, "expired")
            self.assertFalse(invitation.ballot_hash)

    def test_closed_complaint_asks_once(self):
        rule = self._create_rule(event="complaint_closed")
        kind = self.env["beneficiary.interaction.type"].create(
            {
                "name": "Complaint",
                "kind": "complaint",
                "company_id": self.company.id,
            }
        )
        complaint = self.env["beneficiary.interaction"].create(
            {
                "type_id": kind.id,
                "beneficiary_id": self.beneficiary.id,
                "company_id": self.company.id,
                "subject": "Waiting",
                "answer": "Sorry",
            }
        )
        complaint.with_user(self.complaints).action_close()
        domain = [("rule_id", "=", rule.id)]
        self.assertEqual(self.Invitation.search_count(domain), 1)
        complaint.action_reopen()
        complaint.action_close()
        self.assertEqual(self.Invitation.search_count(domain), 1)

    def test_other_closed_interaction_asks_nothing(self):
        rule = self._create_rule(event="complaint_closed")
        kind = self.env["beneficiary.interaction.type"].create(
            {
                "name": "Inquiry",
                "kind": "inquiry",
                "company_id": self.company.id,
            }
        )
        self.env["beneficiary.interaction"].create(
            {
                "type_id": kind.id,
                "beneficiary_id": self.beneficiary.id,
                "company_id": self.company.id,
                "subject": "When?",
                "answer": "Tomorrow",
            }
        ).action_close()
        self.assertFalse(self.Invitation.search([("rule_id", "=", rule.id)]))

    # ------------------------------------------------------------------
    # Once a year
    # ------------------------------------------------------------------

    def test_yearly_rule_asks_active_people_once_a_year(self):
        rule = self._create_rule(event="yearly", yearly_month="3")
        people = self._create_people(3)
        for person, number in zip(people, CITIZENS[1:3], strict=False):
            person.identity_number = number
        people[:2]._activate()
        domain = [("rule_id", "=", rule.id)]
        with freeze_time("2026-02-10"):
            self._run_job()
            self.assertFalse(self.Invitation.search(domain))
        with freeze_time(DAY):
            self._run_job()
            self._run_job()
            self.assertEqual(
                self.Invitation.search(domain).beneficiary_id & people, people[:2]
            )
            count = self.Invitation.search_count(domain)
        with freeze_time("2027-03-01"):
            self._run_job()
            self.assertEqual(self.Invitation.search_count(domain), 2 * count)

    # ------------------------------------------------------------------
    # What a rule may be
    # ------------------------------------------------------------------

    def test_smallest_group_is_never_below_five(self):
        with self.assertRaises(IntegrityError), mute_logger("odoo.sql_db"):
            self.rule.min_group = 4
            self.env.flush_all()

    def test_mix_batch_is_never_below_the_smallest_group(self):
        for wanted, expected in (
            ("1", 5),
            ("0", 5),
            ("-3", 10),
            ("junk", 10),
            ("", 10),
            ("12", 12),
        ):
            self.set_batch(wanted)
            self.assertEqual(self.rule._get_mix_batch(), expected, wanted)
        self.set_batch(5)
        self.rule.min_group = 8
        self.assertEqual(self.rule._get_mix_batch(), 8)

    def test_rule_takes_satisfaction_questionnaires_of_its_association(self):
        plain = self.env["survey.survey"].create({"title": "Quiz"})
        with self.assertRaises(ValidationError):
            self._create_rule(survey_id=plain.id, event="yearly")
        foreign = self.survey.copy(
            {"beneficiary_company_id": self._create_association("Other").id}
        )
        with self.assertRaises(ValidationError):
            self._create_rule(survey_id=foreign.id, event="yearly")

    def test_used_rule_keeps_its_questionnaire(self):
        other = self.survey.copy()
        self.rule.survey_id = other
        self.rule.survey_id = self.survey
        self._happen(self.beneficiary)
        with self.assertRaises(UserError):
            self.rule.survey_id = other

    def test_adopting_a_policy_brings_rules_once(self):
        company = self._create_association("New")
        Policy = self.env["beneficiary.policy"]
        policy = Policy._adopt("ST", company)
        self.assertEqual(
            set(policy.survey_rule_ids.mapped("event")),
            {"decision_told", "aid_delivered", "complaint_closed", "yearly"},
        )
        policy.survey_rule_ids[0].active = False
        Policy._adopt("ST", company)
        Policy._top_up()
        self.assertEqual(len(policy.with_context(active_test=False).survey_rule_ids), 4)

    def test_new_version_of_a_policy_keeps_the_rules(self):
        self.assertEqual(
            self.policy.copy().survey_rule_ids.mapped("event"), ["decision_told"]
        )

    def test_counts_tell_how_many_and_not_who(self):
        self._happen(self.beneficiary)
        person = self._create_people(1)
        self._cast(self._happen(person))
        rule = self.rule.with_user(self.quality)
        self.assertEqual((rule.invited_count, rule.answered_count), (2, 1))

    def _run_job(self):
        with self.enter_registry_test_mode():
            self.env.ref("beneficiary_survey.ir_cron_invite").method_direct_trigger()
        self.env.invalidate_all()


@tagged("-at_install", "post_install")
class TestSurveyRuleBatch(SurveyCommon):
    def test_inviting_many_costs_no_query_a_person(self):
        """Without the notices, which are one message a person."""
        people = self._create_people(60)
        self.rule.delay_days = 1

        def invite(some, key):
            return self.env["beneficiary.survey.rule"]._on_event(
                "decision_told", [(person, self.policy, key) for person in some]
            )

        invite(people[:2], "warm")
        self.env.flush_all()
        start = self.env.cr.sql_log_count
        invite(people[:10], "few")
        self.env.flush_all()
        few = self.env.cr.sql_log_count - start
        start = self.env.cr.sql_log_count
        invite(people, "many")
        self.env.flush_all()
        many = self.env.cr.sql_log_count - start
        self.assertLessEqual(many, few)
        self.assertLessEqual(few, 8)

    def test_due_date_follows_the_waiting_time(self):
        self.rule.write({"delay_days": 2, "due_days": 10})
        invitation = self._happen(self.beneficiary)
        self.assertEqual(
            invitation.date_due - invitation.date_invited, timedelta(days=10)
        )
