import base64
from datetime import date

from odoo import Command
from odoo.tests import new_test_user

from odoo.addons.beneficiary_relations.tests.common import (
    CITIZENS,
    PDF,
    BeneficiaryCommon,
)


class AidCommon(BeneficiaryCommon):
    """An association that adopted the Safe Treatment policy, with a committee.

    Use it for the way of a request from the counter to the decision and on. Beside
    the users of :class:`BeneficiaryCommon`: ``secretary``, ``chair``, ``member_a``,
    ``member_b``, ``aid_manager``, ``clerk``, ``releaser``. The committee has four
    seats: the chair, both members and ``researcher_member``, who is also a
    researcher. The fund holds 10,000.
    """

    AID_ROLES = {
        "secretary": "beneficiary_aid.group_committee_secretary",
        "chair": "beneficiary_aid.group_committee_member",
        "member_a": "beneficiary_aid.group_committee_member",
        "member_b": "beneficiary_aid.group_committee_member",
        "researcher_member": "beneficiary_aid.group_committee_member,"
        "beneficiary_relations.group_social_researcher",
        "aid_manager": "beneficiary_aid.group_aid_manager",
        "clerk": "beneficiary_aid.group_finance_clerk",
        "releaser": "beneficiary_aid.group_finance_releaser",
    }

    @classmethod
    def _set_up_association(cls):
        super()._set_up_association()
        for name, groups in cls.AID_ROLES.items():
            setattr(cls, name, cls._create_aid_user(name, groups))
        cls.aid_type = cls.env["beneficiary.aid.type"].search(
            [("company_id", "=", cls.company.id), ("code", "=", "treatment")]
        )
        cls.committee = cls.env["beneficiary.committee"].search(
            [("company_id", "=", cls.company.id)]
        )
        cls._seat_members()
        cls.fund = cls.env["beneficiary.fund"].create(
            {"name": "Treatment", "code": "TREAT", "company_id": cls.company.id}
        )
        cls._fill_fund(10000)
        cls.reason_entitled = cls.env.ref("beneficiary_aid.decision_reason_entitled")
        cls.reason_declined = cls.env.ref(
            "beneficiary_aid.decision_reason_not_entitled"
        )
        cls.reason_later = cls.env.ref("beneficiary_aid.decision_reason_more_time")

    # ------------------------------------------------------------------
    # Set-up
    # ------------------------------------------------------------------

    @classmethod
    def _create_policy(cls, company, **values):
        # Earlier than today, so that tests may put a newer one in force.
        policy = cls.env["beneficiary.policy"]._adopt("ST", company, date(2020, 1, 1))
        policy.write(values)
        return policy

    @classmethod
    def _create_aid_user(cls, name, groups, company=None):
        company = company or cls.company
        return new_test_user(
            cls.env,
            f"aid_{name}",
            groups=groups,
            company_id=company.id,
            company_ids=[Command.set(company.ids)],
        )

    @classmethod
    def _seat_members(cls):
        roles = {
            "chair": "chair",
            "member_a": "member",
            "member_b": "member",
            "researcher_member": "member",
            "secretary": "secretary",
        }
        members = cls.env["beneficiary.committee.member"].create(
            [
                {
                    "committee_id": cls.committee.id,
                    "user_id": getattr(cls, name).id,
                    "role": role,
                    "date_from": "2020-01-01",
                }
                for name, role in roles.items()
            ]
        )
        cls.seats = dict(zip(roles, members, strict=True))

    @classmethod
    def _fill_fund(cls, amount, fund=None):
        """Post a donation, so that the fund has something to promise."""
        bank = cls.env["account.journal"].create(
            {
                "name": "Bank of the Association",
                "code": "ABK",
                "type": "bank",
                "company_id": cls.company.id,
            }
        )
        cls.company._beneficiary_setup_accounting()
        donation = (
            cls.env["beneficiary.donation"]
            .with_user(cls.clerk)
            .create(
                {
                    "donor_id": cls.env["res.partner"].create({"name": "A Donor"}).id,
                    "amount": amount,
                    "fund_id": (fund or cls.fund).id,
                    "journal_id": bank.id,
                    "company_id": cls.company.id,
                }
            )
        )
        donation.action_post()
        return donation

    # ------------------------------------------------------------------
    # Steps, each as the role that takes it
    # ------------------------------------------------------------------

    @classmethod
    def _create_request(cls, beneficiary=None, **values):
        """A request entered by the relations officer."""
        return (
            cls.env["beneficiary.aid.request"]
            .with_user(cls.officer)
            .create(
                {
                    "beneficiary_id": (beneficiary or cls.beneficiary).id,
                    "aid_type_id": cls.aid_type.id,
                    "reason": "An operation",
                    "amount_requested": 3000,
                    **values,
                }
            )
        )

    @classmethod
    def _complete_papers(cls, request):
        """Hand in and match every paper that is missing."""
        documents = cls.env["beneficiary.document"].create(
            [
                {
                    "beneficiary_id": request.beneficiary_id.id,
                    "type_id": kind.id,
                    "page_ids": [
                        Command.create(
                            {"filename": "paper.pdf", "file": base64.b64encode(PDF)}
                        )
                    ],
                }
                for kind in request.missing_document_type_ids
            ]
        )
        documents.with_user(cls.officer).action_verify()

    @classmethod
    def _sign(cls, request):
        """Sign the declaration on paper."""
        return (
            cls.env["beneficiary.declaration"]
            .with_user(cls.officer)
            .with_context(default_request_id=request.id)
            .create(
                {
                    "signer_name": request.beneficiary_id.name,
                    "scan": base64.b64encode(PDF),
                    "scan_filename": "declaration.pdf",
                }
            )
        )

    @classmethod
    def _study(cls, request, user=None, recommendation="approve", **values):
        """Bring a request to its study and finish an assessment of it."""
        user = user or cls.researcher
        request = request.with_user(cls.officer)
        cls._complete_papers(request)
        cls._sign(request)
        request.action_study()
        assessment = (
            cls.env["beneficiary.assessment"]
            .with_user(user)
            .create(
                {
                    "request_id": request.id,
                    "beneficiary_id": request.beneficiary_id.id,
                    "mechanism_id": cls.mechanism.id,
                    "report": "Needs the operation",
                    "recommendation": recommendation,
                    **values,
                }
            )
        )
        assessment.line_ids.filtered(lambda line: line.result == "unknown").write(
            {"result": "met"}
        )
        assessment.action_done()
        return assessment

    @classmethod
    def _refer(cls, request=None, user=None, **values):
        """A request before the committee."""
        request = request or cls._create_request(**values)
        cls._study(request, user=user)
        request.with_user(cls.officer).action_refer()
        return request

    @classmethod
    def _open_meeting(cls, *present):
        """An open meeting at which these are present, everybody when none is named.

        :param str present: names of users
        """
        meeting = (
            cls.env["beneficiary.meeting"]
            .with_user(cls.secretary)
            .create({"committee_id": cls.committee.id})
        )
        meeting.action_call()
        meeting.action_open()
        names = present or ("chair", "member_a", "member_b", "researcher_member")
        cls._mark_present(meeting, *names)
        return meeting

    @classmethod
    def _mark_present(cls, meeting, *names):
        for attendance in meeting.attendance_ids:
            here = any(attendance.member_id == cls.seats[name] for name in names)
            attendance.presence = "present" if here else "absent"

    @classmethod
    def _put_on_agenda(cls, meeting, request, **motion):
        """An agenda item with a motion to approve, unless told otherwise."""
        values = {
            "outcome": "approve",
            "amount": 2000,
            "fund_id": cls.fund.id,
            "reason_id": cls.reason_entitled.id,
        }
        values.update(motion)
        return (
            cls.env["beneficiary.agenda.item"]
            .with_user(cls.secretary)
            .create({"meeting_id": meeting.id, "request_id": request.id, **values})
        )

    @classmethod
    def _vote(cls, item, **votes):
        """Votes by the members themselves: ``chair="yes"``."""
        for name, value in votes.items():
            own = item.with_user(getattr(cls, name))
            own._vote(value, "Reason" if value == "abstain" else False)

    @classmethod
    def _put_off(cls, items):
        """Put items off through the window that asks for the reason."""
        action = items.action_postpone()
        items.env[action["res_model"]].with_context(**action["context"]).create(
            {"reason_id": cls.reason_later.id}
        ).action_postpone()

    @classmethod
    def _decide(cls, request=None, votes=None, **motion):
        """Let the committee decide about a request; returns the request.

        :param dict votes: by name of the user; three times yes when empty
        :param motion: values of the agenda item
        """
        request = request or cls._refer()
        meeting = cls._open_meeting()
        item = cls._put_on_agenda(meeting, request, **motion)
        item.action_open_vote()
        cls._vote(
            item, **(votes or {"chair": "yes", "member_a": "yes", "member_b": "yes"})
        )
        item.action_close_vote()
        return request

    @classmethod
    def _create_other_beneficiary(cls, number=3, **values):
        return cls._create_beneficiary(
            name="سعيد الغامدي", identity_number=CITIZENS[number], **values
        )

    def assertAccess(self, record, matrix):
        """Each role may do to a record what the role table says, and no more.

        :param record: whose access is asked
        :param dict matrix: name of a user of this class and his letters of ``rwcd``
        """
        operations = {"r": "read", "w": "write", "c": "create", "d": "unlink"}
        for name, allowed in matrix.items():
            for letter, operation in operations.items():
                with self.subTest(role=name, operation=operation):
                    self.assertEqual(
                        record.with_user(getattr(self, name)).has_access(operation),
                        letter in allowed,
                    )
