"""What the installed models must not be: open, shared between companies, imprecise.

Reads the registry of a database in which the addons are installed. Methods that a user
may call are listed in ``public_methods.txt``, other exceptions in
``registry_exceptions.txt``; a line there that no longer matches is a finding too.
"""

import re

from odoo import http
from odoo.models import BaseModel

MONEY = re.compile(
    r"(amount|price|total|income|salary|balance|fee|cost|budget|ceiling|donat|paid)",
    re.I,
)
SENSITIVE = re.compile(r"(health|disab|medical|disease|prison|special_need)", re.I)
# What anybody may read, and only read.
OPEN_GROUPS = ("base.group_portal", "base.group_public")


def check(env, addons, folder):
    """Yield every finding that is not listed as known."""
    methods = dict.fromkeys(public_methods(env, addons))
    yield from compare("PUBLIC_METHOD", methods, folder / "public_methods.txt")
    others = {}
    for kind, key, why in findings(env, addons):
        others[f"{kind} {key}"] = why
    yield from compare("", others, folder / "registry_exceptions.txt")


def compare(kind, found, path):
    """Yield what was found and is not listed, and what is listed and not found."""
    known = listed(path)
    for key, why in found.items():
        if key not in known:
            text = f"{kind} {key}".strip()
            yield f"{text}{': ' + why if why else ''} (not in dev/{path.name})"
    for key in known:
        if key not in found:
            yield f"dev/{path.name}: {key} is no longer there: remove the line"


def listed(path):
    """The lines of a list, without comments."""
    if not path.exists():
        return []
    lines = (line.split("#")[0].strip() for line in path.read_text().splitlines())
    return [line for line in lines if line]


def ours(cls, addons):
    """Tell whether a class is defined in one of our addons."""
    parts = cls.__module__.split(".")
    return parts[:2] == ["odoo", "addons"] and parts[2:] and parts[2] in addons


def public_methods(env, addons):
    """Methods of our classes that RPC can call: ``model.method``."""
    for name in sorted(env.registry):
        model = env.registry[name]
        found = set()
        for cls in model.mro():
            if not ours(cls, addons):
                continue
            for attribute, value in vars(cls).items():
                if attribute.startswith("_") or not callable(value):
                    continue
                if isinstance(value, type) or hasattr(BaseModel, attribute):
                    continue
                if not getattr(getattr(model, attribute), "_api_private", False):
                    found.add(attribute)
        yield from (f"{name}.{attribute}" for attribute in sorted(found))


def findings(env, addons):
    """Yield (kind, key, explanation)."""
    for name in sorted(env.registry):
        model = env[name]
        if model._original_module in addons:
            yield from check_access(env, model)
            yield from check_company(env, model)
        yield from check_fields(model, addons)
    yield from check_routes(env, addons)


def check_access(env, model):
    """A model has access rights, each for a group; outsiders only read."""
    if model._abstract:
        return
    rows = env["ir.model.access"].search([("model_id.model", "=", model._name)])
    if not rows:
        yield "NO_ACCESS", model._name, "no access right at all"
    outsiders = [env.ref(xmlid) for xmlid in OPEN_GROUPS]
    for row in rows:
        if not row.group_id:
            yield "ACCESS_WITHOUT_GROUP", f"{model._name}/{row.name}", "open to all"
        elif row.group_id in outsiders:
            if row.perm_write or row.perm_create or row.perm_unlink:
                key = f"{model._name}/{row.name}"
                yield "PORTAL_WRITE", key, "portal users write past our controllers"


def check_company(env, model):
    """A model with a company has a global rule on it."""
    field = model._fields.get("company_id")
    if model._abstract or model._transient or not field or not field.store:
        return
    rules = env["ir.rule"].search([("model_id.model", "=", model._name)])
    for rule in rules:
        if not rule.groups and "company" in (rule.domain_force or ""):
            return
    yield "NO_COMPANY_RULE", model._name, "companies see each other's records"


def check_fields(model, addons):
    """Our fields: sanitised HTML, exact money, groups on sensitive data."""
    for name, field in model._fields.items():
        if field._module not in addons or field.inherited:
            continue
        key = f"{model._name}.{name}"
        if field.type == "html" and not field.sanitize:
            yield "HTML_UNSANITISED", key, "script in it would run"
        if field.type == "float" and MONEY.search(name):
            yield "MONEY_FLOAT", key, "money is a Monetary field"
        if SENSITIVE.search(name) and not (field.groups or model._transient):
            yield "SENSITIVE_WITHOUT_GROUPS", key, "every reader of the record sees it"


def check_routes(env, addons):
    """Our routes: who may call them without a login, or without a form token."""
    installed = env["ir.module.module"]._installed()
    for url, endpoint in http._generate_routing_rules(sorted(installed), False):
        cls = getattr(endpoint, "func", endpoint)
        if not any(f"odoo.addons.{addon}." in cls.__module__ for addon in addons):
            continue
        routing = endpoint.routing
        if routing["auth"] in ("public", "none"):
            yield "ROUTE_WITHOUT_LOGIN", url, f"auth={routing['auth']}"
        if routing["type"] == "http" and not routing.get("csrf", True):
            yield "ROUTE_WITHOUT_TOKEN", url, "csrf=False"
        if routing.get("cors"):
            yield "ROUTE_FOR_OTHER_SITES", url, "cors"
