import re

from odoo import models

CHANNEL = re.compile(r"beneficiary\.meeting_(\d{1,9})")


class IrWebsocket(models.AbstractModel):
    """Changes of a meeting are told only to those who may follow it."""

    _inherit = "ir.websocket"

    def _build_bus_channel_list(self, channels):
        asked = {
            channel: int(match[1])
            for channel in channels
            if isinstance(channel, str) and (match := CHANNEL.fullmatch(channel))
        }
        channels = [channel for channel in channels if channel not in asked]
        meetings = self.env["beneficiary.meeting"].browse(set(asked.values())).exists()
        channels.extend(
            meeting
            for meeting in meetings
            if meeting.has_access("read") and meeting._follows_session()
        )
        return super()._build_bus_channel_list(channels)
