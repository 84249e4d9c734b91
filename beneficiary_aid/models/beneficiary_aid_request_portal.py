from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.tools import format_amount, format_list

from odoo.addons.beneficiary_relations.exceptions import PortalError
from odoo.addons.beneficiary_relations.models.beneficiary_document_portal import (
    MAX_FILES_AT_ONCE,
)

from .beneficiary_aid_draft import MAX_AMOUNT, REASON_MAX_LENGTH

# The way of a request as a person sees it: a page shows each step, done or to come.
STEPS = ("received", "verification", "study", "decision", "delivery", "closed")
# Which step a status of the program stands for.
STEP_OF_STATUS = {
    "received": "received",
    "verification": "verification",
    "study": "study",
    "decision": "decision",
    "approved": "delivery",
    "delivery": "delivery",
    "follow_up": "closed",
    "closed": "closed",
    "rejected": "rejected",
    "cancelled": "cancelled",
}
DECLINED = ("decline",)


class BeneficiaryAidRequest(models.Model):
    """What a person sees of his request, and how he sends one.

    Portal users read their own requests under record rules, and of them only the
    fields named here: not the study, the votes, the fund, the responsible people or
    the committee's decision before it was told. The pages say the rest in plain
    words through :meth:`_portal_values`. Portal users have no right to create or
    change a request; :meth:`_portal_submit` is the one narrow way in.
    """

    _name = "beneficiary.aid.request"
    _inherit = ["beneficiary.aid.request", "beneficiary.access.mixin"]

    _portal_fields = frozenset(
        {
            "id",
            "active",
            "amount_requested",
            "beneficiary_id",
            "company_id",
            "currency_id",
            "date_received",
            "display_name",
            "name",
            "reason",
        }
    )

    # ------------------------------------------------------------------
    # Reading, in plain words
    # ------------------------------------------------------------------

    def _portal_values(self):
        """Return what the pages of the portal show of each request.

        :return: one dictionary a request: ``id``, ``number``, ``date``, ``for_name``
            (of another person one acts for, or False), ``aid_type``, ``reason``,
            ``amount``, ``title`` and ``text`` (where it stands), ``waiting`` (the
            person must do something), ``todo``, ``steps``, ``next_word``,
            ``documents``, ``decision``, ``payment``, ``company``
        :raise AccessError: a request is not the user's to read
        """
        self.check_access("read")
        return [request._portal_request_values() for request in self]

    def _portal_request_values(self):
        self.ensure_one()
        # The owner was checked by the caller. Names of configuration and states in
        # plain words are taken from here on, never a record handed to a page.
        request = self.sudo()
        step = request._portal_step()
        words = request._portal_step_words()
        documents = self.env["beneficiary.document"]._portal_values(
            self.beneficiary_id, request.aid_type_id.document_type_ids
        )[self.beneficiary_id]
        needed = [
            document
            for document in documents
            if document["state"] in ("needed", "again", "expired")
        ]
        is_open = step in STEPS and step != "closed"
        asked = request.waiting_since and request.waiting_for != "outside"
        is_waiting = is_open and bool(asked or needed)
        beneficiary = request.beneficiary_id
        return {
            "id": request.id,
            "number": request.name,
            "date": self._portal_date(request.date_received),
            "for_name": beneficiary.partner_id != self.env.user.partner_id
            and beneficiary.name,
            "aid_type": request.aid_type_id.name,
            "reason": request.reason,
            "amount": self._portal_amount(request.amount_requested),
            "title": words[step].get("headline") or words[step]["title"],
            "text": request._portal_stage_text(step) or words[step]["text"],
            "is_open": is_open,
            "is_waiting": is_waiting,
            "todo": request._portal_todo(step, needed, is_waiting),
            "steps": request._portal_steps(step, words),
            "next_word": request._portal_next_word(step, is_waiting),
            # Of a request that has ended no paper is wanted any more.
            "documents": documents
            if is_open
            else [document for document in documents if document not in needed],
            "decision": request._portal_decision_values(),
            "payment": request._portal_payment_values(),
            "company": request.company_id,
        }

    def _portal_is_told(self):
        """Tell whether the result was told to the person: before, no page shows it."""
        self.ensure_one()
        return bool(self.told_on and self.decision_id)

    def _portal_step(self):
        """Return the step a person is at; a result not yet told counts as decision."""
        self.ensure_one()
        declined = self.status == "closed" and self.outcome == "declined"
        if (self.status in ("approved", "rejected") or declined) and not self.told_on:
            return "decision"
        if declined:
            return "rejected"
        if self.status == "closed" and self.outcome not in (False, "served"):
            return "cancelled"
        return STEP_OF_STATUS[self.status]

    def _portal_stage_text(self, step):
        """Return the public words of the stage, unless they would tell too early."""
        self.ensure_one()
        other = step == "rejected" and self.decision_id.outcome != "decline"
        if STEP_OF_STATUS[self.status] != step or other:
            return False
        return self.stage_id.public_text

    def _portal_decider(self):
        """Return who decides, as the person may know it."""
        self.ensure_one()
        return {
            "competent_department": self.env._("The department in charge"),
            "competent_authority_external": self.env._("The authority in charge"),
        }.get(self.policy_id.decider, self.env._("The research committee"))

    def _portal_step_words(self):
        """Return for each step its title, what it means and who has the request."""
        self.ensure_one()
        return {
            "received": {
                "title": self.env._("We received your request"),
                "text": self.env._("Your request has a number. Nothing of it is lost."),
                "who": self.env._("Our reception"),
            },
            "verification": {
                "title": self.env._("We check your papers"),
                "text": self.env._(
                    "We look at each paper and tell you if one is missing."
                ),
                "who": self.env._("The relations officer"),
            },
            "study": {
                "title": self.env._("We study your situation"),
                "text": self.env._(
                    "We may call you or visit you to understand your need."
                ),
                "who": self.env._("The social researcher"),
            },
            "decision": {
                "title": self.env._("The decision"),
                "text": self.env._(
                    "Your request is accepted or declined, and you are told why."
                ),
                "who": self._portal_decider(),
            },
            "delivery": {
                "title": self.env._("We prepare your help"),
                "text": self.env._(
                    "After the acceptance we prepare the help and tell you."
                ),
                "who": self.env._("Our finance and services team"),
            },
            "closed": {
                "title": self.env._("The help reaches you"),
                "headline": self.env._("You received your help"),
                "text": self.env._(
                    "We ask whether the help reached you and how it was."
                ),
                "who": self.env._("The relations officer"),
            },
            "rejected": {
                "title": self._portal_decision_title()
                or self.env._("We could not accept your request"),
                "text": self.env._("Below you find the reason and what you can do."),
                "who": self._portal_decider(),
            },
            "cancelled": {
                "title": self.env._("This request was stopped"),
                "text": self.env._(
                    "Nobody works on it any more. You can send a new one."
                ),
                "who": self.env._("Nobody"),
            },
        }

    def _portal_steps(self, step, words):
        """Return the steps of the way: done, now and still to come.

        :param str step: where the request is
        :param dict words: see :meth:`_portal_step_words`
        """
        self.ensure_one()
        way = list(STEPS)
        if step == "rejected":
            way = [*STEPS[:4], "rejected"]
        elif step == "cancelled":
            way = ["received", "cancelled"]
        now = way.index(step)
        is_over = self.status == "closed" or step in ("rejected", "cancelled")
        return [
            {
                "code": code,
                "position": "done"
                if index < now or (index == now and is_over)
                else ("now" if index == now else "later"),
                "is_current": index == now,
                **words[code],
            }
            for index, code in enumerate(way)
        ]

    def _portal_todo(self, step, needed, is_waiting):
        """Return what the person does now, often nothing."""
        self.ensure_one()
        if is_waiting and needed:
            return self.env._(
                "Please send these papers: %(names)s.",
                names=format_list(self.env, [document["name"] for document in needed]),
            )
        if is_waiting:
            return self.env._(
                "We asked you for something. Please call us or answer our call."
            )
        if step == "study":
            return self.env._("Please answer if we call you. Otherwise you can wait.")
        if step == "rejected":
            return self.env._("You can ask us to look at the decision again.")
        return self.env._("Nothing. You can wait.")

    def _portal_next_word(self, step, is_waiting):
        """Return when the person hears from us next, with the policy's own words."""
        self.ensure_one()
        if step in ("closed", "rejected", "cancelled"):
            return False
        if step == "delivery":
            return self.env._("We tell you as soon as the help is on its way to you.")
        sentences = []
        if is_waiting:
            sentences.append(
                self.env._("We go on as soon as we have what we asked you for.")
            )
        if self.reply_due:
            sentences.append(
                self.env._(
                    "You have our answer by %(date)s at the latest.",
                    date=self._portal_date(self.reply_due),
                )
            )
        elif self.reply_not_before:
            sentences.append(
                self.env._(
                    "The study takes its time: expect our answer after %(date)s.",
                    date=self._portal_date(self.reply_not_before),
                )
            )
        if self.policy_id.window_text:
            sentences.append(
                self.env._(
                    "Our policy says about the answer: «%(text)s».",
                    text=self.policy_id.window_text,
                )
            )
        return " ".join(sentences) or self.env._(
            "We tell you as soon as there is news."
        )

    def _portal_decision_values(self):
        """Return the decision in plain words, once it was told.

        :return: False, or ``title``, ``text``, ``condition``, ``reason`` (only when
            declined), ``amount``, ``date``, ``is_declined``
        """
        self.ensure_one()
        if not self._portal_is_told():
            return False
        decision = self.decision_id
        is_declined = decision.outcome in DECLINED
        return {
            "title": self._portal_decision_title(),
            "text": decision.public_text,
            "condition": decision.outcome == "approve_condition" and decision.condition,
            "reason": is_declined and decision.reason_id.name,
            "amount": not is_declined and self._portal_amount(decision.amount),
            "date": self._portal_date(self.told_on),
            "is_declined": is_declined,
        }

    def _portal_decision_title(self):
        """Return the outcome of the decision that stands, in one sentence."""
        self.ensure_one()
        return {
            "approve": self.env._("Your request was accepted."),
            "approve_less": self.env._(
                "Your request was accepted with a smaller amount."
            ),
            "approve_condition": self.env._(
                "Your request was accepted under a condition."
            ),
            "in_kind": self.env._(
                "Your request was accepted. The help is given in kind."
            ),
            "refer": self.env._(
                "Your request was passed on to those who can help best."
            ),
            "postpone": self.env._("The decision was put off to a later meeting."),
            "decline": self.env._("Your request could not be accepted."),
        }.get(self.decision_id.outcome, "")

    def _portal_payment_values(self):
        """Return how the payment stands, in plain words, once the result was told."""
        self.ensure_one()
        words = {
            "due": (
                self.env._("We prepare the payment"),
                self.env._("You need to do nothing."),
            ),
            "sent": (
                self.env._("The payment is sent"),
                self.env._(
                    "The bank may need a few days until it reaches the account."
                ),
            ),
            "paid": (
                self.env._("Paid"),
                self.env._("The bank confirmed the payment."),
            ),
            "reversed": (
                self.env._("The payment came back"),
                self.env._(
                    "We look into it and call you. Please check your account number."
                ),
            ),
        }.get(self.payment_state)
        if not words or not self._portal_is_told():
            return False
        return {
            "state": self.payment_state,
            "title": words[0],
            "text": words[1],
            "amount": self._portal_amount(self.amount_paid),
        }

    def _portal_amount(self, amount):
        self.ensure_one()
        if not amount:
            return False
        return format_amount(self.env, amount, self.sudo().currency_id)

    # ------------------------------------------------------------------
    # Sending a request
    # ------------------------------------------------------------------

    @api.model
    def _portal_by_form_key(self, form_key):
        """Return the request the current user sent with a form key, if he did."""
        if not form_key:
            return self.browse()
        # Portal users cannot search by the key; the sender is part of the domain.
        request = self.sudo().search(
            [("form_key", "=", form_key), ("entered_by_id", "=", self.env.uid)],
            limit=1,
        )
        return request.with_env(self.env)

    @api.model
    def _portal_submit(self, values, files, declaration):
        """Create a request of the logged-in person: the only way in from the portal.

        Everything is checked here again, whatever the pages checked before. Request,
        declaration, papers and acknowledgement are one transaction: all or nothing.
        The same form key gives the first request again (C7); the draft that carries
        the key is locked, so that of two requests at once the second is replayed by
        Odoo and finds the first.

        :param dict values: ``form_key``, ``beneficiary_id``, ``aid_type_id``,
            ``reason``, ``amount_requested``; nothing else is taken
        :param list files: dictionaries ``type_id``, ``filename``, ``content`` (bytes)
        :param dict declaration: ``text``, ``text_version``, ``signer_name``,
            ``signature`` (base64), ``signed_on``, ``address``
        :return: the request, as the user
        :raise AccessError: the file or the form key is not his
        :raise PortalError: what is wrong, in plain words
        """
        first = self._portal_by_form_key(values.get("form_key"))
        if first:
            return first
        draft = self._portal_lock_draft(values)
        beneficiary = draft.beneficiary_id
        Mandate = self.env["beneficiary.mandate"]
        mandate = Mandate._require_scope(beneficiary, "apply")
        signing = Mandate._require_scope(beneficiary, "sign")
        self._portal_check_values(values)
        self._portal_check_declaration(declaration)
        # Portal users have no right to create requests. The owner, the kind of help,
        # the key and the declaration were checked; only what follows is written, and
        # nothing is logged or followed in the person's name.
        request_sudo = (
            self.sudo()
            .with_company(beneficiary.company_id)
            .with_context(tracking_disable=True, mail_create_nosubscribe=True)
            .create(
                {**self._portal_request_vals(draft, values), "mandate_id": mandate.id}
            )
        )
        self._portal_create_declaration(request_sudo, declaration, signing)
        self._portal_store_files(request_sudo, files)
        draft.unlink()
        # The chatter keeps a note without the person as its author.
        request_sudo._acknowledge(author=self.env.ref("base.partner_root"))
        return request_sudo.with_env(self.env)

    @api.model
    def _portal_lock_draft(self, values):
        """Return the draft of a form key, locked, after the owner was checked.

        :raise AccessError: the key was issued to somebody else, or the draft is for
            another file or kind of help than the one sent
        :raise PortalError: this help can no longer be asked for
        """
        Draft = self.env["beneficiary.aid.draft"]
        draft = Draft._portal_find([("form_key", "=", values.get("form_key") or "")])
        if (
            len(draft) != 1
            or draft.beneficiary_id.id != values.get("beneficiary_id")
            or draft.aid_type_id.id != values.get("aid_type_id")
        ):
            raise AccessError(self.env._("This form is not yours."))
        if draft.aid_type_id not in Draft._portal_types(draft.beneficiary_id):
            raise PortalError(
                self.env._(
                    "%(name)s cannot be asked for at the moment. Choose another kind "
                    "of help, or call us.",
                    name=draft.aid_type_id.name,
                )
            )
        # A second sending of the same form waits here, then meets a deleted row:
        # PostgreSQL refuses it and Odoo replays it, which finds the first request.
        self.env.cr.execute(
            "SELECT id FROM beneficiary_aid_draft WHERE id = %s FOR UPDATE", [draft.id]
        )
        return draft

    @api.model
    def _portal_check_values(self, values):
        """Refuse a request without words, and amounts that are none (also NaN)."""
        reason = values.get("reason") or ""
        if not reason.strip() or len(reason) > REASON_MAX_LENGTH:
            raise PortalError(self.env._("Tell us in a few words what you need."))
        if not 0 <= (values.get("amount_requested") or 0.0) < MAX_AMOUNT:
            raise PortalError(
                self.env._("The amount must be a number above zero, or left open.")
            )

    @api.model
    def _portal_check_declaration(self, declaration):
        if not all(
            declaration.get(name) for name in ("text", "signer_name", "signature")
        ):
            raise PortalError(self.env._("Please read and sign the declaration first."))

    @api.model
    def _portal_request_vals(self, draft, values):
        """Return the values of a new request, by an explicit list."""
        beneficiary = draft.beneficiary_id
        return {
            "beneficiary_id": beneficiary.id,
            "company_id": beneficiary.company_id.id,
            "aid_type_id": draft.aid_type_id.id,
            "reason": values.get("reason"),
            "amount_requested": values.get("amount_requested") or 0.0,
            "channel_id": self._portal_channel(beneficiary.company_id).id,
            "entered_by_id": self.env.uid,
            "user_id": False,
            "form_key": values["form_key"],
        }

    @api.model
    def _portal_channel(self, company):
        """Return the channel that stands for the portal, if the policy has one."""
        # Channels are configuration that portal users do not read.
        return (
            self.env["beneficiary.channel"]
            .sudo()
            .search(
                [
                    ("company_id", "=", company.id),
                    ("code", "in", ("portal", "website")),
                ],
                order="code",
                limit=1,
            )
        )

    @api.model
    def _portal_create_declaration(self, request_sudo, declaration, mandate):
        # Kept as superuser for the same reason as the request it belongs to.
        self.env["beneficiary.declaration"].sudo().create(
            {
                "request_id": request_sudo.id,
                "text": declaration["text"],
                "text_version": declaration.get("text_version"),
                "signer_name": declaration["signer_name"],
                "signature": declaration["signature"],
                "signed_on": declaration.get("signed_on") or fields.Datetime.now(),
                "method": declaration.get("method") or "drawn",
                "phone_hint": declaration.get("phone_hint"),
                "address": declaration.get("address"),
                "user_id": self.env.uid,
                "mandate_id": mandate.id,
            }
        )

    @api.model
    def _portal_store_files(self, request_sudo, files):
        """Hand the files in as papers of the person's file."""
        Document = self.env["beneficiary.document"]
        beneficiary = request_sudo.beneficiary_id.with_env(self.env)
        by_type = {}
        for file in files:
            by_type.setdefault(file["type_id"], []).append(
                (file["filename"], file["content"])
            )
        for type_id, pages in by_type.items():
            for start in range(0, len(pages), MAX_FILES_AT_ONCE):
                Document._portal_upload(
                    beneficiary, type_id, pages[start : start + MAX_FILES_AT_ONCE]
                )

    def _portal_acknowledgement(self):
        """Return the words of the acknowledgement, in the person's language (C42)."""
        self.ensure_one()
        sentences = [
            self.env._(
                "%(company)s: we received your request number %(number)s.",
                company=self.company_id.name,
                number=self.name,
            ),
            self.env._(
                "%(decider)s studies it and answers with acceptance or refusal.",
                decider=self._portal_decider(),
            ),
        ]
        if self.policy_id.window_text:
            sentences.append(
                self.env._(
                    "Time of the answer: %(text)s.", text=self.policy_id.window_text
                )
            )
        if self.reply_not_before:
            sentences.append(
                self.env._(
                    "Not before %(date)s.",
                    date=self._portal_date(self.reply_not_before),
                )
            )
        if self.reply_due:
            sentences.append(
                self.env._(
                    "At the latest on %(date)s.",
                    date=self._portal_date(self.reply_due),
                )
            )
        return " ".join(sentences)
