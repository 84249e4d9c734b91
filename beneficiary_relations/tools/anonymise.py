"""Destroying personal data may cut what nobody else may change."""

# A caller over RPC cannot send this object in a context.
ANONYMISING = object()


def is_anonymising(env):
    """Tell whether personal data are being destroyed in this environment.

    :param env: ``odoo.api.Environment``
    :rtype: bool
    """
    return env.context.get("beneficiary_anonymising") is ANONYMISING
