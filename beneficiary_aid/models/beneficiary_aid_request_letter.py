from markupsafe import Markup

from odoo import Command, models
from odoo.exceptions import UserError
from odoo.tools.image import image_data_uri

from .beneficiary_aid_request_flow import OFFICER, RESEARCHER

REPRESENTATIVE = "beneficiary_relations.group_branch_representative"


class BeneficiaryAidRequest(models.Model):
    """The request on paper, and the answer as a letter (C40, C42, C43).

    The letter says nothing before the answer was told, and nothing that its reader
    need not know: no name of a disease, no votes, no fund.
    """

    _name = "beneficiary.aid.request"
    _inherit = ["beneficiary.aid.request", "beneficiary.paper.mixin"]

    # ------------------------------------------------------------------
    # Buttons
    # ------------------------------------------------------------------

    def action_print_form(self):
        """Print the requests as the person signs them."""
        self._check_paper_role(OFFICER, RESEARCHER, REPRESENTATIVE)
        return self.env.ref("beneficiary_aid.action_report_request_form").report_action(
            self
        )

    def action_print_letter(self):
        """Print the letters with the answer, in the language of each person.

        :raise UserError: an answer was not told yet
        """
        self._check_paper_role(OFFICER)
        self._check_letter()
        return self.env.ref(
            "beneficiary_aid.action_report_decision_letter"
        ).report_action(self)

    def _check_paper_role(self, *groups):
        self.check_access("read")
        self._check_role(*groups)

    def _check_letter(self):
        for request in self:
            # That there is a decision is known to whoever tells it.
            if not request.sudo()._portal_is_told():
                raise UserError(
                    self.env._(
                        "Request %(name)s: the answer was not told yet. Tell the "
                        "applicant first, then print the letter.",
                        name=request.display_name,
                    )
                )

    # ------------------------------------------------------------------
    # Request form
    # ------------------------------------------------------------------

    def _request_form_html(self):
        """Return the request form for the PDF, in the language of official papers.

        :raise AccessError: without a role that works on requests
        """
        self.ensure_one()
        self._check_paper_role(OFFICER, RESEARCHER, REPRESENTATIVE)
        request = self.with_context(lang=self._paper_lang())
        declaration = request.declaration_ids[:1]
        return request._paper_html(
            request.env._("Support Request"),
            request.name,
            request._business_day(request.date_received),
            request._request_form_sections(declaration),
            signers=request._request_form_signers(declaration),
        )

    def _request_form_sections(self, declaration):
        self.ensure_one()
        person = self.beneficiary_id
        return [
            self._paper_section(
                "person",
                self.env._("The Person"),
                [
                    (self.env._("Name"), person.name),
                    (self.env._("File number"), person.file_number),
                    (self.env._("Identity number"), person.identity_number),
                    (self.env._("Phone"), person.phone),
                    (self.env._("Branch"), self.branch_id.name),
                ],
            ),
            self._paper_section(
                "request",
                self.env._("The Request"),
                [
                    (self.env._("Kind of help"), self.aid_type_id.name),
                    (
                        self.env._("Amount asked"),
                        self.amount_requested
                        and self.currency_id.format(self.amount_requested),
                    ),
                    (self.env._("Need"), self.reason),
                    (self.env._("Received through"), self.channel_id.name),
                    (self.env._("Time of the answer"), self.policy_id.window_text),
                    (
                        self.env._("Answer not before"),
                        self._paper_day(self.reply_not_before),
                    ),
                    (
                        self.env._("Answer at the latest"),
                        self._paper_day(self.reply_due),
                    ),
                ],
            ),
            self._paper_section(
                "papers",
                self.env._("Papers"),
                self._request_form_papers(),
                kind="table",
                head=[self.env._("Paper"), self.env._("State")],
            ),
            self._paper_section(
                "declaration",
                self.env._("Declaration"),
                [declaration.text or self.policy_id.sudo().declaration_text]
                if declaration or self.policy_id.sudo().declaration_text
                else [],
                kind="text",
            ),
        ]

    def _request_form_papers(self):
        """Return each paper asked for, and whether it is there."""
        missing = self.missing_document_type_ids
        matched = self.env._("There")
        wanted = self.env._("Missing")
        kinds = self.aid_type_id.document_type_ids | self.document_ids.type_id | missing
        return [(kind.name, wanted if kind in missing else matched) for kind in kinds]

    def _request_form_signers(self, declaration):
        self.ensure_one()
        signature = declaration.signature
        return [
            {
                "name": declaration.signer_name or self.beneficiary_id.name,
                "role": self.env._("The applicant"),
                "image": signature and image_data_uri(signature),
                "note": declaration
                and self._paper_day(self._business_day(declaration.signed_on)),
            },
            {
                "name": self.env._("For the association"),
                "role": self.env._("Received by"),
            },
        ]

    # ------------------------------------------------------------------
    # Letter
    # ------------------------------------------------------------------

    def _letter_html(self):
        """Return the letter for the PDF, in the person's language.

        :raise AccessError: without the role that tells answers
        :raise UserError: the answer was not told yet
        """
        self.ensure_one()
        self._check_paper_role(OFFICER)
        self._check_letter()
        # What a letter says was checked to be told; the person's name and language
        # and the decision are read for it, whatever else the officer may see.
        letter = self.sudo()
        lang = letter.beneficiary_id.partner_id.lang or self._paper_lang()
        letter = letter.with_context(lang=lang)
        return letter._paper_html(
            letter.env._("Answer to Your Request"),
            letter.decision_id.name,
            letter.told_on,
            letter._letter_sections(),
            closing=letter.env._("May you be well."),
            signers=[
                {"name": letter.company_id.name, "role": letter.env._("Signature")}
            ],
        )

    def _letter_sections(self):
        """Return the sections of the letter: what was decided, why, what to do."""
        self.ensure_one()
        decision = self._portal_decision_values()
        return [
            self._paper_section("to", "", self._letter_opening(), kind="text"),
            self._paper_section(
                "decision",
                self.env._("The Decision"),
                [
                    (self.env._("Result"), decision["title"]),
                    (self.env._("In words"), decision["text"]),
                    (self.env._("Amount"), decision["amount"]),
                    (self.env._("Condition"), decision["condition"]),
                    (self.env._("Reason"), self.decision_id.reason_id.name),
                    (
                        self.env._("Decided on"),
                        self._paper_day(
                            self._business_day(self.decision_id.decided_on)
                        ),
                    ),
                ],
            ),
            self._paper_section(
                "next", self.env._("What You Can Do"), self._letter_next(), kind="text"
            ),
        ]

    def _letter_opening(self):
        return [
            self.env._("Dear %(name)s,", name=self.beneficiary_id.name),
            self.env._(
                "This is the answer to your request number %(number)s, received on "
                "%(date)s.",
                number=self.name,
                date=self._paper_day(self._business_day(self.date_received)),
            ),
        ]

    def _letter_next(self):
        """Return what the person may do now; how to appeal and until when."""
        self.ensure_one()
        decision = self.decision_id
        if decision._is_approval():
            return [
                self.env._("We tell you as soon as the help is on its way to you."),
                self.env._(
                    "If something in this letter is not right, call us or come to our "
                    "desk with your request number."
                ),
            ]
        if decision.kind == "appeal":
            return [
                self.env._(
                    "This answer was given by other people than those who decided the "
                    "first time. You can always send a new request or a complaint."
                )
            ]
        return self._letter_appeal_lines()

    def _letter_appeal_lines(self):
        """Return how the person may have the decision looked at again."""
        lines = [
            self.env._(
                "If you do not agree, you may ask for the decision to be looked at "
                "again, by other people than those who decided. Ask on your page, by "
                "phone or at our desk, with your request number and what we should "
                "know."
            )
        ]
        until = self._letter_appeal_until()
        if until:
            lines.append(
                self.env._(
                    "You may ask for it until %(date)s.", date=self._paper_day(until)
                )
            )
        return lines

    def _letter_appeal_until(self):
        """Return the last day for an appeal, where one is set."""
        return False

    # ------------------------------------------------------------------
    # Portal and notices
    # ------------------------------------------------------------------

    def _portal_letter(self):
        """Return the letter of a person's own request as PDF.

        :return: None before the answer was told
        :rtype: bytes
        :raise AccessError: the request is not the user's to read
        """
        self.ensure_one()
        self.check_access("read")
        # Portal users have no right on reports or decisions; that the request is
        # theirs and the answer told is checked.
        request = self.sudo()
        if not request._portal_is_told():
            return None
        content, _kind = (
            request.env["ir.actions.report"]
            .with_company(request.company_id)
            ._render_qweb_pdf("beneficiary_aid.report_decision_letter", request.ids)
        )
        return content

    def _notify_person(self, notice):
        """Send the notice by e-mail, too, to whoever has an address."""
        result = super()._notify_person(notice)
        # The contact is the recipient and nothing else of it is used.
        partner = self.beneficiary_id.sudo().partner_id
        if partner.email:
            words = self.with_context(lang=partner.lang or self.env.lang)
            # Whoever may cause a notice need not write e-mails of his own.
            self.env["mail.mail"].sudo().create(
                {
                    "subject": words.env._(
                        "%(company)s: your request %(number)s",
                        company=self.company_id.sudo().name,
                        number=self.name,
                    ),
                    "body_html": Markup("<p>%s</p>") % words._notice(notice),
                    "recipient_ids": [Command.link(partner.id)],
                    "auto_delete": True,
                }
            )
        return result
