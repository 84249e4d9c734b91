from urllib.parse import urlsplit

from odoo.http import request

from odoo.addons.portal.controllers.web import Home


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
        if address.netloc or not address.path.startswith("/my/"):
            return redirect
        routes = request.env["ir.http"].routing_map().bind("")
        path = address.path
        while path != "/my" and not routes.test(path, method="GET"):
            path = path.rpartition("/")[0]
        return redirect if path == address.path else path
