import base64
import io
import logging
import re

from PIL import Image, ImageDraw

from odoo.tests import HttpCase, JsonRpcException

from .common import CITIZENS, PDF, BeneficiaryCommon

CANARY = "سر لا يراه أحد"
_CSRF = re.compile(r'csrf_token: "([^"]+)"')


def _is_no_warning(record):
    return record.levelno != logging.WARNING


def make_png(width=300, height=120, drawn=True):
    """Return a PNG as a browser draws it: transparent, with a stroke or without."""
    image = Image.new("RGBA", (width, height), (0, 0, 0, 0))
    if drawn:
        pen = ImageDraw.Draw(image)
        pen.line((10, 60, 150, 20, 280, 100), fill=(0, 0, 0, 255), width=3)
    buffer = io.BytesIO()
    image.save(buffer, format="PNG")
    return buffer.getvalue()


def make_data_url(content):
    """Return bytes as a PNG data URL, as a canvas gives it."""
    return "data:image/png;base64," + base64.b64encode(content).decode()


class PortalCommon(BeneficiaryCommon, HttpCase):
    """Two people with a portal user each, who must never see one another."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # Odoo warns of every refused call; that calls are refused is tested here.
        # Errors of the server stay in the log.
        logger = logging.getLogger("odoo.http")
        logger.addFilter(_is_no_warning)
        cls.addClassCleanup(logger.removeFilter, _is_no_warning)
        cls.own = cls._create_beneficiary(
            name="سارة الغامدي",
            identity_number=CITIZENS[1],
            email="sara@example.org",
            phone="0501234567",
        )
        cls.foreign = cls._create_beneficiary(
            name=CANARY,
            identity_number=CITIZENS[2],
            email="foreign@example.org",
        )
        cls.user = cls.own._grant_portal()
        cls.foreign_user = cls.foreign._grant_portal()
        # The pages are compared in the language of the sources.
        cls.env["res.lang"]._activate_lang("en_US")
        cls.env["ir.default"].set("res.partner", "lang", "en_US")
        for user in cls.user | cls.foreign_user:
            user.lang = "en_US"

    def setUp(self):
        super().setUp()
        self.authenticate(self.user.login, self.user.login)

    def log_in(self, user):
        """Continue as another user."""
        self.authenticate(user.login, user.login)

    def csrf_token(self):
        """Return the token of the session, read from a page as a browser does."""
        return self.csrf_token_of(self.url_open("/my"))

    def csrf_token_of(self, response):
        """Return the token a page holds."""
        return _CSRF.search(response.text).group(1)

    def post(self, path, data=None, files=None, **kwargs):
        """Send a form with its token.

        :param str path: where to
        :param dict data: the fields
        :param list files: ``[(field, (file name, content))]``
        """
        return self.url_open(
            path,
            data={"csrf_token": self.csrf_token(), **(data or {})},
            files=files,
            method="POST",
            **kwargs,
        )

    def call(self, model, method, *args, **kwargs):
        """Call a model's method as the client does."""
        return self.make_jsonrpc_request(
            f"/web/dataset/call_kw/{model}/{method}",
            {"model": model, "method": method, "args": list(args), "kwargs": kwargs},
        )

    def assertRefused(self, model, method, *args, **kwargs):
        """Assert that a call is refused, whatever its arguments."""
        with self.assertRaises(JsonRpcException):
            self.call(model, method, *args, **kwargs)

    def assertCalm(self, response):
        """Assert that a page tells a person nothing of the machine behind it."""
        for word in ("Traceback", "psycopg2", "odoo.exceptions", "SELECT "):
            self.assertNotIn(word, response.text)

    def own_part(self, response):
        """Return what a page says, without the frame that names its address."""
        return response.text.partition('<div class="o_bp">')[2].partition("<footer")[0]

    def assertNothingForeign(self, response):
        """Assert that a page shows nothing of the other person."""
        self.assertCalm(response)
        self.assertNotIn(CANARY, response.text)


PDF_UPLOAD = ("card.pdf", PDF)
EXE_AS_PDF = ("card.pdf", b"MZ\x90\x00\x03" + b"\x00" * 64)
