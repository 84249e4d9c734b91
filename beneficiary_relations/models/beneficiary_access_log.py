from odoo import api, fields, models
from odoo.exceptions import UserError


class BeneficiaryAccessLog(models.Model):
    """Who looked at sensitive data, when, of which file, and why. Never the values.

    Append-only: nobody has a right to write or delete, and the database refuses it
    even from the server. Files are kept by number and not by a link, so that the log
    outlives them.
    """

    _name = "beneficiary.access.log"
    _description = "Look at Sensitive Data"
    _order = "id desc"
    _rec_name = "file_number"

    date = fields.Datetime(
        required=True, readonly=True, index=True, default=fields.Datetime.now
    )
    user_id = fields.Many2one(
        comodel_name="res.users",
        string="Who",
        required=True,
        readonly=True,
        index=True,
        ondelete="restrict",
    )
    company_id = fields.Many2one(
        comodel_name="res.company", required=True, readonly=True, index=True
    )
    kind = fields.Selection(
        selection=[
            ("open", "Opened with a reason"),
            ("read", "Read"),
            ("search", "Searched by"),
            ("group", "Counted by"),
            ("export", "Data handed out"),
        ],
        string="What",
        required=True,
        readonly=True,
    )
    file_res_id = fields.Integer(string="File ID", readonly=True, index=True)
    file_number = fields.Char(readonly=True)
    field_names = fields.Char(string="Fields", readonly=True)
    reason = fields.Char(readonly=True)

    def init(self):
        """Let the database itself refuse to change the log."""
        result = super().init()
        self.env.cr.execute(
            """
            CREATE OR REPLACE FUNCTION beneficiary_access_log_append_only()
            RETURNS trigger AS $$
            BEGIN
                RAISE EXCEPTION 'The log of looks at sensitive data is append-only.';
            END
            $$ LANGUAGE plpgsql;
            DROP TRIGGER IF EXISTS append_only ON beneficiary_access_log;
            CREATE TRIGGER append_only BEFORE UPDATE OR DELETE
                ON beneficiary_access_log FOR EACH ROW
                EXECUTE FUNCTION beneficiary_access_log_append_only();
            """
        )
        return result

    def write(self, vals):
        self._refuse()
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        self._refuse()

    def action_open_file(self):
        """Open the file a line is about, where it still exists."""
        self.ensure_one()
        self.check_access("read")
        file = self.env["beneficiary.beneficiary"].browse(self.file_res_id).exists()
        if not file:
            raise UserError(
                self.env._(
                    "The file %(number)s is not there any more.",
                    number=self.file_number or "",
                )
            )
        return {
            "type": "ir.actions.act_window",
            "res_model": file._name,
            "res_id": file.id,
            "view_mode": "form",
        }

    def _refuse(self):
        raise UserError(self.env._("The look-log is never changed."))
