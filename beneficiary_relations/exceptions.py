from odoo.exceptions import ValidationError


class PortalError(ValidationError):
    """What is wrong with an answer, in words written for the person in the portal.

    Pages show its text beside the answer. Any other error of the models is meant for
    colleagues: pages say in its place that something went wrong on our side.
    """
