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
        return super()._login_redirect(uid, redirect=redirect)
