from odoo import models


class BeneficiaryDonation(models.Model):
    """What a donor gets: receipt with a copy for the file, and thanks.

    Neither names whom the money helps.
    """

    _name = "beneficiary.donation"
    _inherit = ["beneficiary.donation", "beneficiary.paper.mixin"]

    def _paper_donor_lang(self):
        """Return the language the donor reads."""
        self.ensure_one()
        # The language of a donor, nothing else of the contact.
        return self.sudo().donor_id.lang or self._paper_lang()

    def _receipt_html(self):
        """Return the receipt, the original and its copy, as HTML for the PDF.

        :rtype: list of Markup
        """
        self.ensure_one()
        donation = self.with_context(lang=self._paper_donor_lang())
        number = donation.name or donation.env._("Draft donation")
        return [
            donation._paper_html(
                donation.env._("Donation Receipt"),
                number,
                donation.date,
                donation._receipt_sections(),
                mark=mark,
                closing=donation._receipt_closing(),
                signers=donation._receipt_signers(),
            )
            for mark in donation._receipt_marks()
        ]

    def _receipt_marks(self):
        if self.state == "cancelled":
            return [self.env._("Cancelled")]
        if self.state == "draft":
            return [self.env._("Draft: not valid as a receipt")]
        return [self.env._("Original"), self.env._("Copy")]

    def _receipt_sections(self):
        campaign, currency = self.campaign_id, self.currency_id
        rows = [
            (self.env._("Given by"), self.donor_name),
            (self.env._("Amount"), currency.format(self.amount)),
            (self.env._("Amount in words"), currency.amount_to_text(self.amount)),
            (self.env._("Received on"), self._paper_day(self.date)),
            (self.env._("How"), self._paper_label(self, "channel"))
            if self.kind == "money"
            else (self.env._("Goods"), self.goods),
            (self.env._("Reference"), self.reference),
            (self.env._("Cheque number"), self.cheque_number),
            (self.env._("For the fund"), self.fund_id.name),
            (self.env._("Purpose"), self.purpose),
            (
                self.env._("Campaign"),
                campaign
                and self.env._(
                    "%(name)s, licence %(number)s",
                    name=campaign.name,
                    number=campaign.licence_number,
                ),
            ),
        ]
        return [self._paper_section("receipt", False, rows)]

    def _receipt_closing(self):
        # The name of the association is public.
        return self.env._(
            "%(company)s received this donation and spends it for the purpose of the "
            "fund named above.",
            company=self.sudo().company_id.name,
        )

    def _receipt_signers(self):
        """Return who signs: a receipt that is not valid is signed by nobody."""
        if self.state != "posted":
            return []
        return [
            {"name": self.env._("Received by"), "role": self.env._("Name, signature")},
            # The name of the association is public.
            {"name": self.sudo().company_id.name, "role": self.env._("Stamp")},
        ]

    def _thanks_html(self):
        """Return the letter of thanks as HTML for the PDF.

        :rtype: Markup
        """
        self.ensure_one()
        donation = self.with_context(lang=self._paper_donor_lang())
        words = [
            donation.env._("Dear %(donor)s,", donor=donation.donor_name),
            donation.env._(
                "thank you for your donation of %(amount)s for %(fund)s, received on "
                "%(date)s under receipt %(number)s.",
                amount=donation.currency_id.format(donation.amount),
                fund=donation.fund_id.name,
                date=donation._paper_day(donation.date),
                number=donation.name or "",
            ),
            donation.env._(
                "It is spent for this purpose alone. Whom it helps stays between them "
                "and the association."
            ),
        ]
        return donation._paper_html(
            donation.env._("Thank You"),
            donation.name or "",
            donation.date,
            [donation._paper_section("thanks", False, words, kind="text")],
            # The name of the association is public.
            closing=donation.sudo().company_id.name,
        )
