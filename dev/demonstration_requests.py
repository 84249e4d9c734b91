"""The way of the requests through the association, as events of the replay."""

import sample
from demonstration_papers import iban, page, signature

REQUESTS = "beneficiary.aid.request.csv"
PAPERS = "beneficiary.document.csv"
DELIVERY_DAYS = 14


class Requests:
    """What officers, researchers and the committee do."""

    def __init__(self, demonstration):
        self.demonstration = demonstration
        self.plan = sample.records("plan/requests.csv")

    def events(self):
        """Yield what happens: day, rank, what to do, its arguments."""
        move = self.demonstration.moved
        for row in sample.records(REQUESTS):
            yield move(row["date_received"]), 20, self.receive, (row["id"],)
        for day, ids in self._paper_days().items():
            yield day, 21, self.receive_papers, (ids,)
        for row in self.plan:
            for column, rank, action in (
                ("verified", 25, self.verify),
                ("assessed", 30, self.assess),
                ("referred", 40, self.refer),
                ("told", 60, self.tell),
                ("delivered", 70, self.deliver),
                ("followed", 96, self.follow_up),
            ):
                if row[column]:
                    yield move(row[column]), rank, action, (row,)
            if row["closed"]:
                ending = self.cancel if row["end"] == "cancelled" else self.close
                yield move(row["closed"]), 97, ending, (row,)

    # ------------------------------------------------------------
    # What comes in
    # ------------------------------------------------------------

    def receive(self, xmlid):
        """Import a request on the day it was received."""
        env = self.demonstration.as_user("officer")
        sample.load(env, REQUESTS, self.demonstration.days, only={xmlid})

    def receive_papers(self, ids):
        """Import the papers people handed in on a day."""
        env = self.demonstration.as_user("officer")
        sample.load(env, PAPERS, self.demonstration.days, only=ids)

    def _paper_days(self):
        """Return which papers come in on which day: with a request, or by themselves.

        :rtype: dict[date, set]
        """
        received = {}
        for row in sample.records(REQUESTS):
            days = received.setdefault(row["beneficiary_id/id"], [])
            days.append(row["date_received"][:10])
        papers = {}
        for row in sample.records(PAPERS):
            days = received.get(row["beneficiary_id/id"], [])
            issued = row["issue_date"]
            # A paper without a date is one that somebody waits for.
            day = next((day for day in days if issued and day >= issued), None)
            if day or days:
                day = self.demonstration.moved(day or days[-1])
            else:
                day = self._next_delivery(issued)
            papers.setdefault(day, set()).add(row["id"])
        return papers

    def _next_delivery(self, issued):
        """Return when papers that nobody waits for are entered: twice a month."""
        today = self.demonstration.today
        if not issued:
            return today
        day = self.demonstration.moved(issued).toordinal()
        day += -day % DELIVERY_DAYS
        return min(today, today.fromordinal(day))

    # ------------------------------------------------------------
    # Verification and study
    # ------------------------------------------------------------

    def verify(self, row):
        """Check papers and data, and let the person sign."""
        env = self.demonstration.as_user("officer")
        request = self.demonstration.ref(row["request"]).with_env(env)
        request.action_acknowledge()
        person = request.beneficiary_id
        if person.state == "draft":
            person.action_submit()
        request.action_verify()
        request.user_id = env.uid
        self.match_papers(request.beneficiary_id)
        if row["end"] == "waiting":
            request.write({"waiting_note": "المستند الناقص"})
            request.action_return()
        elif row["end"] != "verification" or request.id % 2:
            self._sign(request)
            # The board has a column for those who signed.
            request.stage_id = self.demonstration.stage(env, "declaration")

    def match_papers(self, people):
        """Add the pictures to the papers of people, and match them."""
        today = self.demonstration.today_of(people.env)
        papers = people.document_ids.filtered(
            lambda paper: (
                paper.state == "submitted"
                and (not paper.issue_date or paper.issue_date <= today)
                and not paper.is_expired
            )
        )
        papers.page_ids.create(
            [
                {
                    "document_id": paper.id,
                    "file": page(paper.type_id.code or "paper"),
                    "filename": f"{paper.type_id.code or 'paper'}.png",
                }
                for paper in papers
                if not paper.page_ids
            ]
        )
        papers.action_verify()

    def _sign(self, request):
        """Let the person sign the declaration, drawn or on paper."""
        drawn = request.id % 3 != 0
        Declaration = request.env["beneficiary.declaration"]
        Declaration.with_context(default_request_id=request.id).create(
            {
                "request_id": request.id,
                "signer_name": request.beneficiary_id.name,
                "method": "drawn" if drawn else "paper",
                "signature": drawn and signature(request.id),
                "scan": not drawn and page("declaration"),
                "scan_filename": not drawn and "declaration.png",
            }
        )

    def assess(self, row):
        """Study the case: conditions, household, report, recommendation."""
        env = self.demonstration.as_user("researcher")
        request = self.demonstration.ref(row["request"]).with_env(env)
        request.action_study()
        request.researcher_id = env.uid
        request.amount_recommended = float(row["approved"] or request.amount_requested)
        mechanisms = env["beneficiary.mechanism"].search([])
        assessment = env["beneficiary.assessment"].create(
            {
                "request_id": request.id,
                "beneficiary_id": request.beneficiary_id.id,
                "mechanism_id": mechanisms[request.id % len(mechanisms)].id,
            }
        )
        assessment.action_prepare_lines()
        if row["end"] == "study":
            return
        declined = row["end"] == "rejected"
        manual = assessment.line_ids.filtered(lambda line: line.kind == "manual")
        manual.write({"result": "not_met" if declined else "met"})
        assessment.write(
            {
                "report": REPORTS["declined" if declined else "approved"],
                "recommendation": "decline" if declined else "approve",
                "refusal_reason_id": declined
                and env.ref("beneficiary_relations.state_reason_declined_condition").id,
            }
        )
        self._visit(assessment)
        assessment.action_done()

    def _visit(self, assessment):
        """Record the visit on which an assessment of a field visit stands."""
        if assessment.mechanism_id.kind != "field_visit":
            return
        visit = assessment.env["beneficiary.visit"].create(
            {
                "beneficiary_id": assessment.beneficiary_id.id,
                "assessment_id": assessment.id,
                "mechanism_id": assessment.mechanism_id.id,
                "planned_on": f"{assessment.date} 09:00:00",
                "outcome": "met",
                "report": assessment.report,
            }
        )
        visit.action_done()

    def refer(self, row):
        """Refer the request to the committee; the clock of the answer starts."""
        env = self.demonstration.as_user("researcher")
        self.demonstration.ref(row["request"]).with_env(env).action_refer()

    # ------------------------------------------------------------
    # After the decision
    # ------------------------------------------------------------

    def tell(self, row):
        """Tell the applicant the decision."""
        request = self._as_officer(row)
        if request._is_early():
            request.early_reason = "موعد العملية قريب"
        request.action_tell_applicant()

    def deliver(self, row):
        """Complete the registration and begin to give what was decided."""
        request = self._as_officer(row)
        person = request.beneficiary_id
        if request._registration_gaps() and not person.has_iban:
            person.iban = iban(request.id)
        request.action_deliver()

    def follow_up(self, row):
        """Record that the help was given."""
        self._as_officer(row).action_follow_up()

    def close(self, row):
        """Close with an outcome."""
        request = self._as_officer(row)
        request.write({"outcome": row["outcome"], "close_note": NOTES["closed"]})
        if row["outcome"] == "served":
            self._record_receipt(request)
        request.action_close()

    def _record_receipt(self, request):
        """Follow up once: the help was received."""
        follow_up = request.follow_up_ids.filtered(
            lambda one: one.state == "planned" and one.kind == "contact"
        )[:1] or request.env["beneficiary.follow.up"].create(
            {
                "request_id": request.id,
                "subject": NOTES["follow_up"],
                "date_planned": request._business_day(),
            }
        )
        follow_up.write({"result": "received", "note": NOTES["received"]})
        follow_up.action_done()

    def cancel(self, row):
        """Stop a request nobody needs any more."""
        request = self._as_officer(row)
        request._stop(NOTES["cancelled"], row["outcome"])

    def _as_officer(self, row):
        env = self.demonstration.as_user("officer")
        return self.demonstration.ref(row["request"]).with_env(env)


REPORTS = {
    "approved": (
        "تمت مطابقة المستندات والاطلاع على دخل الأسرة والتزاماتها، والتقرير الطبي يثبت"
        " الحاجة. يوصى بالموافقة."
    ),
    "declined": (
        "تمت دراسة الحالة، ولم يثبت التقرير الطبي الحاجة إلى الدعم المطلوب. يوصى"
        " بالاعتذار مع توضيح السبب."
    ),
}
NOTES = {
    "closed": "اكتملت الخدمة وتمت متابعة الحالة.",
    "cancelled": "أفاد المستفيد بعدم حاجته إلى متابعة الطلب.",
    "follow_up": "هل وصلت المساعدة؟",
    "received": "أكد المستفيد هاتفيًا استلام المساعدة.",
}
