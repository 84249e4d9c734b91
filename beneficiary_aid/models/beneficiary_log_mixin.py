from odoo import models

SHOWN = ("string", "type", "selection", "currency_field")


class BeneficiaryLogMixin(models.AbstractModel):
    """What the log of very many records keeps, in a fixed number of statements.

    Odoo writes the tracked changes of many records one by one; a thousand of them
    changed at once would cost some eight statements each.
    """

    _name = "beneficiary.log.mixin"
    _description = "Log of Many Records"
    _inherit = ["mail.thread"]

    def _message_track(self, fields_iter, initial_values_dict):
        """Log the tracked changes of several records together.

        The rows are those Odoo writes for one; see ``mail.thread``.
        """
        records = self.exists()
        if len(records) < 2 or not fields_iter:
            return super()._message_track(fields_iter, initial_values_dict)
        shown = self.fields_get(fields_iter, attributes=SHOWN)
        tracking = {
            record.id: record._mail_track(shown, initial_values_dict[record.id])
            for record in records
        }
        data = self.env.cr.precommit.data
        bodies = data.pop(f"mail.tracking.message.{self._name}", {})
        authors = data.pop(f"mail.tracking.author.{self._name}", {})
        changed = records.filtered(lambda record: tracking[record.id][1])
        by_author = changed.grouped(lambda record: authors.get(record.id))
        for author, group in by_author.items():
            messages = group._message_log_batch(
                {record.id: bodies.get(record.id, "") for record in group},
                author_id=author.id if author else None,
            )
            # As Odoo does: the log is written for whoever made the change.
            self.env["mail.tracking.value"].sudo().create(
                [
                    {**values, "mail_message_id": message.id}
                    for record, message in zip(group, messages, strict=True)
                    for _command, _id, values in tracking[record.id][1]
                ]
            )
        return tracking
