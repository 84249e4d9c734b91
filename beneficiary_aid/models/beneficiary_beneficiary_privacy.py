from odoo import api, models

from ..tools.append_only import cutting
from .beneficiary_aid_stage import ENDED
from .beneficiary_decision import CUT as CUT_WORD

# What a request and what hangs on it says in words, and what it becomes. Numbers,
# amounts, dates and results stay: the accounts and the figures need them.
CUT = {
    "beneficiary.assessment": {"conditions": False},
    "beneficiary.agenda.item": {
        "motion": False,
        "correction_reason": False,
        "condition": False,
        "public_text": False,
    },
    "beneficiary.aid.request": {
        "reason": False,
        "close_note": False,
        "waiting_note": False,
        "early_reason": False,
        "urgent_reason": False,
        "repeat_reason": False,
        "correction_reason": False,
        "receipt": False,
        "receipt_filename": False,
        "zakat_authorisation": False,
        "stop_reason": False,
        "reopen_reason": False,
        "postponed_reason": False,
        "referral_text": False,
        "household_id": False,
    },
    "beneficiary.cheque": {
        "handed_to": CUT_WORD,
        "signature": False,
        "photo": False,
        "void_reason": False,
    },
    "beneficiary.conflict": {"reason": CUT_WORD},
    "beneficiary.appeal": {"grounds": CUT_WORD, "late_reason": False},
    "beneficiary.decision": {
        "public_text": CUT_WORD,
        "condition": False,
        "urgent_reason": False,
        "outside_answer": False,
        "outside_filename": False,
    },
    "beneficiary.disbursement.batch.line": {"rejection_reason": False},
    "beneficiary.declaration": {
        "text": CUT_WORD,
        "signer_name": CUT_WORD,
        "signature": False,
        "address": False,
        "phone_hint": False,
        "scan": False,
        "scan_filename": False,
    },
    "beneficiary.declaration.file": {"file": False, "filename": CUT_WORD},
    "beneficiary.distribution.handout": {
        "taker_name": CUT_WORD,
        "signature": False,
        "photo": False,
    },
    "beneficiary.distribution.line": {
        "reason": False,
        "override_reason": CUT_WORD,
        "household_id": False,
        "code": False,
    },
    "beneficiary.follow.up": {
        "note": False,
        "subject": CUT_WORD,
        "proof": False,
        "proof_filename": False,
    },
    "beneficiary.opinion": {"text": False},
    "beneficiary.emergency.household": {
        "person_name": CUT_WORD,
        "phone": False,
        "identity_number": False,
        "needs": False,
    },
    "beneficiary.outreach.line": {"reason": False, "leave_out": False},
    "beneficiary.reconsideration": {"reason": CUT_WORD},
    "beneficiary.device.loan": {"condition": False},
    "beneficiary.receipt": {
        "taker_name": CUT_WORD,
        "note": False,
        "signature": False,
        "photo": False,
    },
    "beneficiary.receipt.call": {"note": False},
    "beneficiary.sponsorship": {"stop_note": False, "problem": False},
    "beneficiary.sponsorship.pause": {"reason": CUT_WORD},
    "beneficiary.vote": {"reason": False},
    "beneficiary.voucher": {"code": False, "end_reason": CUT_WORD, "goods": False},
    "beneficiary.voucher.use": {
        "goods": False,
        "reason": CUT_WORD,
        "reference": False,
    },
}
UNPAID = ("draft", "due", "sent")
# What a person learns when the result is told, and not from a copy of the data.
RESULT_FIELDS = {
    "amount_approved",
    "amount_committed",
    "amount_paid",
    "close_reason_id",
    "closed_on",
    "decision_id",
    "delivered_on",
    "fund_id",
    "is_open",
    "outcome",
    "payment_state",
    "stage_id",
    "status",
}


