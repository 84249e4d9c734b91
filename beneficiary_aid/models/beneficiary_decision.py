import hashlib
import json
import logging
import secrets

from odoo import api, fields, models
from odoo.exceptions import UserError

from odoo.addons.beneficiary_relations.tools.anonymise import is_anonymising

_logger = logging.getLogger(__name__)

OUTCOMES = [
    ("approve", "Approve"),
    ("approve_less", "Approve a smaller amount"),
    ("approve_condition", "Approve under a condition"),
    ("in_kind", "Approve in kind"),
    ("refer", "Refer elsewhere"),
    ("postpone", "Postpone"),
    ("decline", "Decline"),
]
POWERS = [
    ("committee", "Committee"),
    ("urgent", "Chair alone, urgent"),
    ("department", "Department"),
    ("manager", "Manager"),
    ("outside", "Outside authority"),
]
APPROVALS = ("approve", "approve_less", "approve_condition", "in_kind")
# Sealed by a salted digest, so that they can be cut when personal data are destroyed.
WORDS = ("public_text", "condition", "urgent_reason")
# The scan of an outside authority's answer; its digest stays sealed.
SCAN = ("outside_answer", "outside_filename")
# What stands in the place of words that were destroyed.
CUT = "—"
# What the chain seals, in this order.
SEALED = (
    "name",
    "company_id",
    "request_id",
    "item_id",
    "round",
    "committee_id",
    "kind",
    "outcome",
    "passed",
    "amount",
    "fund_id",
    "reason_id",
    "public_text",
    "condition",
    "yes_count",
    "no_count",
    "abstain_count",
    "present_count",
    "quorum_count",
    "explanation",
    "rule_snapshot",
    "ballot_snapshot",
    "dossier_hash",
    "previous_hash",
    "replaces_id",
    "decided_on",
)
# What the chain seals beside it, by the version of the seal: a decision is looked at
# as it was sealed.
SEALED_SINCE = {
    2: (
        "seal_version",
        "power",
        "authority_id",
        "tier",
        "is_final",
        "decided_by_id",
        "urgent_reason",
        "outside_reference",
        "outside_date",
        "outside_digest",
    ),
}
SEAL_VERSION = max(SEALED_SINCE)


