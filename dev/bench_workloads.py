"""What is measured: the operations people do all day, beside the same in Odoo.

The aims and budgets are those of the product's performance design. Each workload is a
function that returns the pairs it measured.
"""

import re
from ast import literal_eval

import bench_committee
import bench_money
from bench_harness import Side, compare
from lxml import etree

from odoo import SUPERUSER_ID, api
from odoo.fields import Domain

REQUESTS = "beneficiary_aid.beneficiary_aid_request_action"
PIPELINE = "crm.crm_lead_action_pipeline"

# The web client asks for this many cards a column and rows a page.
LIMIT = 80
COUNT_LIMIT = 10001


# As imports and jobs write: without chatter.
QUIET = {"tracking_disable": True}

# From this many files on, a number is to be found 20 times as fast as a contact.
LARGE = 100_000

# ----------------------------------------------------------------
# W1: import
# ----------------------------------------------------------------


def import_people(registry, actors, repetitions):
    """Register 1,000 people, as an import does: no chatter."""
    rows = [
        {"name": f"Benchmark {number}", "phone": f"05{40000000 + number}"}
        for number in range(1000)
    ]

    def side(model, uid):
        return Side(
            model.removeprefix("beneficiary."),
            uid,
            lambda env: env[model].create([dict(row) for row in rows]),
            lambda env, records: check_length(records, len(rows)),
            {"tracking_disable": True},
        )

    # A file is a contact and a file, in batches of a hundred rows each: it cannot be
    # faster than the contact alone.
    return [
        compare(
            registry,
            "W1 import 1,000 people",
            side("beneficiary.beneficiary", actors.officer),
            side("res.partner", actors.salesman),
            aim=2.0,
            budget=45,
            repetitions=max(3, repetitions // 2),
        )
    ]


def check_length(records, expected):
    """Refuse a result of another length."""
    assert len(records) == expected, f"{len(records)} instead of {expected}"


# ----------------------------------------------------------------
# W1, W2: import requests
# ----------------------------------------------------------------


def import_all(registry, actors, repetitions):
    """Register people, and enter requests."""
    people = import_people(registry, actors, repetitions)
    return people + import_requests(registry, actors, repetitions)


def import_requests(registry, actors, repetitions):
    """Enter 1,000 requests, as an import does: no chatter."""
    return _thousand(
        registry, actors, repetitions, "W1 import 1,000 requests", 25, QUIET
    )


def enter_requests(registry, actors, repetitions):
    """Enter 1,000 requests with their chatter, as people work."""
    return _thousand(registry, actors, repetitions, "W2 enter 1,000 requests", 50, {})


def _thousand(registry, actors, repetitions, work, budget, context):
    count = len(actors.people)
    rows = {
        "beneficiary.aid.request": [
            {
                "beneficiary_id": actors.people[number % count],
                "aid_type_id": actors.aid_type,
                "amount_requested": 100.0 + number,
            }
            for number in range(1000)
        ],
        "crm.lead": [
            {"name": f"Benchmark {number}", "type": "opportunity"}
            for number in range(1000)
        ],
        "res.partner": [{"name": f"Benchmark {number}"} for number in range(1000)],
    }

    def side(model, uid):
        return Side(
            model.removeprefix("beneficiary."),
            uid,
            lambda env: env[model].create([dict(row) for row in rows[model]]),
            lambda env, records: check_length(records, 1000),
            context,
        )

    request = side("beneficiary.aid.request", actors.officer)
    # A contact has neither number nor stage, and no rows of its own to look up.
    peers = ((0.5, "crm.lead"), (1.0, "res.partner"))
    return [
        compare(
            registry,
            work,
            request,
            side(model, actors.salesman),
            aim=aim,
            budget=budget,
            repetitions=max(3, repetitions // 2),
        )
        for aim, model in peers
    ]


# ----------------------------------------------------------------
# W7: change the stage
# ----------------------------------------------------------------


def change_stage(registry, actors, repetitions):
    """Move one record and 1,000, with the change written to the log."""
    pairs = []
    for count, aim, budget in ((1, 0.9, 25), (1000, 0.35, 100)):
        with registry.cursor() as cr:
            env = api.Environment(cr, SUPERUSER_ID, {})
            requests = env["beneficiary.aid.request"].search(
                [("status", "=", "received")], limit=count
            )
            leads = env["crm.lead"].search([], limit=len(requests))
            last = env["crm.stage"].search([], order="sequence desc", limit=1)
            ids, lead_ids, stage_id = requests.ids, leads.ids, last.id

        def product(env, ids=ids):
            requests = env["beneficiary.aid.request"].browse(ids)
            requests.action_verify()
            return _logged(env, requests)

        def peer(env, ids=lead_ids, stage_id=stage_id):
            leads = env["crm.lead"].browse(ids)
            leads.write({"stage_id": stage_id})
            return _logged(env, leads)

        def check_request(env, requests):
            assert set(requests.mapped("status")) == {"verification"}

        def check_lead(env, leads, stage_id=stage_id):
            assert leads.stage_id.ids == [stage_id]

        pairs.append(
            compare(
                registry,
                f"W7 move {len(ids)}",
                Side("aid.request", actors.officer, product, check_request),
                Side("crm.lead", actors.salesman, peer, check_lead),
                aim=aim,
                budget=budget,
                repetitions=repetitions if count == 1 else max(3, repetitions // 2),
            )
        )
    return pairs


def _logged(env, records):
    """Write the log of the changes, as the end of a transaction does."""
    env.flush_all()
    env.cr.precommit.run()
    return records


# ----------------------------------------------------------------
# W3: create one
# ----------------------------------------------------------------


def create_one(registry, actors, repetitions):
    """Create one record the way a form does, with its number and its chatter."""

    def product(env):
        return env["beneficiary.aid.request"].create(
            {
                "beneficiary_id": actors.people[0],
                "aid_type_id": actors.aid_type,
                "reason": "Benchmark",
                "amount_requested": 1500.0,
            }
        )

    def lead(env):
        return env["crm.lead"].create(
            {
                "name": "Benchmark",
                "type": "opportunity",
                "partner_id": actors.partners[0],
                "expected_revenue": 1500.0,
            }
        )

    def task(env):
        return env["project.task"].create(
            {"name": "Benchmark", "project_id": actors.project}
        )

    def partner(env):
        return env["res.partner"].create({"name": "Benchmark"})

    def check_request(env, request):
        assert request.name and request.stage_id and request.status == "received"

    def check_created(env, record):
        assert record.exists()

    request = Side("aid.request", actors.officer, product, check_request)
    # The contact has neither number nor stage: the aim is to be no slower.
    peers = (
        (0.6, Side("crm.lead", actors.salesman, lead, check_created)),
        (0.6, Side("project.task", actors.salesman, task, check_created)),
        (1.0, Side("res.partner", actors.salesman, partner, check_created)),
    )
    pairs = [
        compare(
            registry,
            "W3 create one",
            request,
            peer,
            aim=aim,
            budget=15,
            repetitions=repetitions,
        )
        for aim, peer in peers
    ]

    def person(env):
        return env["beneficiary.beneficiary"].create({"name": "Benchmark"})

    pairs.append(
        compare(
            registry,
            "W3 register one",
            Side("beneficiary", actors.officer, person, check_created),
            peers[-1][1],
            aim=2.0,
            budget=18,
            repetitions=repetitions,
        )
    )
    return pairs


# ----------------------------------------------------------------
# W4: open the board
# ----------------------------------------------------------------


def open_board(registry, actors, repetitions):
    """Open the kanban: the columns with their cards, then the progress bars."""

    def side(model, uid, action, domain=()):
        screen = Screen(registry, uid, model, "kanban", action, domain)
        return Side(
            model.removeprefix("beneficiary."),
            uid,
            screen.open_board,
            lambda env, groups: check_board(groups, actors.opened),
        )

    request = side("beneficiary.aid.request", actors.officer, REQUESTS)
    peers = (
        side("crm.lead", actors.salesman, PIPELINE),
        # The board of one project: new users get tasks outside of any.
        side(
            "project.task",
            actors.salesman,
            None,
            [("project_id", "=", actors.project)],
        ),
    )
    return [
        compare(
            registry,
            "W4 open board",
            request,
            peer,
            aim=0.5,
            budget=15,
            repetitions=repetitions,
        )
        for peer in peers
    ]


def check_board(groups, opened):
    """Refuse a board that does not show every open record."""
    counted = sum(group["__count"] for group in groups)
    assert counted == opened, f"the board shows {counted} of {opened} records"
    assert any(group.get("__records") for group in groups)


# ----------------------------------------------------------------
# W5: open the list
# ----------------------------------------------------------------


def open_list(registry, actors, repetitions):
    """Open the list with its default filter: first page and count."""

    def side(model, uid, action, expected):
        screen = Screen(registry, uid, model, "list", action)
        return Side(
            model.removeprefix("beneficiary."),
            uid,
            screen.open_list,
            lambda env, answer: check_list(answer, expected),
        )

    request = side("beneficiary.aid.request", actors.officer, REQUESTS, actors.opened)
    peers = (
        side("crm.lead", actors.salesman, PIPELINE, actors.opened),
        side("res.partner", actors.salesman, None, None),
    )
    people = side("beneficiary.beneficiary", actors.officer, None, actors.registered)
    return [
        compare(
            registry,
            "W5 open list",
            product,
            peer,
            aim=aim,
            budget=budget,
            repetitions=repetitions,
        )
        for product, peer, aim, budget in (
            *((request, peer, 0.5, 10) for peer in peers),
            # Every column that can be shown: the relations cost a query each.
            (people, peers[-1], 1.0, 14),
        )
    ]


def check_list(answer, expected):
    """Refuse a list that counts something else than the open records."""
    if expected is not None:
        shown = min(expected, COUNT_LIMIT)
        assert answer["length"] == shown, f"{answer['length']} of {shown} rows"
    assert answer["records"]


# ----------------------------------------------------------------
# W6: search
# ----------------------------------------------------------------


def search_people(registry, actors, repetitions):
    """Find a person by number, phone and name, as in any field that asks for one."""
    with registry.cursor() as cr:
        env = api.Environment(cr, actors.officer, {})
        person = env["beneficiary.beneficiary"].search([], order="id", limit=1)
        values = {
            "W6 identity number": person.identity_number,
            "W6 file number": person.file_number,
            "W6 phone": person.phone,
            "W6 rare name": person.name,
            "W6 frequent name": person.name.split()[0],
        }

    def side(model, uid, value, must_find):
        return Side(
            model.removeprefix("beneficiary."),
            uid,
            lambda env: env[model].name_search(value, limit=8),
            lambda env, found: check_found(found, must_find),
        )

    # A few thousand contacts are searched in no time whatever the way.
    number_aim = 0.05 if actors.registered >= LARGE else 2.0
    return [
        compare(
            registry,
            work,
            side("beneficiary.beneficiary", actors.officer, value, True),
            side("res.partner", actors.salesman, value, False),
            aim=1.0 if "name" in work else number_aim,
            budget=8,
            repetitions=repetitions,
        )
        for work, value in values.items()
    ]


def check_found(found, must_find):
    """Refuse a search that misses the person."""
    assert found or not must_find


# ----------------------------------------------------------------
# W16: score the registry
# ----------------------------------------------------------------


def score_registry(registry, actors, repetitions):
    """Ask all automatic conditions of every file, beside the bare statement."""

    def product(env):
        policy = env["beneficiary.policy"].browse(actors.policy)
        rows = env.execute_query(policy._scores_sql())
        return {file: (score, conditions) for file, score, conditions, _how in rows}

    def bare(env):
        env.cr.execute(
            """
            SELECT file.id,
                   CASE WHEN household.per_capita_income < 500 THEN 40
                        WHEN household.per_capita_income < 1000 THEN 20
                        ELSE 0 END
                   + CASE WHEN file.gender = 'female' THEN 5 ELSE 0 END,
                   CASE WHEN file.identity_kind IN ('citizen', 'gcc')
                             OR file.residence_expiry >= CURRENT_DATE THEN 'met'
                        WHEN file.residence_expiry IS NOT NULL THEN 'not_met'
                        ELSE 'unknown' END
              FROM beneficiary_beneficiary AS file
              LEFT JOIN beneficiary_household AS household
                     ON household.id = file.household_id
             WHERE file.active IS TRUE AND file.state <> 'closed'
            """
        )
        return {file: (score, met) for file, score, met in env.cr.fetchall()}

    def check(env, scores):
        check_length(scores, actors.registered)
        assert sum(score for score, _conditions in scores.values()) > 0

    return [
        compare(
            registry,
            "W16 score the registry",
            Side("_scores_sql", SUPERUSER_ID, product, check),
            Side("bare SQL", SUPERUSER_ID, bare, check),
            aim=6.0,
            # The rule is read, then one statement answers.
            budget=10,
            repetitions=repetitions,
        )
    ]


# ----------------------------------------------------------------
# The web client's part
# ----------------------------------------------------------------


class Screen:
    """What the web client knows of a screen before it asks for records."""

    def __init__(self, registry, uid, model, kind, action, domain=()):
        self.model = model
        with registry.cursor() as cr:
            env = api.Environment(cr, uid, {})
            views = env[model].get_views([(False, kind)])
            arch = etree.fromstring(views["views"][kind]["arch"])
            self.domain = Domain(domain or [])
            if action:
                self.domain &= self._default_domain(env, action)
            self.specification = self._specification(env[model]._fields, arch)
        self.groupby = arch.get("default_group_by") or "stage_id"
        self.progress_bar, self.sums = None, []
        bar = arch.find(".//progressbar")
        if bar is not None:
            colours = literal_eval(bar.get("colors"))
            self.progress_bar = {"field": bar.get("field"), "colors": colours}
            if bar.get("sum_field"):
                self.sums = [f"{bar.get('sum_field')}:sum"]

    def _default_domain(self, env, xmlid):
        """Return the domain of an action with its default filters.

        Filters on the person are left out: everybody looks at everything.
        """
        action = env.ref(xmlid).sudo()
        views = env[self.model].get_views([(action.search_view_id.id, "search")])
        filters = {
            node.get("name"): node.get("domain")
            for node in etree.fromstring(views["views"]["search"]["arch"]).iter(
                "filter"
            )
        }
        domain = Domain(literal_eval(action.domain or "[]"))
        for name in re.findall(r"search_default_(\w+)", action.context or ""):
            if filters.get(name) and "uid" not in filters[name]:
                domain &= Domain(literal_eval(filters[name]))
        return domain

    def _specification(self, fields, arch):
        """Return what is read of each record, from the fields of the view."""
        specification = {}
        for node in arch.iter("field"):
            field = fields.get(node.get("name"))
            if field is not None:
                relational = {"fields": {"display_name": {}}}
                specification[field.name] = relational if field.relational else {}
        return specification

    def open_board(self, env):
        """Ask for the columns with their cards, and for the progress bars."""
        Model = env[self.model].with_context(read_group_expand=True)
        answer = Model.web_read_group(
            self.domain,
            [self.groupby],
            self.sums,
            auto_unfold=True,
            unfold_read_specification=self.specification,
            unfold_read_default_limit=LIMIT,
        )
        if self.progress_bar:
            Model.read_progress_bar(self.domain, self.groupby, self.progress_bar)
        return answer["groups"]

    def open_list(self, env):
        """Ask for the first page and the count."""
        return env[self.model].web_search_read(
            self.domain, self.specification, limit=LIMIT, count_limit=COUNT_LIMIT
        )


WORKLOADS = {
    "W1": import_all,
    "W2": enter_requests,
    "W3": create_one,
    "W4": open_board,
    "W5": open_list,
    "W6": search_people,
    "W7": change_stage,
    **bench_committee.WORKLOADS,
    **bench_money.WORKLOADS,
    "W16": score_registry,
}
