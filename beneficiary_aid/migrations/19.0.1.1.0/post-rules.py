from odoo import SUPERUSER_ID, api

RULE = "beneficiary_aid.beneficiary_vote_rule_open"
# What the rule said before votes by name were seen while the vote is open, and before
# a vote could be given for somebody else.
OLDER = "['|', ('item_id.state', '!=', 'voting'), ('member_id.user_id', '=', user.id)]"
NOW = (
    "['|', '|', '|', ('item_id.state', '!=', 'voting'),"
    " ('member_id.user_id', '=', user.id), ('cast_by_id.user_id', '=', user.id),"
    " ('item_id.committee_id.ballot', '=', 'named')]"
)


def migrate(cr, version):
    """Bring the rule on open votes up to date: it is data that updates leave alone.

    A rule an association changed stays as it is.
    """
    env = api.Environment(cr, SUPERUSER_ID, {})
    rule = env.ref(RULE, raise_if_not_found=False)
    if rule and "".join((rule.domain_force or "").split()) == "".join(OLDER.split()):
        rule.domain_force = NOW
