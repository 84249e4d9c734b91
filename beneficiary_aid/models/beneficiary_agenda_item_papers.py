import hashlib
import json

from odoo import api, fields, models
from odoo.tools import format_list


class BeneficiaryAgendaItem(models.Model):
    """The dossier as it was when the papers were sent, and what changed since.

    The motion is worded later and has no part in it; the seal of the vote covers it.
    """

    _inherit = "beneficiary.agenda.item"

    papers_sent_on = fields.Datetime(readonly=True, copy=False)
    papers_seal = fields.Json(readonly=True, copy=False)
    papers_change = fields.Char(
        string="Changed since the Papers",
        compute="_compute_papers_change",
        compute_sudo=True,
        help="Parts of the dossier that are not as they were sent to the members.",
    )

    @api.depends("papers_seal")
    def _compute_papers_change(self):
        labels = self._papers_labels()
        for item in self:
            item.papers_change = False
            if item.papers_seal and item.state in ("pending", "voting"):
                now = item._papers_parts()
                item.papers_change = format_list(
                    self.env,
                    [
                        labels.get(part, part)
                        for part, seal in now.items()
                        if item.papers_seal.get(part) != seal
                    ],
                )

    @api.model
    def _papers_labels(self):
        return {
            "request": self.env._("Request"),
            "declarations": self.env._("Declaration"),
            "assessments": self.env._("Study"),
            "documents": self.env._("Papers"),
            "list": self.env._("List"),
        }

    def _seal_papers(self):
        """Freeze what the members are sent."""
        moment = fields.Datetime.now()
        for item in self:
            item.write({"papers_sent_on": moment, "papers_seal": item._papers_parts()})

    def _papers_parts(self):
        """Return the seal of each part of the dossier.

        :rtype: dict[str, str]
        """
        self.ensure_one()
        return {
            part: hashlib.sha256(
                json.dumps(content, ensure_ascii=False, sort_keys=True).encode()
            ).hexdigest()
            for part, content in self._dossier().items()
            if part != "motion"
        }
