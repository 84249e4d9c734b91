from odoo import api, fields, models
from odoo.tools import format_list
from odoo.tools.image import image_data_uri

from ..tools.difference import compare_sections
from ..tools.hijri import format_hijri
from ..tools.period import period_label
from ..tools.rtl_print import split_words

BLANK = "...................."
BLANK_DATE = ".... / .... / ........"


class BeneficiaryPolicy(models.Model):
    """The text of the policy, told from the records the program works by.

    One list of sections is printed, published and compared between versions, so that
    text and practice cannot differ. A section is a dict: ``key``, ``sequence``,
    ``title``, ``kind`` (``text``, ``bullets``, ``numbers`` or ``table``), ``head``
    (titles of a table's columns), ``rows``, and ``proposed`` where the association has
    not confirmed the whole of it; a row has a ``key`` that stays the same from version
    to version, its ``cells``, and a ``proposed`` of its own.
    """

    _inherit = "beneficiary.policy"

    statement_ids = fields.One2many(
        comodel_name="beneficiary.policy.statement",
        inverse_name="policy_id",
        string="Statements",
        copy=True,
    )
    document_number = fields.Char(
        string="Document No.", copy=False, help="The number on the letterhead."
    )
    document_attachments = fields.Char(
        string="Attachments", help="What is attached to the printed policy."
    )
    licence_authority = fields.Char(
        string="Licensed by",
        translate=True,
        help="The body that licenses the association, as on its letterhead.",
    )
    previous_id = fields.Many2one(
        comodel_name="beneficiary.policy",
        string="Version before",
        readonly=True,
        copy=False,
        index="btree_not_null",
        check_company=True,
        ondelete="set null",
    )
    # The words themselves, by language: later changes of names do not touch them.
    final_text = fields.Json(readonly=True, copy=False)
    approved_text = fields.Json(readonly=True, copy=False)
    document_state = fields.Selection(
        selection=[
            ("draft", "Draft for adoption"),
            ("approved", "Approved by the board"),
            ("changed", "Changed since the approval"),
        ],
        string="Printed as",
        compute="_compute_document_state",
    )
    difference = fields.Html(
        string="Difference to the Version before", compute="_compute_difference"
    )
    change_note = fields.Html(
        string="Changed since the Approval", compute="_compute_document_state"
    )

    proposals_to_confirm = fields.Boolean(
        string="Proposals to Confirm",
        help="Documents, need bands and reply times, and the steps and ways of "
        "verifying that the text of the policy does not name, are proposals still.",
    )
    to_confirm_note = fields.Text(
        string="To Confirm", compute="_compute_to_confirm_note"
    )

    # ------------------------------------------------------------
    # Computes
    # ------------------------------------------------------------

    @api.depends(
        "approval_status",
        "licence_number",
        "reply_max_to_confirm",
        "proposals_to_confirm",
        "criterion_ids.to_confirm",
        "mechanism_rule_ids.to_confirm",
    )
    def _compute_to_confirm_note(self):
        for policy in self:
            policy.to_confirm_note = "\n".join(policy._get_to_confirm()) or False

    @api.depends("approval_status", "approved_text")
    def _compute_document_state(self):
        for policy in self:
            policy.change_note = False
            if policy.approval_status != "confirmed" or not policy.approved_text:
                policy.document_state = "draft"
                continue
            differences = policy._compare(policy.approved_text, policy._text())
            policy.document_state = "changed" if differences else "approved"
            policy.change_note = differences and policy._render_difference(differences)

    @api.depends("previous_id", "final_text")
    def _compute_difference(self):
        for policy in self:
            previous = policy.previous_id
            if not previous:
                policy.difference = False
                continue
            policy.difference = policy._render_difference(
                policy._compare(
                    # The version before is read for whoever reads this one.
                    previous.sudo()._text(),
                    policy._text(),
                )
            )

    # ------------------------------------------------------------
    # Text
    # ------------------------------------------------------------

    def _document_lang(self):
        """Return the language of the official document: Arabic, where there is any."""
        installed = [code for code, _name in self.env["res.lang"].get_installed()]
        arabic = [code for code in installed if code.startswith("ar")]
        return arabic[0] if arabic else (self.env.lang or installed[0])

    def _text(self):
        """Return the words of the policy by language, frozen ones where it is over."""
        self.ensure_one()
        if self.state == "superseded" and self.final_text:
            return self.final_text
        langs = {self._document_lang(), self.env.lang or "en_US"}
        return {
            lang: self.with_context(lang=lang)._document_sections() for lang in langs
        }

    def _shown_sections(self):
        """Return the sections in the language of the context, to print or publish."""
        self.ensure_one()
        text = self._text()
        return text.get(self.env.lang or "en_US") or next(iter(text.values()))

    @api.model
    def _compare(self, before, after):
        """Return what differs, in the language both texts have; the user's if they do.

        :param dict before: sections by language
        :param dict after: sections by language
        """
        langs = [
            lang
            for lang in (self.env.lang or "en_US", self._document_lang(), *after)
            if lang in before and lang in after
        ]
        if not langs:
            return []
        return compare_sections(before[langs[0]], after[langs[0]])

    def _render_difference(self, differences):
        return self.env["ir.qweb"]._render(
            "beneficiary_relations.policy_difference", {"differences": differences}
        )

    def _freeze(self, field_name):
        """Keep the words of the policy as they stand, in every installed language."""
        langs = [code for code, _name in self.env["res.lang"].get_installed()]
        for policy in self:
            # A result, not input; who may do it was checked where it is called.
            policy.sudo()[field_name] = {
                lang: policy.with_context(lang=lang)._document_sections()
                for lang in langs
            }

    def _get_to_confirm(self):
        """Return what the association has still to enter or confirm, one line each."""
        self.ensure_one()
        lines = []
        if self.approval_status != "confirmed":
            lines.append(
                self.env._("The board's approval: enter the decision under Approval.")
            )
        if self.approval_raw and not self.approval_date:
            lines.append(
                self.env._(
                    "The date «%(raw)s» of the source cannot be read: look it up in "
                    "the signed decision.",
                    raw=self.approval_raw,
                )
            )
        if not self.licence_number:
            lines.append(self.env._("The licence number of the association."))
        if self.reply_max_to_confirm:
            lines.append(
                self.env._(
                    "The deadline to reply is a proposal: the text names none. Confirm "
                    "or change it under Reply Window."
                )
            )
        proposed = self.criterion_ids.filtered("to_confirm")
        if proposed:
            lines.append(
                self.env._(
                    "%(number)s conditions are proposals: confirm them under "
                    "Conditions.",
                    number=len(proposed),
                )
            )
        rules = self.mechanism_rule_ids.filtered("to_confirm")
        if rules:
            lines.append(
                self.env._(
                    "%(number)s rules of verification are proposals: confirm them "
                    "under Verification.",
                    number=len(rules),
                )
            )
        if self.proposals_to_confirm:
            lines.append(
                self.env._(
                    "Documents, need bands and reply times are proposals: look them "
                    "through, then take off the mark “Proposals to Confirm”."
                )
            )
        return lines

    # ------------------------------------------------------------
    # Sections
    # ------------------------------------------------------------

    def _document_sections(self):
        """Return the sections of the policy in their order, empty ones left out."""
        self.ensure_one()
        self.check_access("read")
        # Whoever reads a policy reads its words; they name no person.
        sections = self.sudo()._prepare_document_sections()
        return sorted(
            (section for section in sections if section["rows"]),
            key=lambda section: section["sequence"],
        )

    def _prepare_document_sections(self):
        """Return the sections of this addon; other addons add theirs."""
        sections = [
            self._document_statements("preamble", 10, "text"),
            self._document_statements("general_objective", 20, "text"),
            self._document_statements("objective", 30),
            self._document_records(
                "channels",
                40,
                self.env._("Channels of communication"),
                self.channel_ids,
                kind="numbers",
            ),
            self._document_statements("task", 50),
            self._document_records(
                "references",
                70,
                self.env._("Tools: documents the staff works with"),
                self.reference_ids,
                kind="numbers",
            ),
            self._document_statements("duty", 80),
            self._document_statements("programme_step", 95, "numbers"),
            self._document_decider(),
            self._document_window(),
            self._document_conditions(),
            self._document_statements("programme_rule", 130, "numbers"),
            self._document_records(
                "mechanisms",
                140,
                self.env._("Ways of verifying entitlement"),
                self.mechanism_ids,
                kind="numbers",
                named=self._template_codes("verification"),
            ),
            self._document_mechanism_rules(),
            self._document_statements("source", 145),
            self._document_statements("verification_aim", 147),
            self._document_papers(),
            self._document_bands(),
            self._document_section(
                "declaration",
                170,
                self.env._("Declaration of the applicant"),
                "text",
                [("declaration", [self.declaration_text])],
            ),
            self._document_interactions(),
            self._document_evaluation(),
            self._document_review(),
        ]
        return sections

    def _document_section(
        self, key, sequence, title, kind, rows, head=None, proposed=False
    ):
        """Return a section; rows without words are left out.

        :param list rows: ``(key, cells)`` or ``(key, cells, proposed)``
        :param bool proposed: the association has not confirmed the section yet
        """
        return {
            "key": key,
            "sequence": sequence,
            "title": title,
            "kind": kind,
            "head": head or [],
            "proposed": bool(proposed),
            "rows": [
                {
                    "key": row[0] or row[1][0],
                    "cells": [str(cell or "") for cell in row[1]],
                    "proposed": bool(row[2]) if len(row) > 2 else False,
                }
                for row in rows
                if row[1] and row[1][0]
            ],
        }

    def _document_statements(self, section, sequence, kind="bullets"):
        titles = dict(
            self.env["beneficiary.policy.statement"]
            ._fields["section"]
            ._description_selection(self.env)
        )
        return self._document_section(
            section,
            sequence,
            titles[section],
            kind,
            [
                (line.template_code, [line.name])
                for line in self.statement_ids.filtered(
                    lambda line: line.section == section
                ).sorted(lambda line: (line.sequence, line.id))
            ],
        )

    def _document_records(
        self, key, sequence, title, records, kind="bullets", named=None
    ):
        """Return a section of names, one a record.

        :param set named: codes that the text of the policy names; others are proposals
            as long as the association has not confirmed them
        """
        return self._document_section(
            key,
            sequence,
            title,
            kind,
            [
                (
                    record.code or record.template_code,
                    [record.name],
                    named is not None
                    and self.proposals_to_confirm
                    and record.template_code
                    and record.template_code not in named,
                )
                for record in records
            ],
        )

    def _template_codes(self, topic):
        """Return the codes of what the adopted text names, such as its stages.

        :param str topic: key of a list in the template
        :rtype: set[str]
        """
        template = self._get_templates().get(self.template_code, {})
        return {row["code"] for row in template.get(topic, [])}

    def _document_mechanism_rules(self):
        """Return which verification is asked of whom (BR-48)."""
        requirements = dict(
            self.env["beneficiary.mechanism.rule"]
            ._fields["requirement"]
            ._description_selection(self.env)
        )
        return self._document_section(
            "mechanism_rules",
            142,
            self.env._("Which verification is asked of whom"),
            "table",
            [
                (
                    rule.template_code,
                    [
                        rule.mechanism_id.name,
                        rule._scope_label(),
                        requirements[rule.requirement],
                    ],
                    rule.to_confirm,
                )
                for rule in self.mechanism_rule_ids
            ],
            head=[
                self.env._("Way of verifying"),
                self.env._("Asked of"),
                self.env._("Asked"),
            ],
        )

    def _document_decider(self):
        rows = []
        if self.decider:
            rows.append(
                (
                    "decider",
                    [
                        self.env._(
                            "Requests are decided by: %(decider)s.",
                            decider=self._selection_label("decider"),
                        )
                    ],
                )
            )
        if self.has_referral:
            rows.append(
                (
                    "referral",
                    [
                        self.env._(
                            "Whoever finds a procedure unclear is referred to the "
                            "social research officer, who explains it."
                        )
                    ],
                )
            )
        return self._document_section(
            "decision", 100, self.env._("Decision and referral"), "bullets", rows
        )

    def _document_window(self):
        return self._document_section(
            "window",
            110,
            self.env._("Time of the answer"),
            "bullets",
            self._document_window_rows(),
        )

    def _document_window_rows(self):
        """Return the reply window in sentences; a floor is never told as a deadline."""
        rows = []
        if self.window_text:
            rows.append(
                (
                    "wording",
                    [self.env._("Wording: «%(text)s».", text=self.window_text)],
                )
            )
        else:
            rows.append(
                ("wording", [self.env._("The decision is told when it is made.")])
            )
        has_floor = self.window_reading in ("floor", "floor_and_deadline")
        if has_floor and self.study_min:
            rows.append(
                (
                    "floor",
                    [
                        self.env._(
                            "The answer is told not before %(period)s have passed.",
                            period=self._period_label(
                                self.study_min, self.study_min_unit
                            ),
                        )
                    ],
                )
            )
        if self.window_reading != "event" and self.reply_max:
            rows.append(
                (
                    "deadline",
                    [
                        self.env._(
                            "The answer is told at the latest after %(period)s.",
                            period=self._period_label(
                                self.reply_max, self.reply_max_unit
                            ),
                        )
                    ],
                    self.reply_max_to_confirm,
                )
            )
        if rows[1:]:
            rows += [
                (
                    "start",
                    [
                        self.env._(
                            "The time counts from: %(event)s.",
                            event=self._selection_label("window_start"),
                        )
                    ],
                ),
                (
                    "pause",
                    [
                        self.env._(
                            "Days of waiting on the applicant or on an outside body "
                            "move the latest day, and never the earliest."
                        )
                    ],
                ),
            ]
        if has_floor and self.study_min:
            rows.append(
                (
                    "urgent",
                    [
                        self.env._(
                            "An urgent case, approved with its reason, does not wait "
                            "for the earliest day."
                        )
                    ],
                )
            )
        return rows

    def _period_label(self, number, unit):
        return period_label(number, unit, self.env.lang)

    def _document_conditions(self):
        return self._document_section(
            "conditions",
            120,
            self.env._("Conditions of entitlement"),
            "numbers",
            [
                (
                    criterion.template_code,
                    [
                        criterion.name
                        if criterion.mandatory
                        else self.env._(
                            "%(condition)s (considered, not required)",
                            condition=criterion.name,
                        )
                    ],
                    criterion.to_confirm,
                )
                for criterion in self.criterion_ids
            ],
        )

    def _document_types(self):
        """Return the papers the association asks for, in its order."""
        return self.env["beneficiary.document.type"].search(
            [
                ("company_id", "=", self.company_id.id),
                "|",
                ("required_for_all", "=", True),
                ("category_ids", "!=", False),
            ]
        )

    def _document_papers(self):
        return self._document_section(
            "documents",
            150,
            self.env._("Documents"),
            "table",
            [
                (
                    kind.code or kind.template_code,
                    [
                        kind.name,
                        self.env._("Everybody")
                        if kind.required_for_all
                        else format_list(self.env, kind.category_ids.mapped("name")),
                    ],
                )
                for kind in self._document_types()
            ],
            head=[self.env._("Document"), self.env._("Asked from")],
            proposed=self.proposals_to_confirm,
        )

    def _document_bands(self):
        def bound(band, open_end, amount):
            return "—" if open_end else band.currency_id.format(amount)

        bands = self.need_band_ids.sorted(lambda band: band._bounds_of()[0])
        return self._document_section(
            "need_bands",
            160,
            self.env._("Need bands, by monthly income for each person"),
            "table",
            [
                (
                    band.template_code,
                    [
                        band.name,
                        bound(band, band.no_lower, band.amount_from),
                        bound(band, band.no_upper, band.amount_to),
                        self.env._("In need")
                        if band.is_entitled
                        else self.env._("Not in need"),
                    ],
                )
                for band in bands
            ],
            head=[
                self.env._("Band"),
                self.env._("From (included)"),
                self.env._("To (excluded)"),
                self.env._("Meaning"),
            ],
            proposed=self.proposals_to_confirm,
        )

    def _document_interactions(self):
        types = self.env["beneficiary.interaction.type"].search(
            [("company_id", "=", self.company_id.id), ("reply_days", ">", 0)]
        )
        return self._document_section(
            "interactions",
            180,
            self.env._("Answers to inquiries, complaints and suggestions"),
            "table",
            [
                (
                    kind.template_code,
                    [
                        kind.name,
                        self._period_label(kind.reply_days, "day"),
                    ],
                )
                for kind in types
            ],
            head=[self.env._("Kind"), self.env._("Answered within")],
            proposed=self.proposals_to_confirm,
        )

    def _document_evaluation(self):
        rows = []
        if self.evaluation_notice:
            rows.append(
                (
                    "evaluation",
                    [
                        self.env._(
                            "To evaluate a service is a right of the beneficiary: "
                            "%(aim)s.",
                            aim=self._selection_label("evaluation_notice"),
                        )
                    ],
                )
            )
        return self._document_section(
            "evaluation", 195, self.env._("Evaluation of services"), "text", rows
        )

    def _document_review(self):
        return self._document_section(
            "review",
            200,
            self.env._("Review"),
            "bullets",
            [
                (
                    "files",
                    [
                        self.env._(
                            "The data of beneficiaries is brought up to date every "
                            "%(period)s.",
                            period=self._period_label(self.review_months, "month"),
                        )
                    ],
                ),
            ],
        )

    def _selection_label(self, name):
        return dict(self._fields[name]._description_selection(self.env)).get(
            self[name], ""
        )

    # ------------------------------------------------------------
    # Print
    # ------------------------------------------------------------

    def action_print_document(self):
        """Print the policy as the official document."""
        self.ensure_one()
        self.check_access("read")
        return self.env.ref("beneficiary_relations.action_report_policy").report_action(
            self
        )

    def _document_html(self):
        """Return the document for the PDF, in the language of official documents."""
        self.ensure_one()
        lang = self._document_lang()
        policy = self.with_context(lang=lang)
        direction = self.env["res.lang"]._get_data(code=lang).direction
        # The logo and the name on a letterhead are public.
        company = self.sudo().company_id
        document = (
            self.env["ir.qweb"]
            .with_context(lang=lang)
            ._render(
                "beneficiary_relations.report_policy_document",
                {
                    "doc": policy,
                    "sections": policy._shown_sections(),
                    "is_approved": policy.document_state == "approved",
                    "letterhead": policy._document_letterhead(),
                    "logo": not company.uses_default_logo
                    and company.logo
                    and image_data_uri(company.logo),
                    "lang": lang,
                    "direction": direction,
                },
            )
        )
        return split_words(document) if direction == "rtl" else document

    def _document_letterhead(self):
        """Return both columns of the letterhead, each a list of lines."""
        self.ensure_one()
        is_approved = self.document_state == "approved"
        day, hijri = self._document_dates(is_approved and self.approval_date)
        return (
            [
                self.env._("Kingdom of Saudi Arabia"),
                # The name on a letterhead is public.
                self.sudo().company_id.name,
                self.licence_authority or "",
                self.env._("Licence No. (%(number)s)", number=self.licence_number)
                if self.licence_number
                else self.env._("Licence No. (............)"),
            ],
            [
                self.env._("Number: %(number)s", number=self.document_number or BLANK),
                self.env._("Date: %(date)s AD", date=day),
                self.env._("Corresponding to: %(date)s AH", date=hijri),
                self.env._(
                    "Attachments: %(attachments)s",
                    attachments=self.document_attachments or BLANK,
                ),
            ],
        )

    def _document_version_line(self):
        """Return the version and its first day, below the title.

        What the board has not approved is not told to be in force.
        """
        self.ensure_one()
        if not self.date_from or self.document_state != "approved":
            return self.env._("Version %(version)s", version=self.version)
        day, hijri = self._document_dates(self.date_from)
        return self.env._(
            "Version %(version)s, in force from %(date)s AD (%(hijri)s AH)",
            version=self.version,
            date=day,
            hijri=hijri,
        )

    def _document_approval(self):
        """Return the sentence on the board's decision, with blanks in a draft."""
        self.ensure_one()
        if self.document_state != "approved":
            return self.env._(
                "This text is a draft and binds nobody until the board of directors "
                "of the association approves it by its decision No. %(number)s of "
                "%(date)s AD, corresponding to %(date)s AH.",
                number=BLANK,
                date=BLANK_DATE,
            )
        day, hijri = self._document_dates(self.approval_date)
        return self.env._(
            "This policy was approved by: %(body)s. Decision: %(reference)s. Date: "
            "%(date)s AD, corresponding to %(hijri)s AH.",
            body=self.approval_body,
            reference=self.approval_reference,
            date=day,
            hijri=hijri,
        )

    @api.model
    def _document_dates(self, day):
        """Return a day in both calendars, Gregorian first; blanks where unknown."""
        if not day:
            return BLANK_DATE, BLANK_DATE
        hijri = format_hijri(day).replace("-", "/") or BLANK_DATE
        return f"{day:%Y/%m/%d}", hijri
