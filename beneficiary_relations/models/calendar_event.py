from odoo import models


class CalendarEvent(models.Model):
    """Moving the calendar entry of a visit moves the visit."""

    _inherit = "calendar.event"

    def write(self, vals):
        moved = {"start", "stop", "duration"}.intersection(vals)
        res = super().write(vals)
        if moved and not self.env.context.get("beneficiary_visit_in_step"):
            # Found whatever the user may read, and written with the own rights.
            visits_sudo = (
                self.env["beneficiary.visit"]
                .sudo()
                .search([("event_id", "in", self.ids), ("state", "!=", "cancelled")])
            )
            for visit in visits_sudo.sudo(self.env.su):
                event = visit.sudo().event_id
                if (event.start, event.duration) != (
                    visit.sudo().planned_on,
                    visit.sudo().duration,
                ):
                    visit.write({"planned_on": event.start, "duration": event.duration})
        return res
