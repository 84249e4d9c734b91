from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain
from odoo.tools import SQL

# Health, disability and prison data: read through their group only, never fetched
# along with other fields, and each look is logged.
SENSITIVE_FIELDS = frozenset({"health_condition", "special_needs", "prison_status"})
SENSITIVE_GROUP = "beneficiary_relations.group_sensitive"
# How long a given reason explains the looks that follow it.
REASON_MINUTES = 15


class BeneficiaryBeneficiary(models.Model):
    """Consent, sensitive data with their basis, and the log of who looked."""

    _name = "beneficiary.beneficiary"
    _inherit = ["beneficiary.beneficiary"]

    # In a fetch group of their own: ordinary reading does not drag them along, so a
    # line of the log stands for a real look.
    health_condition = fields.Text(prefetch="sensitive")
    special_needs = fields.Selection(prefetch="sensitive")
    prison_status = fields.Selection(prefetch="sensitive")
    sensitive_basis = fields.Selection(
        selection=[
            ("paper_consent", "Explicit consent on paper"),
            ("law", "Required by law"),
            ("vital", "Protects the person's life or health"),
        ],
        string="Legal Basis of Sensitive Data",
        prefetch=False,
        copy=False,
        groups=SENSITIVE_GROUP,
        help="Needed where the person gave no consent for the service.",
    )
    sensitive_basis_note = fields.Char(
        string="Reference of the Basis",
        prefetch=False,
        copy=False,
        groups=SENSITIVE_GROUP,
    )
    consent_ids = fields.One2many(
        comodel_name="beneficiary.consent",
        inverse_name="beneficiary_id",
        string="Consents",
        groups="base.group_user",
    )
    agreement_ids = fields.One2many(
        comodel_name="beneficiary.agreement",
        inverse_name="beneficiary_id",
        string="Agreements",
        groups="base.group_user",
    )

    # ------------------------------------------------------------------
    # Constraints
    # ------------------------------------------------------------------

    @api.constrains(*sorted(SENSITIVE_FIELDS), "sensitive_basis")
    def _check_sensitive_basis(self):
        unfounded = self._without_sensitive_basis()
        if unfounded:
            raise ValidationError(
                self.env._(
                    "The file %(name)s: record the person's consent for the service, "
                    "or state the legal basis, before you enter health, disability "
                    "or prison data.",
                    name=unfounded[:1].display_name,
                )
            )

    # ------------------------------------------------------------------
    # Reading
    # ------------------------------------------------------------------

    def _fetch_query(self, query, fields):
        fetched = super()._fetch_query(query, fields)
        names = SENSITIVE_FIELDS.intersection(field.name for field in fields)
        if names and fetched:
            fetched._log_look("read", names)
        return fetched

    @api.model
    def _search(self, domain, offset=0, limit=None, order=None, **kwargs):
        names = {
            condition.field_expr.partition(".")[0]
            for condition in Domain(domain).iter_conditions()
        }
        names.update(word.strip().split(" ")[0] for word in (order or "").split(","))
        names &= SENSITIVE_FIELDS
        # The access check of the search itself comes first: a refused search is
        # no look.
        found = super()._search(domain, offset, limit, order, **kwargs)
        if names:
            self.browse()._log_look("search", names)
        return found

    def _read_group_groupby(self, alias, groupby_spec, query):
        sql = super()._read_group_groupby(alias, groupby_spec, query)
        self._log_grouping(groupby_spec)
        return sql

    def _read_group_select(self, aggregate_spec, query):
        sql = super()._read_group_select(aggregate_spec, query)
        self._log_grouping(aggregate_spec)
        return sql

    def _log_grouping(self, spec):
        name = spec.partition(":")[0].partition(".")[0]
        if name in SENSITIVE_FIELDS:
            self.browse()._log_look("group", {name})

    def _log_look(self, kind, names, reason=False):
        """Log a look at sensitive fields, a line for each file.

        What the system itself does, with nobody behind it, is no look.

        :param str kind: see ``beneficiary.access.log.kind``
        :param names: names of the fields; values are never kept
        :param str reason: words of the person who looks; without them the ones given
            for the same file a short time ago
        """
        if self.env.uid == self.env.ref("base.user_root").id:
            return
        if self.env.cr.readonly:
            with self.env.registry.cursor() as cr:
                self.with_env(self.env(cr=cr))._log_look(kind, names, reason)
            return
        # Nobody may write the log by hand; this is its only writer.
        Log = self.env["beneficiary.access.log"].sudo()
        shared = {
            "user_id": self.env.uid,
            "kind": kind,
            "field_names": ", ".join(sorted(names)),
        }
        if not self:
            Log.create(dict(shared, company_id=self.env.company.id, reason=reason))
            return
        given = {} if reason else self._reasons_given(Log)
        Log.create(
            [
                dict(
                    shared,
                    company_id=file.company_id.id,
                    file_res_id=file.id,
                    file_number=file.file_number,
                    reason=reason or given.get(file.id),
                )
                for file in self.sudo()
            ]
        )

    def _reasons_given(self, log_sudo):
        """Return the reason the user gave for each file a short time ago."""
        lines = log_sudo.search(
            [
                ("user_id", "=", self.env.uid),
                ("kind", "=", "open"),
                ("file_res_id", "in", self.ids),
                (
                    "date",
                    ">=",
                    fields.Datetime.now() - timedelta(minutes=REASON_MINUTES),
                ),
            ],
            order="id",
        )
        return {line.file_res_id: line.reason for line in lines}

    # ------------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------------

    def action_open_sensitive(self):
        """Ask for the reason, log it, then show the sensitive data of one person."""
        self.ensure_one()
        self.check_access("read")
        self._require_group("group_sensitive")
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Why Do You Open This?"),
            "res_model": "beneficiary.sensitive.open",
            "view_mode": "form",
            "target": "new",
            "context": {"default_beneficiary_id": self.id},
        }

    # ------------------------------------------------------------------
    # Business
    # ------------------------------------------------------------------

    def _has_consent(self, purpose):
        """Tell whether the person agreed to a purpose and has not withdrawn it.

        :param str purpose: ``service``, ``hospital``, ``donor``, ``photo`` or
            ``messages``
        """
        self.ensure_one()
        return bool(self._with_consent(purpose))

    def _with_consent(self, purpose):
        """Return those of the persons who agreed to a purpose, in one query."""
        # Whether a person agreed is asked by every use of the data; nothing else of
        # the consent is told.
        consents_sudo = (
            self.env["beneficiary.consent"]
            .sudo()
            .search(
                [
                    ("beneficiary_id", "in", self.ids),
                    ("purpose", "=", purpose),
                    ("withdrawn_on", "=", False),
                ]
            )
        )
        agreed = set(consents_sudo.beneficiary_id.ids)
        return self.filtered(lambda file: file.id in agreed)

    def _without_sensitive_basis(self):
        """Return the files that hold sensitive data on no basis.

        Asked in SQL: the answer is a yes or no, and no look at the data.
        """
        if not self.ids:
            return self.browse()
        self.flush_recordset([*SENSITIVE_FIELDS, "sensitive_basis"])
        self.env["beneficiary.consent"].flush_model()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT file.id FROM beneficiary_beneficiary file
                 WHERE file.id IN %s AND file.sensitive_basis IS NULL
                   AND (COALESCE(TRIM(file.health_condition), '') <> ''
                        OR COALESCE(file.special_needs, 'none') <> 'none'
                        OR COALESCE(file.prison_status, 'none') <> 'none')
                   AND NOT EXISTS (
                        SELECT FROM beneficiary_consent consent
                         WHERE consent.beneficiary_id = file.id
                           AND consent.purpose = 'service'
                           AND consent.withdrawn_on IS NULL)
                """,
                tuple(self.ids),
            )
        )
        return self.browse(file_id for (file_id,) in rows)

    def _ask_for_review_of_data(self):
        """Ask a privacy officer what becomes of the data after a withdrawal.

        The words are the same for every file: they tell nobody what it holds.
        """
        for file in self:
            officer = file._privacy_officer() or self.env.user
            file = officer._in_own_language(file)
            file.activity_schedule(
                "mail.mail_activity_data_todo",
                date_deadline=fields.Date.context_today(self) + timedelta(days=7),
                summary=file.env._("Review the data after a withdrawn consent"),
                user_id=officer.id,
            )

    def _privacy_officer(self):
        """Return a privacy officer of the file's association, or an empty recordset."""
        self.ensure_one()
        # Who holds a role is asked for the activity only.
        group = self.env.ref("beneficiary_relations.group_privacy_officer").sudo()
        return group.all_user_ids.filtered(
            lambda user: user.active and self.company_id in user.company_ids
        )[:1]
