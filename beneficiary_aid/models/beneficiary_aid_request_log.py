from odoo import models

SHOWN = ("string", "type", "selection", "currency_field")


class BeneficiaryAidRequest(models.Model):
    """What the log of requests keeps, in a fixed number of statements a batch.

    Odoo writes the tracked changes of many records one by one; a thousand requests
    moved at once would cost some eight statements each.
    """

    _inherit = "beneficiary.aid.request"

    def _message_track(self, fields_iter, initial_values_dict):
        """Log the tracked changes of several requests together.

        The rows are those Odoo writes for one; see ``mail.thread``.
        """
        requests = self.exists()
        if len(requests) < 2 or not fields_iter:
            return super()._message_track(fields_iter, initial_values_dict)
        shown = self.fields_get(fields_iter, attributes=SHOWN)
        tracking = {
            request.id: request._mail_track(shown, initial_values_dict[request.id])
            for request in requests
        }
        data = self.env.cr.precommit.data
        bodies = data.pop(f"mail.tracking.message.{self._name}", {})
        authors = data.pop(f"mail.tracking.author.{self._name}", {})
        changed = requests.filtered(lambda request: tracking[request.id][1])
        by_author = changed.grouped(lambda request: authors.get(request.id))
        for author, group in by_author.items():
            messages = group._message_log_batch(
                {request.id: bodies.get(request.id, "") for request in group},
                author_id=author.id if author else None,
            )
            # As Odoo does: the log is written for whoever made the change.
            self.env["mail.tracking.value"].sudo().create(
                [
                    {**values, "mail_message_id": message.id}
                    for request, message in zip(group, messages, strict=True)
                    for _command, _id, values in tracking[request.id][1]
                ]
            )
        return tracking
