from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL, format_list

from odoo.addons.beneficiary_relations.models.res_company import DEFAULT_ZONE
from odoo.addons.beneficiary_relations.tools.lists import join_phrases


class BeneficiaryAidRequest(models.Model):
    """What a request still needs: papers, signature, study, decision (C38-C40)."""

    _inherit = "beneficiary.aid.request"

    required_document_type_ids = fields.Many2many(
        comodel_name="beneficiary.document.type",
        string="Required Documents",
        compute="_compute_document_types",
        compute_sudo=True,
    )
    missing_document_type_ids = fields.Many2many(
        comodel_name="beneficiary.document.type",
        string="Missing Documents",
        compute="_compute_document_types",
        compute_sudo=True,
    )
    has_missing_documents = fields.Boolean(
        compute="_compute_document_types",
        compute_sudo=True,
        search="_search_has_missing_documents",
    )
    missing_note = fields.Text(string="Still Missing", compute="_compute_missing_note")
    document_ids = fields.One2many(related="beneficiary_id.document_ids")
    accepted_document_ids = fields.Many2many(
        comodel_name="beneficiary.document",
        relation="beneficiary_aid_request_accepted_document_rel",
        string="Papers at Submission",
        readonly=True,
        copy=False,
        ondelete="restrict",
        help="Kept when the study begins: papers that were matched and valid on the "
        "day the request came. What becomes of them later does not change this.",
    )

    @api.depends(
        "aid_type_id.document_type_ids",
        "beneficiary_id.category_id",
        "beneficiary_id.document_ids.state",
        "beneficiary_id.document_ids.expiry_date",
        "beneficiary_id.document_ids.type_id",
        "date_received",
    )
    def _compute_document_types(self):
        """Compare what each request asks for with the person's papers.

        A paper must be valid on the day the request was received. A constant number
        of queries for any number of requests.
        """
        required = self.beneficiary_id._required_document_types()
        for request in self:
            beneficiary = request.beneficiary_id
            types = request.aid_type_id.document_type_ids | required.get(
                beneficiary, request.aid_type_id.document_type_ids
            )
            there = request._valid_documents().type_id
            request.required_document_type_ids = types
            request.missing_document_type_ids = types - there
            request.has_missing_documents = bool(types - there)

    def _valid_documents(self):
        """Return the papers that were valid on the day the request came (C39)."""
        self.ensure_one()
        day = self._business_day(self.date_received)
        return self.beneficiary_id.document_ids.filtered(
            lambda document: (
                document.state == "not_applicable" or document._is_valid_on(day)
            )
        )

    def _keep_accepted_documents(self):
        """Freeze which papers answered what the requests ask for."""
        rows = []
        for request in self:
            kinds = request.required_document_type_ids
            accepted = request._valid_documents().filtered(
                lambda document, kinds=kinds: document.type_id in kinds
            )
            rows += [
                (request.id, document.id)
                for document in accepted - request.accepted_document_ids
            ]
        if rows:
            self._store_accepted_documents(rows)

    def _store_accepted_documents(self, rows):
        """Store accepted papers of many requests in one statement.

        :param list rows: ``(request id, document id)``
        """
        field = self._fields["accepted_document_ids"]
        requests, documents = zip(*rows, strict=True)
        self.env.cr.execute(
            SQL(
                "INSERT INTO %s (%s, %s) SELECT * FROM unnest(%s, %s)"
                " ON CONFLICT DO NOTHING",
                SQL.identifier(field.relation),
                SQL.identifier(field.column1),
                SQL.identifier(field.column2),
                list(requests),
                list(documents),
            )
        )
        self.invalidate_recordset([field.name])

    @api.model
    def _search_has_missing_documents(self, operator, value):
        if operator != "in":
            return NotImplemented
        wanted = set(value)
        if wanted == {True, False}:
            return Domain.TRUE
        for model, names in (
            ("beneficiary.document", ["state", "expiry_date", "type_id"]),
            ("beneficiary.beneficiary", ["category_id"]),
            ("beneficiary.document.type", ["required_for_all", "category_ids"]),
            ("beneficiary.aid.type", ["document_type_ids"]),
            ("beneficiary.aid.request", ["date_received", "aid_type_id"]),
        ):
            self.env[model].flush_model(names)
        missing = Domain.custom(to_sql=self._sql_missing_documents)
        return missing if True in wanted else ~missing

    @api.model
    def _sql_missing_documents(self, model, alias, query):
        """Whether a document type that is asked for has no valid document."""
        request = SQL.identifier(alias)
        return SQL(
            """EXISTS (
                SELECT 1
                  FROM beneficiary_document_type kind
                  JOIN beneficiary_beneficiary person
                    ON person.id = %(request)s.beneficiary_id
                 WHERE kind.company_id = %(request)s.company_id
                   AND (
                        (kind.active AND (
                            kind.required_for_all
                            OR EXISTS (
                                SELECT 1 FROM %(category_rel)s rel
                                 WHERE rel.%(category_kind)s = kind.id
                                   AND rel.%(category)s = person.category_id
                            )
                        ))
                        OR EXISTS (
                            SELECT 1 FROM %(type_rel)s rel
                             WHERE rel.%(type_kind)s = kind.id
                               AND rel.%(aid_type)s = %(request)s.aid_type_id
                        )
                   )
                   AND NOT EXISTS (
                        SELECT 1 FROM beneficiary_document paper
                         WHERE paper.beneficiary_id = person.id
                           AND paper.type_id = kind.id
                           AND (
                                paper.state = 'not_applicable'
                                OR (
                                    paper.state = 'verified'
                                    AND (
                                        paper.expiry_date IS NULL
                                        OR paper.expiry_date
                                            >= (%(request)s.date_received
                                                AT TIME ZONE 'UTC'
                                                AT TIME ZONE %(zones)s)::date
                                    )
                                )
                           )
                   )
            )""",
            request=request,
            # As _business_day: the day of the association, not of universal time.
            zones=SQL(
                "COALESCE((SELECT contact.tz FROM res_company company"
                " JOIN res_partner contact ON contact.id = company.partner_id"
                " WHERE company.id = %s.company_id), %s)",
                request,
                self.env.user.tz or DEFAULT_ZONE,
            ),
            **self._sql_document_relations(),
        )

    @api.model
    def _sql_document_relations(self):
        categories = self.env["beneficiary.document.type"]._fields["category_ids"]
        types = self.env["beneficiary.aid.type"]._fields["document_type_ids"]
        return {
            "category_rel": SQL.identifier(categories.relation),
            "category_kind": SQL.identifier(categories.column1),
            "category": SQL.identifier(categories.column2),
            "type_rel": SQL.identifier(types.relation),
            "aid_type": SQL.identifier(types.column1),
            "type_kind": SQL.identifier(types.column2),
        }

    def _file_gaps(self):
        """Return what the study may not do without: papers and signature (C38-C40).

        Papers accepted when the study began count, whatever became of them since.

        :rtype: list[str]
        """
        self.ensure_one()
        gaps = []
        missing = self.missing_document_type_ids - self.accepted_document_ids.type_id
        if missing:
            gaps.append(format_list(self.env, missing.mapped("name")))
        if not self.is_declared:
            gaps.append(self.env._("signed declaration"))
        return gaps

    def _check_file_complete(self):
        """Refuse a decision to help on a file that is not complete.

        :raise UserError: naming what is missing
        """
        for request in self:
            # What is still missing is no secret to whoever puts it to the vote.
            gaps = request.sudo()._file_gaps_for_decision()
            if gaps:
                raise UserError(
                    self.env._(
                        "Request %(name)s cannot be decided on an incomplete file. "
                        "Missing: %(missing)s.",
                        name=request.display_name,
                        missing=join_phrases(gaps, self.env.lang),
                    )
                )

    def _file_gaps_for_decision(self):
        self.ensure_one()
        gaps = self._file_gaps()
        if not self._done_assessments():
            gaps.append(self.env._("finished assessment"))
        return gaps

    @api.depends(
        "missing_document_type_ids",
        "is_declared",
        "assessment_ids.state",
        "status",
        "decision_id",
        "told_on",
        "authority_id",
    )
    def _compute_missing_note(self):
        """Say what the next step waits for, one line a thing."""
        for request in self:
            request.missing_note = "\n".join(request._missing_lines())

    def _missing_lines(self):
        self.ensure_one()
        lines = []
        if self.status in ("received", "verification"):
            lines += [
                self.env._("Document: %(name)s", name=kind.name)
                for kind in self.missing_document_type_ids
            ]
            if not self.is_declared:
                lines.append(self.env._("Signed declaration"))
        elif self.status == "study" and not self._done_assessments():
            lines.append(self.env._("Finished assessment"))
        elif self.status == "decision":
            lines.append(self._missing_decision())
        elif self.status in ("approved", "rejected") and not self.told_on:
            lines.append(self.env._("Telling the applicant"))
        elif self.status == "follow_up" and not self.outcome:
            lines.append(self.env._("Outcome"))
        return lines

    def _missing_decision(self):
        """Say who decides next: the committee, unless it is somebody else."""
        self.ensure_one()
        # Who decides next does not depend on who looks.
        authority = self.sudo().authority_id
        if authority:
            return self.env._("Decision of: %(authority)s", authority=authority.name)
        return self.env._("Decision of the committee")
