from odoo.exceptions import UserError
from odoo.tests import tagged

from .common import BeneficiaryCommon


@tagged("post_install", "-at_install")
class TestTextProposal(BeneficiaryCommon):
    """A new association gets words to start from, and decides itself."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        for lang in ("en_US", "ar_001"):
            cls.env["res.lang"]._activate_lang(lang)
        cls.other = cls._create_association("Mercy")
        cls.adopted = cls.env["beneficiary.policy"]._adopt("HY", cls.other)
        cls.notice = cls._text("beneficiary.privacy.notice")
        cls.agreement = cls._text("beneficiary.agreement.text")

    @classmethod
    def _text(cls, model):
        return cls.env[model].search([("company_id", "=", cls.other.id)])

    def test_adopting_proposes_drafts_in_both_languages(self):
        for text in (self.notice, self.agreement):
            self.assertEqual((text.state, text.to_confirm), ("draft", True))
            english = text.with_context(lang="en_US").text
            arabic = text.with_context(lang="ar_001").text
            self.assertIn("Mercy", english)
            self.assertIn("Mercy", arabic)
            self.assertNotEqual(english, arabic)
        arabic = self.agreement.with_context(lang="ar_001")
        for name in ("duties", "consequences", "dispute_route"):
            self.assertNotEqual(
                arabic[name], self.agreement.with_context(lang="en_US")[name]
            )

    def test_notice_says_what_the_law_asks_for(self):
        words = self.notice.with_context(lang="en_US").text
        for topic in (
            "Who we are",
            "What we collect",
            "Why we collect it",
            "How we collect it",
            "Who sees it",
            "How long we keep it",
            "Your rights",
            "within 30 days",
        ):
            self.assertIn(topic, words)

    def test_nobody_is_told_a_proposal(self):
        Notice = self.env["beneficiary.privacy.notice"]
        self.assertFalse(Notice._in_force(self.other))
        self.assertTrue(self.adopted.activity_ids.filtered("note"))

    def test_person_puts_it_in_force(self):
        user = self._create_user("mercy_privacy", "privacy_officer", self.other)
        here = self.notice.with_context(allowed_company_ids=self.other.ids)
        notice = here.with_user(user)
        notice.text = "Our own words"
        notice.action_put_in_force()
        self.assertEqual((notice.state, notice.to_confirm), ("in_force", False))

    def test_words_in_force_stay_in_every_language(self):
        self.notice.action_put_in_force()
        with self.assertRaises(UserError):
            self.notice.with_context(lang="ar_001").text = "كلمات أخرى"
        with self.assertRaisesRegex(UserError, "keeps its words"):
            self.notice.update_field_translations("text", {"ar_001": "كلمات أخرى"})

    def test_adopting_again_keeps_what_people_wrote(self):
        self.notice.text = "Our own words"
        self.agreement.unlink()
        self.env["beneficiary.policy"]._adopt("HY", self.other)
        self.assertEqual(self._text(self.notice._name), self.notice)
        self.assertEqual(self.notice.text, "Our own words")
        self.assertTrue(self._text("beneficiary.agreement.text").to_confirm)

    def test_association_with_its_own_notice_gets_no_proposal(self):
        third = self._create_association("Third")
        own = self.env["beneficiary.privacy.notice"].create(
            {"name": "Ours", "text": "Ours", "company_id": third.id}
        )
        self.env["beneficiary.policy"]._adopt("ST", third)
        notices = self.env[own._name].search([("company_id", "=", third.id)])
        self.assertEqual(notices, own)
