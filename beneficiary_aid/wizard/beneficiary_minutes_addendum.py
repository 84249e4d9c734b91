from odoo import fields, models
from odoo.exceptions import UserError

from odoo.addons.beneficiary_relations.tools.text import clean_text

from ..models.beneficiary_meeting import SECRETARY

MAX_LENGTH = 10000


class BeneficiaryMinutesAddendum(models.TransientModel):
    """Put right what is wrong in minutes, by a text that is signed like them."""

    _name = "beneficiary.minutes.addendum"
    _description = "Addendum to Minutes"

    meeting_id = fields.Many2one(
        comodel_name="beneficiary.meeting", required=True, readonly=True
    )
    text = fields.Text(required=True)

    def action_add(self):
        """Write the addendum and ask for the signatures."""
        self.ensure_one()
        meeting = self.meeting_id
        meeting.check_access("write")
        self.env["beneficiary.beneficiary"]._require_group(SECRETARY)
        text = (clean_text(self.text, multiline=True) or "")[:MAX_LENGTH]
        if meeting.state != "closed" or not meeting.minutes_ids:
            raise UserError(
                self.env._(
                    "The meeting %(name)s has no minutes yet.",
                    name=meeting.display_name,
                )
            )
        if not text:
            raise UserError(self.env._("Write what the addendum says."))
        lang = self.env["beneficiary.minutes"]._paper_lang()
        words = meeting.with_context(lang=lang)
        minutes = meeting._issue_minutes(
            "addendum",
            {
                "title": words.env._(
                    "Addendum to the Minutes of %(committee)s",
                    committee=words.committee_id.name,
                ),
                "sections": [
                    words._minutes_part(
                        "head",
                        "",
                        [
                            (words.env._("Minutes"), meeting.name),
                            (
                                words.env._("Day of the meeting"),
                                words.env["beneficiary.minutes"]._paper_day(
                                    meeting._day()
                                ),
                            ),
                        ],
                    ),
                    words._minutes_part(
                        "addendum",
                        words.env._("Correction"),
                        [{"word": "addendum"}],
                        kind="text",
                    ),
                ],
            },
            {"addendum": text},
        )
        return minutes.with_env(self.env)._get_records_action(
            name=self.env._("Minutes")
        )
