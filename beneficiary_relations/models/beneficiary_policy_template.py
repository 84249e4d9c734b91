import copy
import functools
import json

from odoo import Command, api, fields, models
from odoo.exceptions import UserError
from odoo.tools import file_open, format_list

TEMPLATES = "beneficiary_relations/data/policy_templates.json"
PROPOSALS = "beneficiary_relations/data/policy_proposals.json"
TEXTS = "beneficiary_relations/data/text_proposals.json"
POLICY_TEXTS = "beneficiary_relations/data/policy_texts.json"
# Where each list of a template stands in the text.
TEMPLATE_STATEMENTS = {
    "tasks": "task",
    "sources": "source",
    "verification_aims": "verification_aim",
    "programme_stages": "programme_step",
    "programme_rules": "programme_rule",
}


@functools.cache
def _load(path):
    """Return the content of a JSON file of this addon, read once a process."""
    with file_open(path, "r") as file:
        return json.load(file)


class BeneficiaryPolicy(models.Model):
    """Adopting one of the five policy texts as an association's own policy.

    Three files are the source. ``policy_templates.json`` holds what the texts say,
    each line with its clause. ``policy_proposals.json`` holds what they leave open
    and a system needs (documents, need bands, reply days): proposals, which the
    association edits and confirms. ``policy_texts.json`` holds words of our own for
    what is text only, such as the preamble.

    Adopting never overwrites: a record that is there already, by its code, stays
    as people left it. An archived record is not brought back.
    """

    _inherit = "beneficiary.policy"

    # ------------------------------------------------------------
    # Templates
    # ------------------------------------------------------------

    @api.model
    def _get_templates(self):
        """Return the templates by code, each one a copy that may be changed.

        :rtype: dict[str, dict]
        """
        return {
            code: {"code": code, **template}
            for code, template in copy.deepcopy(_load(TEMPLATES)).items()
        }

    @api.model
    def _selection_template_code(self):
        """Return the templates as the values of a selection field."""
        arabic = (self.env.lang or "").startswith("ar")
        return [
            (code, template["name_ar" if arabic else "name_en"])
            for code, template in _load(TEMPLATES).items()
        ]

    @api.model
    def _get_template_proposals(self, code):
        """Return the proposed defaults that go with one template.

        :param str code: code of the template
        :return: rows by topic; ``clause`` is filled where this template's own text
            asks for the row
        :rtype: dict[str, list[dict]]
        """
        proposals = {}
        for topic, rows in copy.deepcopy(_load(PROPOSALS)).items():
            if isinstance(rows, list):
                rows = [row for row in rows if code in row.get("templates", [code])]
                for row in rows:
                    row["clause"] = row.get("clauses", {}).get(code)
            proposals[topic] = rows
        return proposals

    # ------------------------------------------------------------
    # Adoption
    # ------------------------------------------------------------

    @api.model
    def _adopt(self, template_code, company, date_from=None):
        """Make one of the template policies a company's own.

        The licence and the board's approval of the association that wrote the text
        are never copied: they are another body's facts, and stay empty here.

        :param str template_code: ``ST``, ``HY``, ``TW``, ``BR`` or ``MM``
        :param company: ``res.company`` that adopts
        :param date_from: first day in force; today when empty
        :return: the policy, in force when its day has come and no other one is
        :raise UserError: when there is no such template
        """
        template = self._get_templates().get(template_code)
        if not template:
            raise UserError(
                self.env._(
                    "There is no policy template with the code %(code)s. "
                    "Choose one of: %(codes)s.",
                    code=template_code,
                    codes=format_list(self.env, _load(TEMPLATES)),
                )
            )
        Policy = self.with_company(company).with_context(lang=None, active_test=False)
        policy = Policy.search(
            [("company_id", "=", company.id), ("template_code", "=", template_code)],
            order="version desc, id desc",
            limit=1,
        )
        if policy:
            policy._adopt_template_part(template)
            return policy.with_env(self.env)
        today = fields.Date.context_today(self)
        policy = Policy.create(
            Policy._prepare_template_policy_values(
                template, company, date_from or today
            )
        )
        policy._adopt_template_part(template)
        if policy.date_from <= today and not self._in_force(company):
            policy._put_in_force()
        return policy.with_env(self.env)

    @api.model
    def _top_up(self):
        """Give every adopted policy what it misses of its template.

        Called when an addon is installed that extends the templates.
        """
        templates = self._get_templates()
        policies = self.with_context(active_test=False).search(
            [("template_code", "in", list(templates)), ("state", "!=", "superseded")],
            order="company_id, id",
        )
        for policy in policies:
            policy.with_company(policy.company_id).with_context(
                lang=None
            )._adopt_template_part(templates[policy.template_code])

    def _adopt_template_part(self, template):
        """Create what this addon takes from a template and the company lacks.

        Other addons extend this with their own part.

        :param dict template: one template of :meth:`_get_templates`
        """
        self.ensure_one()
        proposals = self._get_template_proposals(template["code"])
        name = self._policy_name_row(self.company_id)
        self._translate_template_rows(self, [name])
        self._translate_template_rows(
            self, [proposals["declaration"]], field_name="declaration_text"
        )
        self._adopt_channels(template)
        self._adopt_references(template)
        self._adopt_mechanisms(template, proposals)
        categories = self._adopt_categories(proposals)
        self._adopt_document_types(proposals, categories)
        self._adopt_need_bands(proposals)
        self._adopt_criteria(template, proposals)
        self._adopt_interaction_types(template, proposals)
        self._adopt_texts()
        self._adopt_statements(template)

    # ------------------------------------------------------------
    # Parts
    # ------------------------------------------------------------

    @api.model
    def _policy_name_row(self, company):
        names = _load(PROPOSALS)["policy_name"]
        return {lang: name.format(company=company.name) for lang, name in names.items()}

    def _prepare_template_policy_values(self, template, company, date_from):
        """Return the values of the policy itself; see the reply windows (C43)."""
        reply = template["reply"]
        study_min = reply["min"] or {}
        reply_max = reply["max"] or reply.get("proposal_max") or {}
        declaration = _load(PROPOSALS)["declaration"]
        approval = template["approval"]["status"]
        return {
            "name": self._policy_name_row(company)["en"],
            "template_code": template["code"],
            "company_id": company.id,
            "date_from": date_from,
            "study_min": study_min.get("n", 0),
            "study_min_unit": study_min.get("unit", "day"),
            "reply_max": reply_max.get("n", 0),
            "reply_max_unit": reply_max.get("unit", "day"),
            "reply_max_to_confirm": bool(reply_max and not reply["max"]),
            "proposals_to_confirm": True,
            "window_reading": reply["reading"],
            "window_text": reply["text_ar"],
            "window_start": "referral" if study_min else "complete",
            "month_rule": "calendar",
            "early_reply": "warn",
            "decider": template["decider"],
            "has_referral": template["referral"],
            "evaluation_notice": template["evaluation_notice"],
            "approval_status": (
                "not_in_text" if approval == "not_in_text" else "to_confirm"
            ),
            "declaration_text": declaration["en"],
            "declaration_version": declaration["version"],
        }

    def _adopt_channels(self, template):
        channels, created = self._adopt_company_rows(
            "beneficiary.channel", template["channels"], lambda row: {}
        )
        self._link_template_rows("channel_ids", channels, created)

    def _adopt_references(self, template):
        self._adopt_policy_rows(
            "beneficiary.policy.reference", template["tools"], lambda row: {}
        )

    def _adopt_mechanisms(self, template, proposals):
        rows = template["verification"]
        kinds = {row["kind"] for row in rows}
        rows += [row for row in proposals["mechanisms"] if row["kind"] not in kinds]
        mechanisms, created = self._adopt_company_rows(
            "beneficiary.mechanism", rows, lambda row: {"kind": row["kind"]}
        )
        self._link_template_rows("mechanism_ids", mechanisms, created)

    def _adopt_categories(self, proposals):
        categories, _created = self._adopt_company_rows(
            "beneficiary.category", proposals["categories"], lambda row: {}
        )
        return categories

    def _adopt_document_types(self, proposals, categories):
        ids_by_code = {category.code: category.id for category in categories}

        def prepare(row):
            codes = row.get("categories", [])
            return {
                "required_for_all": row.get("required_for_all", False),
                "validity_months": row.get("validity_months", 0),
                "category_ids": [
                    Command.set([ids_by_code[c] for c in codes if c in ids_by_code])
                ],
            }

        self._adopt_company_rows(
            "beneficiary.document.type", proposals["document_types"], prepare
        )

    def _adopt_need_bands(self, proposals):
        """Create the bands as a whole: single ones would overlap edited bands."""
        if self.need_band_ids:
            return
        self._adopt_policy_rows(
            "beneficiary.need.band",
            proposals["need_bands"],
            lambda row: {
                "amount_from": row.get("from", 0),
                "amount_to": row.get("to", 0),
                "no_lower": "from" not in row,
                "no_upper": "to" not in row,
                "is_entitled": row["is_entitled"],
            },
        )
        if self.state == "in_force":
            self._recompute_need_bands()

    def _adopt_criteria(self, template, proposals):
        """Create the conditions of the text, then the proposed ones.

        The text gives the words and the clause of a condition; the proposal of the
        same code gives the way to evaluate it.
        """
        definitions = {
            row["code"]: row for row in copy.deepcopy(_load(PROPOSALS)["criteria"])
        }
        rows = [{**definitions[row["code"]], **row} for row in template["eligibility"]]
        codes = {row["code"] for row in rows}
        rows += [row for row in proposals["criteria"] if row["code"] not in codes]
        criteria = self._adopt_policy_rows(
            "beneficiary.criterion",
            rows,
            lambda row: {
                "kind": row["kind"],
                "domain": row.get("domain", "[]"),
                "question": row.get("question_en"),
                "value_field": row.get("value_field"),
                "mandatory": row["mandatory"],
                "weight": row.get("weight", 1),
                "clause": row["clause"],
                "to_confirm": not row["clause"],
            },
        )
        self._translate_template_rows(
            criteria,
            [{"en": r.get("question_en"), "ar": r.get("question_ar")} for r in rows],
            field_name="question",
        )

    def _adopt_interaction_types(self, template, proposals):
        self._adopt_company_rows(
            "beneficiary.interaction.type",
            proposals["interaction_types"],
            lambda row: {
                "kind": row["kind"],
                "reply_days": row["reply_days"],
                "confidential": row.get("confidential", False),
            },
        )

    def _adopt_texts(self):
        """Propose a privacy notice and a service agreement to a new association.

        They stay drafts: a person reads, corrects and puts them in force, and is
        asked to (PDPL: the notice comes before the data is collected).
        """
        company = self.company_id
        texts = _load(TEXTS)
        notice = self.env["beneficiary.privacy.notice"]._propose(
            company, texts["notice"]
        )
        agreement = self.env["beneficiary.agreement.text"]._propose(
            company, texts["agreement"], kind="service"
        )
        if notice or agreement:
            # Who holds a role is asked for the activity only.
            officers = self.env.ref(
                "beneficiary_relations.group_privacy_officer"
            ).sudo()
            officer = officers.all_user_ids.filtered(
                lambda user: user.active and company in user.company_ids
            )[:1]
            user = officer or self.env.user
            policy = user._in_own_language(self)
            policy.activity_schedule(
                "mail.mail_activity_data_todo",
                summary=policy.env._("Confirm the privacy notice and the agreement"),
                note=policy.env._(
                    "Their words are proposed and nobody is told them yet. Read them "
                    "under Configuration, correct them and put them in force."
                ),
                user_id=user.id,
            )

    def _adopt_statements(self, template):
        """Create what is text only: our own words, then the lists of the template."""
        texts = copy.deepcopy(_load(POLICY_TEXTS))
        if not self.licence_authority:
            self.licence_authority = texts["licence_authority"]["en"]
        self._translate_template_rows(
            self, [texts["licence_authority"]], field_name="licence_authority"
        )
        rows = [
            row
            for row in texts["statements"]
            if template["code"] in row.get("templates", [template["code"]])
        ]
        for name, section in TEMPLATE_STATEMENTS.items():
            rows += [
                {
                    **row,
                    "section": section,
                    "code": f"{section}_{row.get('code', index)}",
                }
                for index, row in enumerate(template.get(name, []), start=1)
            ]
        self._adopt_policy_rows(
            "beneficiary.policy.statement",
            rows,
            lambda row: {"section": row["section"], "clause": row.get("clause")},
        )

    # ------------------------------------------------------------
    # Rows of a template
    # ------------------------------------------------------------

    def _adopt_company_rows(self, model_name, rows, prepare):
        """Create the rows that the company does not have yet, by their code.

        :param str model_name: model with ``name`` and ``company_id``
        :param list rows: dicts with ``code``, ``en`` and ``ar``, in order
        :param callable prepare: further values of a row
        :return: the company's record of each row, and those created now
        """
        return self._adopt_rows(
            model_name, rows, prepare, {"company_id": self.company_id.id}
        )

    def _adopt_policy_rows(self, model_name, rows, prepare):
        """Create the rows that this policy does not have yet.

        :param str model_name: model of the lines, with a ``policy_id``
        :return: the policy's record of each row
        """
        return self._adopt_rows(model_name, rows, prepare, {"policy_id": self.id})[0]

    def _adopt_rows(self, model_name, rows, prepare, scope):
        Model = self.env[model_name].with_context(lang=None, active_test=False)
        has_code = "code" in Model._fields
        present = {}
        for record in Model.search([(name, "=", id_) for name, id_ in scope.items()]):
            code = (has_code and record.code) or record.template_code
            present.setdefault(code, record)
        missing = [row for row in rows if row["code"] not in present]
        created = Model.create(
            [
                {
                    **scope,
                    **({"code": row["code"]} if has_code else {}),
                    "name": row["en"],
                    "sequence": 10 * (1 + rows.index(row)),
                    "template_code": row["code"],
                    **prepare(row),
                }
                for row in missing
            ]
        )
        present.update(zip((row["code"] for row in missing), created, strict=True))
        records = Model.union(*(present[row["code"]] for row in rows))
        self._translate_template_rows(records, rows)
        return records, created

    def _link_template_rows(self, field_name, records, created):
        """Link rows to the policy, without putting back what people took out."""
        links = created if self[field_name] else records
        if links:
            self[field_name] = [Command.link(record.id) for record in links]

    def _translate_template_rows(self, records, rows, field_name="name"):
        """Write the Arabic where the English is the template's and it is missing.

        :param records: one record a row, in the same order
        :param list rows: dicts with ``en`` and ``ar``
        :param str field_name: a translated field of the records
        """
        installed = [code for code, _name in self.env["res.lang"].get_installed()]
        for lang in (code for code in installed if code.startswith("ar")):
            for source, row in zip(records, rows, strict=True):
                target = source.with_context(lang=lang)
                if row["ar"] and source[field_name] == row["en"] == target[field_name]:
                    # Keeps the English also where English is not an active language.
                    source.update_field_translations(field_name, {lang: row["ar"]})
