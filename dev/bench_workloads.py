"""What is measured: the operations people do all day, beside the same in Odoo.

The aims and budgets are those of the product's performance design. Each workload is a
function that returns the pairs it measured.
"""

import re
from ast import literal_eval

from bench_harness import Side, compare
from lxml import etree

from odoo import api
from odoo.fields import Domain

REQUESTS = "beneficiary_aid.beneficiary_aid_request_action"
PIPELINE = "crm.crm_lead_action_pipeline"

# The web client asks for this many cards a column and rows a page.
LIMIT = 80
COUNT_LIMIT = 10001


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
    return [
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
    return [
        compare(
            registry,
            "W5 open list",
            request,
            peer,
            aim=0.5,
            budget=10,
            repetitions=repetitions,
        )
        for peer in peers
    ]


def check_list(answer, expected):
    """Refuse a list that counts something else than the open records."""
    if expected is not None:
        shown = min(expected, COUNT_LIMIT)
        assert answer["length"] == shown, f"{answer['length']} of {shown} rows"
    assert answer["records"]


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


WORKLOADS = {"W3": create_one, "W4": open_board, "W5": open_list}