class BeneficiaryBeneficiary(models.Model):
    """Requests, decisions and payments in the copy for the person, and destroyed."""

    _name = "beneficiary.beneficiary"
    _inherit = ["beneficiary.beneficiary"]

    # ------------------------------------------------------------------
    # The copy for the person
    # ------------------------------------------------------------------

    @api.model
    def _person_copy(self):
        return super()._person_copy() | {
            "beneficiary.agenda.item": "how a committee prepares and votes; the "
            "decision says the result",
            "beneficiary.aid.card": True,
            "beneficiary.aid.request": True,
            "beneficiary.cheque": True,
            "beneficiary.conflict": "ties of a committee's members, which are theirs",
            "beneficiary.decision": True,
            "beneficiary.declaration": True,
            "beneficiary.declaration.file": "a print of the declaration, which is in "
            "the copy itself",
            "beneficiary.disbursement": True,
            "beneficiary.disbursement.batch.line": "how the bank was told to pay; the "
            "payment itself is in the copy",
            "beneficiary.distribution.handout": True,
            "beneficiary.distribution.line": True,
            "beneficiary.follow.up": True,
            "beneficiary.ballot.box": "members vote freely: a secret ballot",
            "beneficiary.opinion": "members think freely: nobody learns who said what",
            "beneficiary.reconsideration": "how a committee prepares and votes",
            "beneficiary.delivery": True,
            "beneficiary.delivery.line": True,
            "beneficiary.device.loan": True,
            "beneficiary.receipt": True,
            "beneficiary.receipt.call": True,
            "beneficiary.sponsorship": True,
            "beneficiary.sponsorship.pause": True,
            "beneficiary.sponsorship.sponsor": "who carries a sponsorship, which is "
            "the sponsor's",
            "beneficiary.stand.in": "who votes for whom in a committee",
            "beneficiary.emergency.household": True,
            "beneficiary.outreach.line": True,
            "beneficiary.appeal": True,
            "beneficiary.ratification": "how a committee confirms what its chair "
            "decided; the decision says the result",
            "beneficiary.vote": "members vote freely: nobody learns who voted how",
            "beneficiary.voucher": True,
            "beneficiary.voucher.use": True,
        }

    @api.model
    def _person_copy_hidden(self):
        votes = "tells how members voted"
        seal = "seals of the chain, which tell nothing of the person"
        key = "whoever has it can buy with the voucher"
        return super()._person_copy_hidden() | {
            "beneficiary.voucher": {"code": key, "code_digest": key},
            "beneficiary.aid.request": {"form_key": "a key of the portal's form"},
            "beneficiary.decision": {
                "abstain_count": votes,
                "outside_digest": seal,
                "seal_version": seal,
                "ballot_snapshot": votes,
                "dossier_hash": seal,
                "explanation": votes,
                "hash": seal,
                "no_count": votes,
                "passed": votes,
                "present_count": votes,
                "previous_hash": seal,
                "quorum_count": votes,
                "rule_snapshot": seal,
                "seal_salt": seal,
                "word_digests": seal,
                "yes_count": votes,
            },
        }

    def _person_hidden_in(self, record):
        hidden = super()._person_hidden_in(record)
        if record._name == "beneficiary.aid.request" and not record.told_on:
            hidden |= RESULT_FIELDS
        if record._name == "beneficiary.appeal" and not record.request_id.told_on:
            hidden |= {"answer_id", "answered_on", "result"}
        return hidden

    def _person_data(self):
        data = super()._person_data()
        # The caller checked the right to the copy.
        told = set(self.sudo().aid_request_ids.filtered("told_on").mapped("name"))
        for model in ("beneficiary.decision", "beneficiary.disbursement"):
            rows = [row for row in data.pop(model, []) if row["request_id"] in told]
            if rows:
                data[model] = rows
        return data

    # ------------------------------------------------------------------
    # Destroying personal data
    # ------------------------------------------------------------------

    def _anonymise_obstacles(self):
        obstacles = super()._anonymise_obstacles()
        # Whoever proposes the destruction need not read requests and payments.
        Request = self.env["beneficiary.aid.request"].sudo()
        own = [("beneficiary_id", "=", self.id)]
        open_requests = Request.search([*own, ("status", "not in", ENDED)])
        if open_requests.filtered("is_appeal"):
            obstacles.append(self.env._("an appeal is open"))
        if open_requests.filtered(lambda request: not request.is_appeal):
            obstacles.append(self.env._("a request is open"))
        untold = Request.search_count(
            [*own, ("status", "=", "rejected"), ("told_on", "=", False)], limit=1
        )
        if untold:
            obstacles.append(self.env._("a decision has not been told"))
        if (
            self.env["beneficiary.disbursement"]
            .sudo()
            .search_count(
                [
                    "|",
                    ("request_id.beneficiary_id", "=", self.id),
                    ("payee_id", "=", self.partner_id.id),
                    ("state", "in", UNPAID),
                ],
                limit=1,
            )
        ):
            obstacles.append(self.env._("a payment is not on the bank statement yet"))
        return obstacles

    def _anonymise_values(self, model):
        return super()._anonymise_values(model) | CUT.get(model, {})

    def _anonymise_related(self, related):
        self.env["beneficiary.aid.draft"].search(
            [("beneficiary_id", "=", self.id)]
        ).unlink()
        self._anonymise_minutes(related["beneficiary.agenda.item"])
        # Declarations, decisions and votes are written once: only their words go,
        # and only in this block.
        with cutting(self.env.cr):
            result = super()._anonymise_related(related)
            self.env.flush_all()
        return result

    def _anonymise_minutes(self, items):
        """Cut the person out of the minutes of the meetings that spoke of him."""
        said = self._words_naming_person()
        for meeting in items.meeting_id:
            own = items.filtered(lambda item, here=meeting: item.meeting_id == here)
            words = [*said, *filter(None, own.mapped("motion"))]
            meeting.write(
                {
                    name: self._without(meeting[name], words)
                    for name in ("minutes", "remarks")
                    if meeting[name]
                }
            )

    def _anonymise_threads(self, threads):
        result = super()._anonymise_threads(threads)
        # Entries and payments are kept with their papers; only the person's name
        # goes from what was said about them.
        moves = (
            self.env["account.move.line"]
            .search([("partner_id", "=", self.partner_id.id)])
            .move_id
        )
        payments = self.env["account.payment"].search(
            [("partner_id", "=", self.partner_id.id)]
        )
        for records in (moves, payments):
            messages = self.env["mail.message"].search(
                [("model", "=", records._name), ("res_id", "in", records.ids)]
            )
            messages.tracking_value_ids.unlink()
            messages.write({"body": "", "subject": False})
        return result
