from odoo import api, fields, models
from odoo.exceptions import ValidationError

SOURCE_FIELDS = (
    "info_source",
    "collected_by_id",
    "collected_on",
    "document_id",
    "visit_id",
)


class BeneficiarySourceMixin(models.AbstractModel):
    """Where a piece of information comes from, who collected it, and when (BR-39).

    What is not said is filled in where it is known: the day and the person who enters
    it, the kind of source that a linked paper or visit implies. Rows of an import keep
    what their file says, and nothing is made up for them.
    """

    _name = "beneficiary.source.mixin"
    _description = "Source of Information"

    # Changing one of these makes it another piece of information.
    _collected_fields = frozenset()

    info_source = fields.Selection(
        selection=[
            ("document", "Official document"),
            ("statement", "Person's statement"),
            ("visit", "Visit"),
            ("file", "Data of the file"),
        ],
        string="Learnt from",
    )
    collected_by_id = fields.Many2one(
        comodel_name="res.users", string="Collected by", ondelete="restrict"
    )
    collected_on = fields.Date()
    document_id = fields.Many2one(
        comodel_name="beneficiary.document",
        string="Paper",
        index="btree_not_null",
        ondelete="restrict",
        check_company=True,
    )
    visit_id = fields.Many2one(
        comodel_name="beneficiary.visit",
        index="btree_not_null",
        ondelete="restrict",
        check_company=True,
    )

    @api.constrains("info_source", "document_id", "visit_id")
    def _check_source(self):
        """Refuse a paper or a visit that is another person's, or another source."""
        for record in self:
            linked = record.document_id or record.visit_id
            if not linked:
                continue
            expected = "document" if record.document_id else "visit"
            if record.info_source != expected or (
                record.document_id and record.visit_id
            ):
                raise ValidationError(
                    self.env._(
                        "%(name)s has one source: a paper, a visit or a statement. "
                        "Choose the one it was learnt from.",
                        name=linked.display_name,
                    )
                )
            if linked.beneficiary_id not in record._source_people():
                raise ValidationError(
                    self.env._(
                        "%(name)s belongs to somebody else. Choose a paper or a visit "
                        "of the person.",
                        name=linked.display_name,
                    )
                )

    @api.model_create_multi
    def create(self, vals_list):
        return super().create([self._with_source(vals) for vals in vals_list])

    def write(self, vals):
        vals = dict(vals)
        if self._linked_source(vals):
            vals.setdefault("info_source", self._linked_source(vals))
        if vals.get("info_source"):
            # The link of another source goes with it.
            kept = {"document": "document_id", "visit": "visit_id"}
            for source, name in kept.items():
                if vals["info_source"] != source:
                    vals.setdefault(name, False)
        if self._is_collected_anew(vals):
            vals.setdefault("collected_by_id", self.env.uid)
            vals.setdefault("collected_on", fields.Date.context_today(self))
        before = self._sources_before(vals)
        res = super().write(vals)
        self._log_sources(before)
        return res

    # ------------------------------------------------------------------
    # Helpers
    # ------------------------------------------------------------------

    @api.model
    def _with_source(self, vals):
        """Return values with what is known of their source added."""
        vals = dict(vals)
        if self._linked_source(vals):
            vals["info_source"] = vals.get("info_source") or self._linked_source(vals)
        if self.env.context.get("import_file") or not self._is_collected(vals):
            return vals
        vals["collected_by_id"] = vals.get("collected_by_id") or self.env.uid
        vals["collected_on"] = vals.get("collected_on") or fields.Date.context_today(
            self
        )
        return vals

    @api.model
    def _linked_source(self, vals):
        if vals.get("document_id"):
            return "document"
        return "visit" if vals.get("visit_id") else False

    @api.model
    def _is_collected(self, vals):
        """Tell whether values to create hold a piece of information already."""
        return True

    def _is_collected_anew(self, vals):
        """Tell whether values to write are another piece of information."""
        # What is put away for good is not collected.
        return not self.env.su and bool(self._collected_fields.intersection(vals))

    def _source_people(self):
        """Return the people whose papers and visits may be the source."""
        raise NotImplementedError

    def _source_in_words(self):
        """Return the source as one phrase; empty where nothing is known."""
        self.ensure_one()
        labels = dict(self._fields["info_source"]._description_selection(self.env))
        parts = [
            labels.get(self.info_source),
            # A colleague's name, whoever reads it.
            self.collected_by_id.sudo().name,
            self.collected_on and fields.Date.to_string(self.collected_on),
        ]
        return self.env._(", ").join(part for part in parts if part)

    def _sources_before(self, vals):
        if not (self._collected_fields | set(SOURCE_FIELDS)).intersection(vals):
            return {}
        return {record: record._trace() for record in self}

    def _log_sources(self, before):
        for record, trace in before.items():
            if trace != record._trace() and trace:
                record._log_source(trace, record._trace())

    def _trace(self):
        """Return what is kept in the log of a piece of information and its source."""
        return self._source_in_words()

    def _log_source(self, before, after):
        """Note in the log where people look that a source changed."""
        raise NotImplementedError
