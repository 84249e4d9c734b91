from odoo import api, models
from odoo.tools.image import image_data_uri

from odoo.addons.beneficiary_relations.tools.rtl_print import split_words


class BeneficiaryPaperMixin(models.AbstractModel):
    """Papers the association gives out: request form, letter, minutes.

    A paper is told by its sections, a list of dictionaries: ``key``, ``title``,
    ``kind`` (``facts``: rows of label and value; ``table``: ``head`` and rows;
    ``text``: rows of one paragraph), ``rows``. One template prints them all, with the
    letterhead of the policy and the day in both calendars.
    """

    _name = "beneficiary.paper.mixin"
    _description = "Printed Papers"

    @api.model
    def _paper_lang(self):
        """Return the language of official papers: Arabic, where there is any."""
        return self.env["beneficiary.policy"]._document_lang()

    def _paper_html(self, title, number, day, sections, **values):
        """Return a paper as HTML for the PDF.

        Called with the record in the language of the paper.

        :param str title: heading
        :param str number: of the paper, on the letterhead
        :param date day: of the paper
        :param list sections: see the class
        :param values: ``mark`` (a word above the title), ``signers`` (dictionaries
            ``name``, ``role``, ``image``, ``note``), ``closing`` (last paragraph)
        :rtype: Markup
        """
        self.ensure_one()
        lang = self.env.lang or self._paper_lang()
        direction = self.env["res.lang"]._get_data(code=lang).direction
        # The name, logo and licence on a letterhead are public.
        company = self.sudo().company_id
        paper = self.env["ir.qweb"]._render(
            "beneficiary_aid.report_paper_document",
            {
                "doc": self,
                "title": title,
                "sections": [section for section in sections if section["rows"]],
                "letterhead": self._paper_letterhead(number, day),
                "logo": not company.uses_default_logo
                and company.logo
                and image_data_uri(company.logo),
                "lang": lang,
                "direction": direction,
                "mark": False,
                "signers": [],
                "closing": False,
                **values,
            },
        )
        return split_words(paper) if direction == "rtl" else paper

    def _paper_letterhead(self, number, day):
        """Return both columns of the letterhead, each a list of lines."""
        self.ensure_one()
        # See _paper_html.
        company = self.sudo().company_id
        policy = company.env["beneficiary.policy"]._in_force(company)
        date, hijri = policy._document_dates(day)
        return (
            [
                company.name,
                policy.licence_authority or "",
                policy.licence_number
                and self.env._("Licence No. (%(number)s)", number=policy.licence_number)
                or "",
            ],
            [
                number and self.env._("Number: %(number)s", number=number) or "",
                self.env._("Date: %(date)s AD", date=date),
                self.env._("Corresponding to: %(date)s AH", date=hijri),
            ],
        )

    @api.model
    def _paper_section(self, key, title, rows, kind="facts", head=()):
        """Return a section; rows of facts without a value are left out."""
        if kind == "facts":
            rows = [row for row in rows if row[1]]
        return {"key": key, "title": title, "kind": kind, "rows": rows, "head": head}

    @api.model
    def _paper_day(self, day):
        """Return a day as people read it on a paper, in both calendars."""
        if not day:
            return ""
        date, hijri = self.env["beneficiary.policy"]._document_dates(day)
        return self.env._("%(date)s AD (%(hijri)s AH)", date=date, hijri=hijri)

    @api.model
    def _paper_label(self, record, name):
        """Return the label of a selection value in the language of the paper."""
        return dict(record._fields[name]._description_selection(self.env)).get(
            record[name], ""
        )
