from odoo import api, fields, models
from odoo.exceptions import UserError


class BeneficiaryVersionedText(models.AbstractModel):
    """A text people are told or sign: once in force its words stay as they were.

    Another wording is a new version, which ends the one before. Models say with
    ``_series_fields`` which fields, besides the association, tell one series of
    versions from another, and with ``_text_fields`` which words are kept. Each adds
    the unique index that allows one text in force in a series.
    """

    _name = "beneficiary.versioned.text"
    _description = "Text in Versions"
    _check_company_auto = True
    _order = "company_id, version desc, id desc"

    _series_fields = ()
    _text_fields = ("name", "text")

    name = fields.Char(required=True, translate=True)
    version = fields.Integer(readonly=True, copy=False)
    company_id = fields.Many2one(
        comodel_name="res.company",
        required=True,
        index=True,
        default=lambda self: self.env.company,
    )
    text = fields.Text(required=True, translate=True)
    to_confirm = fields.Boolean(
        string="Proposed",
        readonly=True,
        copy=False,
        help="Words proposed with the policy. Read and correct them; putting them in "
        "force makes them the association's own.",
    )
    state = fields.Selection(
        selection=[
            ("draft", "Draft"),
            ("in_force", "In Force"),
            ("superseded", "Superseded"),
        ],
        required=True,
        default="draft",
        readonly=True,
        copy=False,
    )
    date_from = fields.Date(string="In Force from", readonly=True, copy=False)
    date_to = fields.Date(string="In Force until", readonly=True, copy=False)

    @api.depends("name", "version")
    def _compute_display_name(self):
        for text in self:
            text.display_name = self.env._(
                "%(name)s (version %(version)s)",
                name=text.name or "",
                version=text.version,
            )

    @api.model_create_multi
    def create(self, vals_list):
        texts = super().create(vals_list)
        if not self.env.su and any(text.state != "draft" for text in texts):
            self._refuse_typed_state()
        for text in texts:
            text.version = text._next_version()
        return texts

    def write(self, vals):
        if "state" in vals and not self.env.su:
            self._refuse_typed_state()
        self._check_words_kept(vals)
        return super().write(vals)

    def _update_field_translations(self, field_name, *args, **kwargs):
        self._check_words_kept({field_name})
        return super()._update_field_translations(field_name, *args, **kwargs)

    def _check_words_kept(self, names):
        """Refuse other words, in any language, for a text that was in force.

        :param names: the fields to be changed
        """
        kept = {*self._text_fields, *self._series_fields, "company_id"}
        if not kept.intersection(names):
            return
        for text in self:
            if text.state != "draft":
                raise UserError(
                    self.env._(
                        "%(name)s has been in force and keeps its words. Make a new "
                        "version of it.",
                        name=text.display_name,
                    )
                )

    @api.ondelete(at_uninstall=False)
    def _unlink_only_drafts(self):
        for text in self:
            if text.state != "draft":
                raise UserError(
                    self.env._(
                        "%(name)s has been in force and is kept.",
                        name=text.display_name,
                    )
                )

    def action_put_in_force(self):
        """Make this version the one people are told from today on."""
        self.ensure_one()
        self.check_access("write")
        self._require_editor()
        if self.state != "draft":
            raise UserError(
                self.env._(
                    "%(name)s is not a draft. Make a new version of it first.",
                    name=self.display_name,
                )
            )
        today = fields.Date.context_today(self)
        # The state is read-only for everybody; the role was checked above.
        previous = self.sudo().search(
            [*self._series_domain(), ("state", "=", "in_force")]
        )
        previous.write({"state": "superseded", "date_to": today})
        # The unique index must see the old version gone first.
        previous.flush_recordset()
        self.sudo().write(
            {"state": "in_force", "date_from": today, "to_confirm": False}
        )

    def action_new_version(self):
        """Open a copy that can be changed and put in force later."""
        self.ensure_one()
        self.check_access("write")
        self._require_editor()
        return {
            "type": "ir.actions.act_window",
            "res_model": self._name,
            "res_id": self.copy({"name": self.name}).id,
            "view_mode": "form",
        }

    @api.model
    def _propose(self, company, proposal, **series):
        """Give an association that has no such text a draft of proposed words.

        People put it in force: what is told or signed is never decided by a program.

        :param company: ``res.company``
        :param dict proposal: for each field its words, ``en`` and ``ar``
        :param series: a value for each of ``_series_fields``
        :return: the draft, or an empty recordset when there is a text already
        """
        Text = self.with_context(lang=None)
        scope = {"company_id": company.id, **series}
        if Text.search_count([(name, "=", value) for name, value in scope.items()]):
            return Text
        rows = {
            name: {
                lang: text.format(company=company.name) for lang, text in row.items()
            }
            for name, row in proposal.items()
        }
        draft = Text.create(
            {
                **scope,
                "to_confirm": True,
                **{name: row["en"] for name, row in rows.items()},
            }
        )
        for name, row in rows.items():
            self.env["beneficiary.policy"]._translate_template_rows(draft, [row], name)
        return draft

    @api.model
    def _in_force(self, company, **series):
        """Return the text in force in an association, or an empty recordset.

        :param series: a value for each of ``_series_fields``
        """
        # What people are told is no secret to whoever reads it out to them.
        text = self.sudo().search(
            [
                ("company_id", "=", company.id),
                ("state", "=", "in_force"),
                *((name, "=", value) for name, value in series.items()),
            ],
            limit=1,
        )
        return text.sudo(self.env.su)

    def _series_domain(self):
        self.ensure_one()
        return [
            ("company_id", "=", self.company_id.id),
            *((name, "=", self[name]) for name in self._series_fields),
        ]

    def _next_version(self):
        versions = self.search(self._series_domain()).mapped("version")
        return max(versions, default=0) + 1

    def _refuse_typed_state(self):
        raise UserError(self.env._("Use the button to put a text in force."))

    def _require_editor(self):
        """Refuse whoever may not decide on the words."""
        self.env["beneficiary.beneficiary"]._require_group("group_administrator")
