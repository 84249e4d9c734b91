"""W8: a committee that votes on requests and decides them, beside core's reviews.

The peer asks the same people for the same number of answers as activities of Odoo, and
gets them; it counts nothing and decides nothing. OCA's tier validation, the nearest
thing to a vote, is not installed here.
"""

import json

from bench_harness import Side, compare

from odoo import SUPERUSER_ID, api

REQUESTS = 100
NAME = "Benchmark of Votes"
QUIET = {"tracking_disable": True}
VOTERS = ("chair", "member_a", "member_b")
# Where a kept database remembers the association of this workload.
KEPT = "beneficiary_bench.votes"


class _World:
    """What the sides need: ids of users and records, made once and kept."""

    def __init__(self, items, secretary, voters):
        self.items, self.secretary, self.voters = items, secretary, voters


def prepare(registry):
    """Return an association whose committee votes on requests.

    :rtype: _World
    """
    with registry.cursor() as cr:
        env = api.Environment(cr, SUPERUSER_ID, QUIET)
        parameters = env["ir.config_parameter"]
        if not parameters.get_param(KEPT):
            parameters.set_param(KEPT, json.dumps(_fill(env)))
            cr.commit()
            cr.execute("ANALYZE")
        world = _World(**json.loads(parameters.get_param(KEPT)))
        cr.commit()
    return world


def _fill(env):
    # Importable only when Odoo runs.
    from odoo.addons.beneficiary_aid.tests.common import AidCommon

    steps = type("Steps", (AidCommon,), {"env": env})
    steps._set_up_association()
    meeting = steps._open_meeting(*VOTERS)
    items = meeting.item_ids
    for number in range(REQUESTS):
        person = steps._create_beneficiary(
            name=f"{NAME} {number}",
            identity_kind="other",
            identity_number=f"V{number:05}",
        )
        request = steps._refer(steps._create_request(person))
        items |= steps._put_on_agenda(meeting, request, amount=100)
    items.with_user(steps.secretary).action_open_vote()
    return {
        "items": items.ids,
        "secretary": steps.secretary.id,
        "voters": [getattr(steps, name).id for name in VOTERS],
    }


def decide(registry, actors, repetitions):
    """Vote on 100 requests, count the votes and make the decisions."""
    world = prepare(registry)
    with registry.cursor() as cr:
        env = api.Environment(cr, SUPERUSER_ID, {})
        lead_ids = env["crm.lead"].search([], limit=REQUESTS).ids

    def product(env):
        items = env["beneficiary.agenda.item"].browse(world.items)
        for voter in world.voters:
            items.with_user(voter).action_vote_yes()
        items.action_close_vote()
        return items

    def check(env, items):
        assert set(items.mapped("state")) == {"decided"}
        assert len(items.decision_ids) == REQUESTS

    def reviews(env):
        leads = env["crm.lead"].browse(lead_ids)
        for _voter in world.voters:
            for lead in leads:
                lead.activity_schedule("mail.mail_activity_data_todo", user_id=env.uid)
        activities = leads.activity_ids
        activities.action_feedback()
        return activities

    def check_reviews(env, activities):
        assert not activities.exists().filtered("active")

    return [
        compare(
            registry,
            f"W8 decide {REQUESTS} requests",
            Side("aid.committee", world.secretary, product, check),
            Side("crm.lead reviews", actors.salesman, reviews, check_reviews),
            aim=0.5,
            budget=250,
            repetitions=max(3, repetitions // 2),
        )
    ]


WORKLOADS = {"W8": decide}