class BeneficiaryDecision(models.Model):
    """What a committee, or another authority, decided: written once, sealed to the
    decision before it.

    A correction is a new decision that replaces the old one. The rules of the day,
    the votes and a hash of the dossier the members saw stay with it.
    """

    _name = "beneficiary.decision"
    _inherit = "beneficiary.once.mixin"
    _description = "Decision"
    _check_company_auto = True
    _order = "id desc"

    # With the words goes what could show what they were.
    _cut_fields = frozenset({*WORDS, *SCAN, "seal_salt", "word_digests"})

    name = fields.Char(string="Number", required=True, readonly=True, index="trigram")
    request_id = fields.Many2one(
        comodel_name="beneficiary.aid.request",
        required=True,
        index=True,
        ondelete="restrict",
        check_company=True,
    )
    company_id = fields.Many2one(
        comodel_name="res.company", required=True, index=True, ondelete="restrict"
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    beneficiary_id = fields.Many2one(related="request_id.beneficiary_id")
    item_id = fields.Many2one(
        comodel_name="beneficiary.agenda.item",
        string="Agenda Item",
        index=True,
        ondelete="restrict",
        check_company=True,
    )
    meeting_id = fields.Many2one(related="item_id.meeting_id")
    round = fields.Integer(required=True, aggregator=None)
    committee_id = fields.Many2one(
        comodel_name="beneficiary.committee",
        index=True,
        ondelete="restrict",
        check_company=True,
    )
    kind = fields.Selection(
        selection=[
            ("first", "First decision"),
            ("appeal", "Decision on an appeal"),
            ("brought", "Decided before going live"),
        ],
        required=True,
        default="first",
    )
    outcome = fields.Selection(selection=OUTCOMES, required=True)
    power = fields.Selection(
        selection=POWERS,
        string="Decided as",
        readonly=True,
        help="By a committee's vote, or by a person with the power to decide.",
    )
    authority_id = fields.Many2one(
        comodel_name="beneficiary.authority",
        index="btree_not_null",
        ondelete="restrict",
        check_company=True,
    )
    decided_by_id = fields.Many2one(
        comodel_name="res.users", index="btree_not_null", ondelete="restrict"
    )
    tier = fields.Integer(
        string="Step",
        required=True,
        default=1,
        aggregator=None,
        help="Place in the order of the authorities that decide.",
    )
    is_final = fields.Boolean(
        string="Takes Effect",
        required=True,
        default=True,
        help="Not yet the decision when another authority decides after it.",
    )
    urgent_reason = fields.Char(
        help="Why the chair did not wait for a meeting. No details of health."
    )
    outside_reference = fields.Char(string="Reference of the Answer")
    outside_date = fields.Date(string="Date of the Answer")
    outside_answer = fields.Binary(string="Scan of the Answer", attachment=True)
    outside_filename = fields.Char(string="Name of the Scan")
    outside_digest = fields.Char(
        readonly=True, help="Seal of the scan, kept with the decision."
    )
    passed = fields.Boolean(
        string="Motion Carried", help="Whether the motion found enough votes."
    )
    amount = fields.Monetary(required=True, default=0.0)
    fund_id = fields.Many2one(
        comodel_name="beneficiary.fund",
        index="btree_not_null",
        ondelete="restrict",
        check_company=True,
    )
    reason_id = fields.Many2one(
        comodel_name="beneficiary.decision.reason", ondelete="restrict"
    )
    public_text = fields.Text(string="Words for the Applicant", required=True)
    condition = fields.Text()
    yes_count = fields.Integer(string="For")
    no_count = fields.Integer(string="Against")
    abstain_count = fields.Integer(string="Abstained")
    present_count = fields.Integer(string="Present")
    quorum_count = fields.Integer(string="Quorum")
    explanation = fields.Text(help="How the result was counted.")
    rule_snapshot = fields.Json(help="The rule sheet of that day.")
    ballot_snapshot = fields.Json(help="The votes, as they were counted.")
    dossier_hash = fields.Char(
        readonly=True, help="Seal of the dossier that was before the committee."
    )
    previous_hash = fields.Char(readonly=True)
    hash = fields.Char(string="Seal", required=True, readonly=True)
    seal_version = fields.Integer(
        readonly=True,
        aggregator=None,
        help="Which values the seal covers; 0 is the first version.",
    )
    seal_salt = fields.Char(readonly=True, copy=False, groups=fields.NO_ACCESS)
    word_digests = fields.Json(
        readonly=True,
        copy=False,
        groups=fields.NO_ACCESS,
        help="What the words were sealed as, kept when they are destroyed.",
    )
    replaces_id = fields.Many2one(
        comodel_name="beneficiary.decision",
        index="btree_not_null",
        ondelete="restrict",
        check_company=True,
    )
    decided_on = fields.Datetime(required=True)

    _name_uniq = models.UniqueIndex(
        "(company_id, name)", "This decision number is taken already."
    )
    _round_uniq = models.UniqueIndex(
        "(item_id, round)", "This vote has been closed already."
    )
    _standing_uniq = models.UniqueIndex(
        "(request_id, kind, tier, COALESCE(replaces_id, 0))",
        "This request has a decision already.",
    )
    _chain_uniq = models.UniqueIndex(
        "(company_id, COALESCE(previous_hash, ''))",
        "Another decision was stored at the same moment. Try again.",
    )
    _voted_or_brought = models.Constraint(
        "CHECK(kind = 'brought'"
        " OR (item_id IS NOT NULL AND committee_id IS NOT NULL)"
        " OR (decided_by_id IS NOT NULL"
        " AND (authority_id IS NOT NULL OR committee_id IS NOT NULL)))",
        "A decision comes from a committee's vote or from a person with the power to "
        "decide, or was taken before going live.",
    )
    _tier_bounds = models.Constraint(
        "CHECK(tier BETWEEN 1 AND 99)", "The steps of a decision count from 1."
    )
    _amount_bounds = models.Constraint(
        "CHECK(amount >= 0 AND amount < 1e12)",
        "The amount of a decision is a number from zero up.",
    )

    # ------------------------------------------------------------------
    # Written once
    # ------------------------------------------------------------------

    @api.model
    def _record(self, vals):
        """Store one decision; see :meth:`_record_all`."""
        return self._record_all([vals])

    @api.model
    def _record_all(self, vals_list):
        """Store decisions of one association: number and seal are given here and
        nowhere else.

        The numbers are drawn first: their row makes sessions that decide at the same
        moment follow each other, so that the chain has no fork.

        :param list[dict] vals_list: everything but number and seal; a time only of a
            decision brought from before going live
        :return: the decisions as superuser, in this order
        """
        if not vals_list:
            return self.sudo().browse()
        for vals in vals_list:
            self._check_not_backdated(vals)
        [company_id] = {vals["company_id"] for vals in vals_list}
        company = self.env["res.company"].browse(company_id)
        numbers = self.env["ir.sequence"]._next_numbers(
            "beneficiary.decision", company, len(vals_list)
        )
        # Nobody has a right to create decisions; the closing of a vote and the
        # decision of a person, which are checked, are their only sources.
        Decision = self.sudo()
        last = Decision.search([("company_id", "=", company.id)], limit=1)
        previous, now = last.hash, fields.Datetime.now()
        rows = []
        for number, vals in zip(numbers, vals_list, strict=True):
            row = {
                **vals,
                "name": number,
                "previous_hash": previous,
                "decided_on": vals.get("decided_on") or now,
                "seal_salt": secrets.token_hex(16),
                "seal_version": SEAL_VERSION,
                "tier": vals.get("tier", 1),
                "is_final": vals.get("is_final", True),
            }
            row["hash"] = previous = self._seal(row)
            rows.append(row)
        return Decision.create(rows)

    @api.model
    def _replace_standing(self, vals_list):
        """Let new decisions about requests take the place of the standing ones.

        :param list[dict] vals_list: of :meth:`_record_all`; each is given its
            ``replaces_id``
        """
        # The standing decision is replaced whatever the decider may read.
        standing = self.sudo().search(
            [("request_id", "in", [vals["request_id"] or 0 for vals in vals_list])],
            order="id desc",
        )
        last = {}
        for decision in standing:
            key = (decision.request_id.id, decision.kind, decision.tier)
            last.setdefault(key, decision.id)
        for vals in vals_list:
            # A list is decided once; a declined one comes back as another item.
            key = (vals["request_id"], vals["kind"], vals["tier"])
            vals["replaces_id"] = last.get(key, False)

    @api.model
    def _check_not_backdated(self, vals):
        """Refuse a day of one's own for a decision: it is decided when it is stored.

        Only what was decided before going live has an earlier day, never a later one.

        :raise UserError: naming what is wrong
        """
        day = vals.get("decided_on")
        if not day:
            return
        if vals.get("kind") != "brought":
            raise UserError(
                self.env._(
                    "A decision is dated when it is made. It cannot be given another "
                    "date."
                )
            )
        if fields.Datetime.to_datetime(day) > fields.Datetime.now():
            raise UserError(self.env._("A decision cannot be of a day to come."))

    def write(self, vals):
        if not is_anonymising(self.env) or not {*WORDS, *SCAN}.issuperset(vals):
            return super().write(vals)
        for decision in self:
            # Without the salt nobody can try out what the words were.
            super(BeneficiaryDecision, decision).write(
                {
                    **vals,
                    "word_digests": decision._word_digests(),
                    "seal_salt": False,
                }
            )
        return True

    @api.model
    def _once_words(self):
        return self.env._(
            "A decision is never changed. A correction is a new decision of the "
            "committee."
        )

    def _once_delete_words(self):
        return self.env._(
            "Decision %(name)s is kept. A correction is a new decision of the "
            "committee.",
            name=self[:1].name,
        )

    @api.model
    def _once_typed_words(self):
        return self.env._("Decisions come from closing a vote, not from typing.")

    # ------------------------------------------------------------------
    # Seal
    # ------------------------------------------------------------------

    @api.model
    def _seal(self, vals):
        """Return the hash of what a decision says and of the one before it.

        :param dict vals: values of :data:`SEALED`
        :rtype: str
        """
        digests = self._digests(vals)
        values = [
            digests[name] if name in WORDS else self._sealed_value(name, vals.get(name))
            for name in self._sealed_names(vals.get("seal_version"))
        ]
        text = json.dumps(values, ensure_ascii=False, sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()

    @api.model
    def _sealed_names(self, version):
        """Return the fields a version of the seal covers, in their order.

        :param int version: 0 or empty for the first one
        :rtype: tuple
        """
        later = [
            names for since, names in SEALED_SINCE.items() if since <= (version or 0)
        ]
        return sum(later, SEALED)

    @api.model
    def _digests(self, vals):
        """Return what the words of a decision are sealed as: salted digests."""
        if vals.get("word_digests"):
            return vals["word_digests"]
        salt = vals.get("seal_salt") or ""
        return {
            name: hashlib.sha256(f"{salt}{vals.get(name) or ''}".encode()).hexdigest()
            for name in WORDS
        }

    def _word_digests(self):
        self.ensure_one()
        # Nobody reads the salt; it only serves the seal.
        decision = self.sudo()
        return self._digests(
            {name: decision[name] for name in (*WORDS, "seal_salt", "word_digests")}
        )

    @api.model
    def _sealed_value(self, name, value):
        """Return a value as it reads the same before and after storing."""
        field = self._fields[name]
        if field.type == "monetary":
            return f"{value or 0.0:.2f}"
        if field.type in ("integer", "boolean"):
            return int(value or 0)
        if field.type == "datetime":
            return fields.Datetime.to_string(value)
        if field.type == "date":
            return str(fields.Date.to_date(value) or "")
        return value or ""

    def _check_seal(self):
        """Tell whether a decision still says what was sealed."""
        self.ensure_one()
        # Digests stand for words that were cut, never beside other words.
        if self.sudo().word_digests and (
            self.public_text != CUT or self.condition or self.urgent_reason
        ):
            return False
        vals = {
            name: self[name].id if self._fields[name].relational else self[name]
            for name in self._sealed_names(self.seal_version)
        }
        vals["seal_version"] = self.seal_version
        vals["word_digests"] = self._word_digests()
        return self.hash == self._seal(vals)

    @api.model
    def _broken_seals(self, company):
        """Return the decisions of an association whose chain does not hold.

        :param company: ``res.company``
        :return: decisions that were changed, or whose predecessor is not the one
            they name
        """
        decisions = self.search([("company_id", "=", company.id)], order="id")
        broken = decisions.browse()
        previous = False
        for decision in decisions:
            if (decision.previous_hash or False) != (previous or False) or (
                not decision._check_seal()
            ):
                broken |= decision
            previous = decision.hash
        return broken

    @api.model
    def _cron_check_seals(self):
        """Look every night whether a decision was tampered with, and say it loudly."""
        for company in self.env["res.company"].search([]):
            check = self.env["beneficiary.seal.check"]._run(company)
            if check.state == "broken":
                _logger.error(
                    "Records of company %s do not match their seals: %s",
                    company.id,
                    check.note,
                )

    # ------------------------------------------------------------------
    # Reading
    # ------------------------------------------------------------------

    def _is_approval(self):
        """Tell whether something is given; also of no decision: nothing is."""
        return bool(self) and self.outcome in APPROVALS
