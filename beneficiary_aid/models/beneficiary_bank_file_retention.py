from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain


class BeneficiaryDisbursementBatch(models.Model):
    """A bank file names people and their accounts: it is not kept for ever.

    What proves the payment stays: fingerprint, count and total of the file, the
    entries and the bank statement. An anonymised person would else live on in the
    files (PDPL, article 18: what is not needed any more is destroyed).
    """

    _inherit = "beneficiary.disbursement.batch"

    files_removed_on = fields.Datetime(
        string="Bank Files Removed on",
        readonly=True,
        copy=False,
        help="The file and the answers of the bank named people and accounts. Their "
        "fingerprints, counts and totals are kept.",
    )

    def _check_vals(self, vals):
        if "files_removed_on" in vals and not self.env.su:
            raise UserError(self.env._("When files were removed is not typed in."))
        return super()._check_vals(vals)

    @api.model
    def _cron_remove_bank_files(self):
        """Remove the bank files of settled batches after the days of each company.

        A batch that the bank has not settled keeps its file: it is still asked about.
        """
        now = fields.Datetime.now()
        for company in self.env["res.company"].search(
            [("beneficiary_bank_file_days", ">", 0)]
        ):
            limit = now - timedelta(days=company.beneficiary_bank_file_days)
            more = self.env["ir.cron"]._in_slices(
                self,
                Domain("company_id", "=", company.id)
                & Domain("exported_on", "<", limit)
                & Domain("state", "=", "settled")
                & Domain("files_removed_on", "=", False),
                "_remove_bank_files",
                size=50,
            )
            if not more:
                return

    def _remove_bank_files(self):
        """Remove files and answers; what seals them stays."""
        # Files are never typed in or taken away by people.
        batches_sudo = self.sudo()
        batches_sudo.result_ids.file = False
        batches_sudo.write(
            {"export_file": False, "files_removed_on": fields.Datetime.now()}
        )
        for batch in batches_sudo:
            batch._message_log(
                body=self.env._(
                    "The bank file and the answers of the bank were removed: the time "
                    "to keep them is over. Fingerprint %(hash)s is kept.",
                    hash=batch.export_hash,
                )
            )

    def _check_export(self):
        """Tell a file that was removed in time from one that was changed."""
        if self.files_removed_on:
            raise UserError(
                self.env._(
                    "%(number)s: the bank file was removed on %(day)s, when the time "
                    "to keep it was over. Its fingerprint, count and total are kept.",
                    number=self.name,
                    day=fields.Date.to_string(self.files_removed_on),
                )
            )
        return super()._check_export()
