"""What people think of the service, on blind ballots."""

from datetime import timedelta
from random import Random

WEEK = 7
FIRST_DAYS = 330
YEARLY_DAYS = 45
YEARLY_PEOPLE = 40
# Four of five answer within some days; most are content, some are not.
TAKES_PART = 0.8
SCORES = (5, 5, 5, 4, 4, 4, 4, 3, 2)
WORDS = (
    "",
    "",
    "جزاكم الله خيرا على حسن التعامل.",
    "الخدمة ممتازة ولكن الانتظار طويل.",
    "أتمنى تقليل المستندات المطلوبة.",
    "شكرا لكم، وصل الجهاز في وقته.",
)


class Opinions:
    """Sends what is due each week, and lets people answer."""

    def __init__(self, demonstration):
        self.demonstration = demonstration
        self.installed = "beneficiary.survey.rule" in demonstration.env
        # Who answers and how must not follow from the plan of the requests.
        self.random = Random()

    def events(self):
        """Yield what happens: day, rank, what to do, its arguments."""
        if not self.installed:
            return
        today = self.demonstration.today
        for days in range(FIRST_DAYS, 0, -WEEK):
            yield today - timedelta(days=days), 99, self.week, ()
        yield today - timedelta(days=YEARLY_DAYS), 98, self.ask_everybody, ()
        yield today, 99, self.mix, ()

    def week(self):
        """Ask who is to be asked, then let people answer."""
        Invitation = self.demonstration.env["beneficiary.survey.invitation"]
        Invitation.search([("state", "=", "planned")])._send_due()
        for invitation in Invitation.search([("state", "=", "invited")]):
            if not invitation._is_open():
                invitation._expire()
            elif self.random.random() < TAKES_PART / 2:
                self.answer(invitation)

    def ask_everybody(self):
        """Ask the question of the year."""
        rules = self.demonstration.env["beneficiary.survey.rule"]
        for rule in rules.search([("event", "=", "yearly")]):
            rule._invite_yearly(YEARLY_PEOPLE)

    def answer(self, invitation):
        """Cast one ballot the way the page of the portal does."""
        token = invitation._issue_ballot()
        survey = invitation.survey_id
        answers, errors = survey._check_ballot(
            {question.id: self._entry(question) for question in survey.question_ids}
        )
        if errors:
            raise ValueError(f"The ballot was refused: {errors}")
        invitation._find_ballot(token)._cast(answers)

    def _entry(self, question):
        if question.question_type == "scale":
            score = self.random.choice(SCORES)
            return str(min(max(score, question.scale_min), question.scale_max))
        if question.question_type in ("simple_choice", "multiple_choice"):
            return str(self.random.choice(question.suggested_answer_ids.ids))
        if question.question_type in ("text_box", "char_box"):
            return self.random.choice(WORDS)
        return ""

    def mix(self):
        """Mix the ballots of each rule that has enough of them."""
        Ballot = self.demonstration.env["beneficiary.survey.ballot"]
        for rule in self.demonstration.env["beneficiary.survey.rule"].search([]):
            Ballot._mix(rule)
