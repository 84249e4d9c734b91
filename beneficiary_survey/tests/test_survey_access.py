from odoo import Command
from odoo.exceptions import AccessError
from odoo.tests import new_test_user, tagged
from odoo.tools import mute_logger

from .common import WORDS, SurveyCommon

ROLES = (
    "officer",
    "researcher",
    "representative",
    "complaints",
    "quality",
    "privacy",
    "auditor",
    "manager",
    "administrator",
    "employee",
)
# Who may do what: the one table of this addon. Letters: create, read, write, unlink.
RIGHTS = {
    "beneficiary.survey.rule": {
        "quality": "r",
        "manager": "r",
        "auditor": "r",
        "administrator": "crwu",
    },
    "beneficiary.survey.result": {
        "quality": "r",
        "manager": "r",
        "auditor": "r",
        "administrator": "r",
    },
    "beneficiary.survey.invitation": {"privacy": "r"},
    "beneficiary.survey.ballot": {},
    "survey.survey": {"quality": "r", "administrator": "crwu"},
    "survey.question": {"quality": "r", "administrator": "crwu"},
    "survey.question.answer": {"quality": "r", "administrator": "crwu"},
    "survey.user_input": {},
    "survey.user_input.line": {"quality": "r"},
}
OPERATIONS = {"c": "create", "r": "read", "w": "write", "u": "unlink"}


