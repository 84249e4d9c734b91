import re
from urllib.parse import urlsplit

from odoo.http import request

from odoo.addons.portal.controllers.web import Home

# What stands before an address in another language than the first one, or nothing.
_LANGUAGE = re.compile(r"(/[a-z]{2,3}(_\w+)?)?")


class BeneficiaryHome(Home):
    def _login_redirect(self, uid, redirect=None):
        """Show the portal in the person's own language after the login.

        The login page itself leaves a cookie with the language of the site, which
        would win over the language of the person.
        """
        # The language of whoever has just logged in; nothing else is read.
        user = request.env["res.users"].sudo().browse(uid)
        if user.share:
            lang = request.env["ir.http"].get_nearest_lang(user.lang)
            if lang:
                request.future_response.set_cookie("frontend_lang", lang)
            redirect = self._page_behind(redirect)
        return super()._login_redirect(uid, redirect=redirect)

    def _page_behind(self, redirect):
        """Return the page a form stood on, where only forms are sent to an address.

        A form sent after the session was over leads to the login and from there to
        the address of the form, which shows nothing.

        :param str redirect: where the login leads to
        """
        address = urlsplit(redirect or "")
        # Before it, the language where it is not the first one: /en/my/requests.
        language, portal, path = address.path.partition("/my/")
        if address.netloc or not portal or not _LANGUAGE.fullmatch(language):
            return redirect
        routes = request.env["ir.http"].routing_map().bind("")
        page = path = f"{portal}{path}"
        while page != "/my" and not routes.test(page, method="GET"):
            page = page.rpartition("/")[0]
        return redirect if page == path else f"{language}{page}"
