import re

from odoo import api, fields, models

# Codes have six digits or more; days and amounts of a notice have fewer in a row.
CODE = re.compile(r"\d{6,}")


class BeneficiaryMessage(models.Model):
    """Short messages to people, and the place where they are kept.

    A provider is a value of ``provider`` and a method ``_deliver_<provider>``; the
    system parameter ``beneficiary_relations.message_provider`` chooses it. The
    ``sink`` keeps messages here and sends nothing out, for tests and demonstrations.
    Messages for a provider that is not there fail, and can be read here. A code is kept
    by the ``sink`` alone: it proves that the person acted, not somebody of the staff.
    """

    _name = "beneficiary.message"
    _description = "Message to a Person"
    _order = "id desc"
    _rec_name = "body"

    partner_id = fields.Many2one(
        comodel_name="res.partner", string="Recipient", index=True
    )
    phone = fields.Char()
    body = fields.Text(required=True)
    kind = fields.Selection(
        selection=[("sms", "Notice"), ("code", "One-time code"), ("email", "E-mail")],
        required=True,
        default="sms",
    )
    provider = fields.Selection(
        selection=[("sink", "Kept here only")],
        readonly=True,
        help="Who carried the message to the person.",
    )
    state = fields.Selection(
        selection=[("queued", "Queued"), ("sent", "Sent"), ("failed", "Failed")],
        required=True,
        default="queued",
        index=True,
    )
    company_id = fields.Many2one(comodel_name="res.company", required=True, index=True)
    res_model = fields.Char(string="About (model)", readonly=True)
    res_id = fields.Many2oneReference(
        string="About", model_field="res_model", readonly=True
    )

    @api.model
    def _send_sms(self, partner, body, record=None, kind="sms"):
        """Send a short message to a person.

        :param partner: ``res.partner``, the recipient
        :param str body: plain words, without any sensitive one
        :param record: what the message is about, if anything
        :param str kind: ``sms`` or ``code``
        :return: the message kept
        """
        return self._send_many([(partner, body, record)], kind)

    @api.model
    def _send_many(self, notices, kind="sms"):
        """Send short messages, stored in one go.

        :param list notices: ``(partner, body, record)`` as in :meth:`_send_sms`
        :param str kind: ``sms`` or ``code``
        :return: the messages kept, in the same order
        """
        provider = (
            self.env["ir.config_parameter"]
            .sudo()
            .get_param("beneficiary_relations.message_provider", "sink")
        )
        if provider not in self._fields["provider"].get_values(self.env):
            provider = False
        # Whoever may cause a notice need not have access to the log of notices.
        messages = self.sudo().create(
            [
                {
                    "partner_id": partner.id,
                    "phone": partner.phone,
                    "body": body,
                    "kind": kind,
                    "provider": provider,
                    "company_id": self._company_of(partner, record).id,
                    "res_model": record._name if record else False,
                    "res_id": record.id if record else False,
                }
                for partner, body, record in notices
            ]
        )
        messages._deliver()
        return messages

    @api.model
    def _company_of(self, partner, record):
        """Return the association a message comes from."""
        if record and "company_id" in record._fields:
            return record.company_id
        return partner.company_id or self.env.company

    def _deliver(self):
        """Hand the messages to their provider."""
        for message in self:
            deliver = getattr(self, f"_deliver_{message.provider}", None)
            message.state = "sent" if deliver and deliver(message) else "failed"
            if message.kind == "code" and message.provider != "sink":
                # Staff read this log, and a code stands for the person.
                message.body = CODE.sub("•••", message.body)

    @api.model
    def _deliver_sink(self, message):
        """Keep the message here: nothing leaves this database."""
        return True