@tagged("-at_install", "post_install")
class TestSurveyAccess(SurveyCommon):
    def test_role_table(self):
        for model, rights in RIGHTS.items():
            for role in ROLES:
                user = getattr(self, role)
                for letter, operation in OPERATIONS.items():
                    with self.subTest(model=model, role=role, operation=operation):
                        self.assertEqual(
                            self.env[model].with_user(user).has_access(operation),
                            letter in rights.get(role, ""),
                        )

    def test_portal_user_reads_only_own_invitations(self):
        user, invitation = self._create_portal_person("own@example.org")
        _other, foreign = self._create_portal_person("other@example.org")
        self.assertEqual(self.Invitation.with_user(user).search([]), invitation)
        with self.assertRaises(AccessError):
            foreign.with_user(user).read(["state"])
        for field in ("event_key", "ballot_hash", "rule_id", "survey_id"):
            with self.assertRaises(AccessError):
                invitation.with_user(user).read([field])
        with self.assertRaises(AccessError):
            self.Invitation.with_user(user).search([("ballot_hash", "!=", False)])
        for model in RIGHTS.keys() - {"beneficiary.survey.invitation"}:
            self.assertFalse(self.env[model].with_user(user).has_access("read"), model)

    def test_ended_mandate_ends_the_invitation(self):
        user, invitation = self._create_portal_person("own@example.org")
        invitation.beneficiary_id.portal_access_ids.date_end = "2020-01-01"
        self.assertFalse(self.Invitation.with_user(user).search([]))

    def test_planned_invitation_is_not_shown_yet(self):
        self.rule.delay_days = 2
        user, _invitation = self._create_portal_person("own@example.org")
        self.assertFalse(self.Invitation.with_user(user).search([]))

    def test_quality_officer_reads_words_and_no_marks(self):
        self._answer_many([1, 2, 3, 4, 5], words=WORDS)
        inputs = self.Ballot._mix(self.rule)
        lines = self.env["survey.user_input.line"].with_user(self.quality).search([])
        self.assertEqual(len(lines), 5)
        self.assertEqual(set(lines.mapped("value_text_box")), {WORDS})
        marks = inputs.user_input_line_ids.filtered(
            lambda line: line.answer_type == "scale"
        )
        with self.assertRaises(AccessError):
            marks.with_user(self.quality).read(["value_scale"])
        with self.assertRaises(AccessError):
            inputs.with_user(self.quality).read(["access_token"])

    def test_quality_officer_finds_no_ballot_by_its_marks(self):
        """No search through related records ties words to marks."""
        self._answer_many([1, 2, 3, 4, 5], words=WORDS)
        self.Ballot._mix(self.rule)
        Line = self.env["survey.user_input.line"].with_user(self.quality)
        self.assertFalse(Line.search([("value_scale", ">", 0)]))
        for path in (
            "user_input_id.user_input_line_ids.value_scale",
            "user_input_id.access_token",
            "survey_id.user_input_ids.user_input_line_ids.value_scale",
            "question_id.user_input_line_ids.value_scale",
        ):
            with self.assertRaises(AccessError, msg=path):
                Line.search([(path, "!=", False)])
        with self.assertRaises(AccessError):
            self.survey.with_user(self.quality).read(["answer_done_count"])
        Result = self.Result.with_user(self.quality)
        with self.assertRaises(AccessError):
            Result.search([("survey_id.user_input_ids.state", "=", "done")])

    def test_survey_administrator_of_odoo_reads_no_ballot(self):
        survey_manager = new_test_user(
            self.env,
            "odoo_survey_manager",
            groups="base.group_user,survey.group_survey_manager",
            company_id=self.company.id,
            company_ids=[Command.set(self.company.ids)],
        )
        self._answer_many([1, 2, 3, 4, 5], words=WORDS)
        inputs = self.Ballot._mix(self.rule)
        domain = [("survey_id", "=", self.survey.id)]
        for model in ("survey.user_input", "survey.user_input.line"):
            self.assertFalse(self.env[model].with_user(survey_manager).search(domain))
        with self.assertRaises(AccessError):
            inputs.with_user(survey_manager).read(["access_token"])
        self.assertEqual(self.survey.with_user(survey_manager).answer_done_count, 0)

    def test_settings_administrator_reads_no_ballot(self):
        admin = self.env.ref("base.user_admin")
        admin.company_ids += self.company
        self._answer_many([1, 2, 3, 4, 5])
        self.Ballot._mix(self.rule)
        self._answer_many([1])
        with self.assertRaises(AccessError):
            self.Ballot.with_user(admin).search([])
        self.assertFalse(
            self.env["survey.user_input"]
            .with_user(admin)
            .search([("survey_id", "=", self.survey.id)])
        )

    def test_other_association_sees_nothing(self):
        other = self._create_association("Other")
        quality = self._create_user("quality_other", "quality_officer", other)
        privacy = self._create_user("privacy_other", "privacy_officer", other)
        self._answer_many([1, 2, 3, 4, 5], words=WORDS)
        self.Ballot._mix(self.rule)
        self.survey.beneficiary_company_id = self.company
        env = self.env(context={"allowed_company_ids": other.ids})
        for model, user in (
            ("beneficiary.survey.result", quality),
            ("beneficiary.survey.rule", quality),
            ("survey.user_input.line", quality),
            ("beneficiary.survey.invitation", privacy),
        ):
            self.assertFalse(env[model].with_user(user).search([]), model)
        self.assertNotIn(
            self.survey, env["survey.survey"].with_user(quality).search([])
        )

    @mute_logger("odoo.addons.base.models.ir_rule")
    def test_administrator_writes_only_satisfaction_questionnaires(self):
        plain = self.env["survey.survey"].create({"title": "Quiz"})
        with self.assertRaises(AccessError):
            plain.with_user(self.administrator).write({"title": "Mine"})
        self.survey.with_user(self.administrator).write({"title": "Better"})

    def test_public_methods_check_the_role(self):
        for user in (self.officer, self.employee):
            rule = self.rule.with_user(user)
            for method in ("action_open_results", "action_enter_paper"):
                with self.assertRaises(AccessError):
                    getattr(rule, method)()
        self.assertIn(
            str(self.rule.id),
            self.rule.with_user(self.quality).action_enter_paper()["url"],
        )
        self.rule.with_user(self.manager).action_open_results()

    def test_views_open_for_their_roles(self):
        for model, roles in (
            ("beneficiary.survey.rule", ("quality", "manager", "auditor")),
            ("beneficiary.survey.result", ("quality", "manager", "auditor")),
        ):
            for role in roles:
                records = self.env[model].with_user(getattr(self, role))
                views = records.get_views([(False, "list"), (False, "search")])
                names = views["models"][model]["fields"]
                records.search([]).read(list(names))
        self._happen(self.beneficiary)
        row = self.Invitation.with_user(self.privacy).search([])
        self.assertEqual(row.beneficiary_id, self.beneficiary)

    def _create_portal_person(self, email):
        person = self._create_beneficiary(name=email, email=email)
        user = person._grant_portal()
        return user, self._happen(person)
