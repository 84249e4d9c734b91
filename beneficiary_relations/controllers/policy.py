"""What everybody may read: the charter, the services and the policy.

Open to all, under the address of each association. Only a policy that is in force and
published is shown, as words; no record reaches the page.
"""

from werkzeug.exceptions import NotFound

from odoo import http
from odoo.http import request

from .portal import BeneficiaryPortal, portal_page


class BeneficiaryPolicyPages(BeneficiaryPortal):
    def _render_public(self, template, address):
        policy = request.env["beneficiary.policy"]._published(address)
        if not policy:
            raise NotFound()
        return self._render_page(
            template,
            # The layout's header is of the main association; the page has its own.
            {**policy._public_values(), "no_header": True, "no_footer": True},
            page_name="charity",
        )

    @http.route(
        "/charity/<string:address>",
        type="http",
        auth="public",
        website=True,
        methods=["GET"],
        sitemap=False,
    )
    @portal_page
    def public_charter(self, address, **kwargs):
        """The service charter: how to reach the association and what to expect."""
        return self._render_public("beneficiary_relations.public_charter", address)

    @http.route(
        "/charity/<string:address>/services",
        type="http",
        auth="public",
        website=True,
        methods=["GET"],
        sitemap=False,
    )
    @portal_page
    def public_services(self, address, **kwargs):
        """The catalogue: who is entitled, what to bring, the steps, the time."""
        return self._render_public("beneficiary_relations.public_services", address)

    @http.route(
        "/charity/<string:address>/policy",
        type="http",
        auth="public",
        website=True,
        methods=["GET"],
        sitemap=False,
    )
    @portal_page
    def public_policy(self, address, **kwargs):
        """The whole text of the policy in force."""
        return self._render_public("beneficiary_relations.public_policy", address)
