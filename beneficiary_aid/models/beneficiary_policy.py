import copy
import functools
import json

from odoo import Command, api, fields, models
from odoo.tools import file_open, format_list

PROPOSALS = "beneficiary_aid/data/aid_proposals.json"
NATURES = {
    "vendor": "vendor",
    "recurring": "recurring",
    "in_kind": "in_kind",
    "fund": "fund",
    "cash": "cash",
    "referral": "referral",
}


@functools.cache
def _load():
    """Return the proposals of this addon, read once a process."""
    with file_open(PROPOSALS, "r") as file:
        return json.load(file)


# Ways in which a request may end beside the steps of the text.
SIDE_STATUSES = ("rejected", "cancelled")


class BeneficiaryPolicy(models.Model):
    """What this addon takes from a policy template: stages, kinds of help, decider."""

    _inherit = "beneficiary.policy"

    approval_rule_ids = fields.One2many(
        comodel_name="beneficiary.approval.rule",
        inverse_name="policy_id",
        string="Approval Rules",
        copy=True,
    )
    stage_ids = fields.Many2many(
        comodel_name="beneficiary.aid.stage",
        string="Stages",
        check_company=True,
        help="The stages the policy uses; what each means to the program is its "
        "status.",
    )
    split_days = fields.Integer(
        string="Days Added up",
        default=30,
        help="Requests of one household for the same aid within so many days count "
        "together towards the band of amounts. Zero: each counts alone.",
    )

    escalate_percent = fields.Integer(
        string="Officer Reminded after (% of the time)",
        required=True,
        default=75,
        tracking=True,
        help="The officer is reminded when this part of the time of the answer has "
        "passed, the manager on its last day. 0: only the manager.",
    )

    _escalate_percent_range = models.Constraint(
        "CHECK(escalate_percent BETWEEN 0 AND 100)",
        "The part of the time after which the officer is reminded is between 0 and "
        "100 %.",
    )
    _split_days_range = models.Constraint(
        "CHECK(split_days >= 0 AND split_days <= 3660)",
        "The days within which requests are added up are between 0 and 3660.",
    )

    def copy(self, default=None):
        """Let kinds of help ask the conditions of a new version, too."""
        newer = super().copy(default)
        for policy, copied in zip(self, newer, strict=True):
            policy._copy_type_criteria(copied)
        return newer

    def _copy_type_criteria(self, newer):
        counterparts = dict(
            zip(
                self.criterion_ids.sorted("id"),
                newer.criterion_ids.sorted("id"),
                strict=True,
            )
        )
        types = self.env["beneficiary.aid.type"].search(
            [("criterion_ids", "in", self.criterion_ids.ids)]
        )
        for kind in types:
            kind.criterion_ids = [
                Command.link(counterparts[criterion].id)
                for criterion in kind.criterion_ids
                if criterion in counterparts
            ]

    @api.depends("criterion_ids.aid_type_ids")
    def _compute_score_rule_changed(self):
        return super()._compute_score_rule_changed()

    def _scoring_criteria(self):
        """Leave out what is asked of those only who ask for one kind of help."""
        criteria = super()._scoring_criteria()
        # Which kinds of help there are is no secret to whoever reads conditions.
        return (
            criteria.sudo().filtered(lambda one: not one.aid_type_ids).sudo(self.env.su)
        )

    # ------------------------------------------------------------
    # Text
    # ------------------------------------------------------------

    def _prepare_document_sections(self):
        sections = super()._prepare_document_sections()
        stages = self._document_stages()
        main = stages.filtered(lambda stage: stage.status not in SIDE_STATUSES)
        return [
            *sections,
            self._document_section(
                "aid_types",
                60,
                self.env._("Kinds of help"),
                "numbers",
                [
                    (kind.code, [kind.name], kind.to_confirm)
                    for kind in self._document_aid_types()
                ],
            ),
            self._document_records(
                "steps",
                90,
                self.env._("Steps of a request"),
                main,
                kind="numbers",
                named=self._template_codes("stages"),
            ),
            self._document_records(
                "other_ends",
                92,
                self.env._("Other ends of a request"),
                stages - main,
                named=self._template_codes("stages"),
            ),
            self._document_approval_rules(),
        ]

    def _get_to_confirm(self):
        lines = super()._get_to_confirm()
        proposed = self._document_aid_types().filtered("to_confirm")
        if proposed:
            lines.append(
                self.env._(
                    "%(number)s kinds of help are proposals: confirm them under "
                    "Configuration, Aid Types.",
                    number=len(proposed),
                )
            )
        return lines

    def _document_approval_rules(self):
        routes = dict(
            self.env["beneficiary.approval.rule"]
            ._fields["route"]
            ._description_selection(self.env)
        )
        return self._document_section(
            "approval_rules",
            105,
            self.env._("Who decides on which request"),
            "table",
            [
                (
                    False,
                    [
                        rule.decides,
                        format_list(self.env, rule.aid_type_ids.mapped("name"))
                        or self.env._("Every kind of help"),
                        routes[rule.route],
                        rule.currency_id.format(rule.amount_from),
                        "—"
                        if rule.no_upper
                        else rule.currency_id.format(rule.amount_to),
                    ],
                )
                for rule in self.approval_rule_ids
            ],
            head=[
                self.env._("Decides"),
                self.env._("Kind of help"),
                self.env._("Route"),
                self.env._("From (included)"),
                self.env._("To (excluded)"),
            ],
        )

    def _document_window_rows(self):
        """Add who is reminded before the time of the answer runs out."""
        rows = super()._document_window_rows()
        if self.reply_max and self.window_reading != "event" and self.escalate_percent:
            rows.append(
                (
                    "escalation",
                    [
                        self.env._(
                            "When %(percent)s %% of the time has passed, the officer "
                            "is reminded; on the last day the manager is told.",
                            percent=self.escalate_percent,
                        )
                    ],
                )
            )
        return rows

    def _document_stages(self):
        """Return the stages of this policy, those of every policy included."""
        return self.env["beneficiary.aid.stage"].search(
            [
                ("company_id", "=", self.company_id.id),
                "|",
                ("policy_ids", "in", self.ids),
                ("policy_ids", "=", False),
            ]
        )

    def _document_aid_types(self):
        """Return the kinds of help of this policy or of a version before it."""
        lineage = version = self
        while (
            version.previous_id
            and version.previous_id not in lineage
            and version.previous_id.template_code == self.template_code
        ):
            version = version.previous_id
            lineage |= version
        return self.env["beneficiary.aid.type"].search(
            [
                ("company_id", "=", self.company_id.id),
                "|",
                ("policy_id", "in", lineage.ids),
                ("policy_id", "=", False),
            ]
        )

    def _public_values(self):
        """Leave out how colleagues are reminded: it is no matter of the public."""
        values = super()._public_values()
        window = values["by_key"].get("window")
        if window:
            rows = [row for row in window["rows"] if row["key"] != "escalation"]
            values["by_key"]["window"] = {**window, "rows": rows}
        return values

    def _public_services(self):
        """Add the kinds of help people may ask for."""
        stages = self._document_stages().filtered(
            lambda stage: stage.status not in SIDE_STATUSES
        )
        steps = [
            ": ".join(filter(None, (stage.name, stage.public_text))) for stage in stages
        ]
        time = [
            row[1][0]
            for row in self._document_window_rows()
            # How colleagues are reminded is no matter of the applicant.
            if row[0] != "escalation"
        ]
        general = self._document_types().filtered("required_for_all")
        types = self._document_aid_types()
        conditions = self.criterion_ids.filtered("mandatory")
        special = types.criterion_ids
        return [
            *super()._public_services(),
            *(
                {
                    "name": kind.name,
                    "description": " ".join(
                        filter(None, [kind.description, kind.frequency_text])
                    ),
                    "conditions": [
                        criterion.name
                        for criterion in conditions
                        if criterion not in special or criterion in kind.criterion_ids
                    ],
                    "documents": (general | kind.document_type_ids).mapped("name"),
                    "steps": steps,
                    "time": time,
                }
                for kind in types.filtered("is_requestable")
            ),
            # Known to the public, and nobody asks for it.
            *(
                {
                    "name": kind.name,
                    "description": kind.description,
                    "conditions": [],
                    "documents": [],
                    "steps": [],
                    "time": [],
                }
                for kind in types.filtered(lambda one: one.nature == "fund")
            ),
        ]

    # ------------------------------------------------------------
    # Template
    # ------------------------------------------------------------

    def _adopt_template_part(self, template):
        res = super()._adopt_template_part(template)
        proposals = copy.deepcopy(_load())
        self._adopt_aid_stages(template, proposals)
        self._adopt_aid_types(template, proposals)
        self._adopt_committee(template)
        self.company_id._beneficiary_setup_accounting()
        return res

    def _adopt_aid_stages(self, template, proposals):
        """Create the stages of the text, and one for each status it leaves out."""
        statuses = list(proposals["statuses"])
        rows = list(template["stages"])
        there = {row["status"] for row in rows}
        rows += [
            {**proposals["statuses"][status]["stage"], "status": status}
            for status in statuses
            if status not in there
        ]
        rows.sort(key=lambda row: statuses.index(row["status"]))
        words = [proposals["statuses"][row["status"]]["public"] for row in rows]
        by_code = {
            row["code"]: public["en"] for row, public in zip(rows, words, strict=True)
        }
        stages, created = self._adopt_company_rows(
            "beneficiary.aid.stage",
            rows,
            lambda row: {
                "status": row["status"],
                "fold": row["status"] in ("closed", "rejected", "cancelled"),
                "public_text": by_code[row["code"]],
            },
        )
        self._translate_template_rows(stages, words, field_name="public_text")
        # Stages that other policies of the association use are shared with them.
        for stage in stages:
            if stage in created or stage.policy_ids:
                stage.policy_ids = [Command.link(self.id)]

    def _adopt_aid_types(self, template, proposals):
        rows = template["aid_types"] or proposals["aid_types"]
        document_types = {
            kind.code: kind.id
            for kind in self.env["beneficiary.document.type"].search(
                [("company_id", "=", self.company_id.id), ("code", "!=", False)]
            )
        }
        details = proposals["aid_type_details"]

        def prepare(row):
            detail = details.get(row["code"], {})
            nature = NATURES[row.get("method", "cash")]
            return {
                "policy_id": self.id,
                "nature": nature,
                "is_requestable": nature != "fund",
                "clause": row.get("clause"),
                "to_confirm": not row.get("clause"),
                "description": detail.get("en", False),
                "document_type_ids": [
                    Command.set(
                        [
                            document_types[code]
                            for code in detail.get("documents", [])
                            if code in document_types
                        ]
                    )
                ],
            }

        types, created = self._adopt_company_rows("beneficiary.aid.type", rows, prepare)
        self._adopt_follow_ups(created, details)
        described = [
            (kind, details[row["code"]])
            for kind, row in zip(types, rows, strict=True)
            if row["code"] in details
        ]
        self._translate_template_rows(
            types.browse([kind.id for kind, _detail in described]),
            [detail for _kind, detail in described],
            field_name="description",
        )

    def _adopt_follow_ups(self, types, details):
        """Propose how each new kind of help is followed up (ST-32)."""
        for kind in types:
            plan = details.get(kind.code, {}).get("follow_up", [])
            lines = self.env["beneficiary.aid.type.follow.up"].create(
                [
                    {
                        "aid_type_id": kind.id,
                        "subject": row["en"],
                        **{
                            name: row[name]
                            for name in ("days", "kind", "times", "every_days")
                        },
                    }
                    for row in plan
                ]
            )
            self._translate_template_rows(lines, plan, field_name="subject")

    def _adopt_committee(self, template):
        """Create the body that decides inside the association.

        An outside authority has no members here: its answer is recorded by whoever
        the association charges with it.
        """
        if template["decider"] == "competent_authority_external":
            return
        self._adopt_company_rows(
            "beneficiary.committee",
            [
                {
                    "code": template["decider"],
                    "en": template["decider_en"],
                    "ar": template["decider_ar"],
                }
            ],
            lambda row: {
                "policy_id": self.id,
                "quorum_kind": (
                    "number"
                    if template["decider"] == "competent_department"
                    else "majority"
                ),
            },
        )
