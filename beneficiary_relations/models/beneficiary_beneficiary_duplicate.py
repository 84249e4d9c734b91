from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import SQL

from ..tools.text import normalise_arabic, normalise_identity

MATCHES_SHOWN = 20
# Trigram similarity of normalised names, from 0 to 1.
SIMILAR_NAME = 0.5
SIMILAR_NAME_SAME_BIRTH = 0.3
ALMOST_SAME_NAME = 0.8


class BeneficiaryBeneficiary(models.Model):
    """Finds files that may be the same person, and says why.

    Each way of matching asks an index of its own, so that the search stays as fast
    in a large registry as in a small one.
    """

    _inherit = "beneficiary.beneficiary"

    duplicate_note = fields.Text(
        string="May Be the Same Person",
        compute="_compute_duplicate_note",
    )

    _birth_idx = models.Index("(company_id, birth_date) WHERE birth_date IS NOT NULL")

    @api.depends("name", "identity_number", "phone", "birth_date")
    def _compute_duplicate_note(self):
        for file in self:
            matches = file._matches_of_file()
            file.duplicate_note = "\n".join(
                f"{card['title']} — {card['why']}" for card in self._cards(matches)
            )

    # ------------------------------------------------------------------
    # Matching
    # ------------------------------------------------------------------

    def _matches_of_file(self):
        """Return what may be the same person as this file, as :meth:`_matches`.

        Members of one household share phones and family names: that alone is no
        reason for a warning.
        """
        self.ensure_one()
        matches = self._matches(
            {
                "identity_number": self.identity_number,
                "name": self.name,
                "phone": self.phone,
                "birth_date": self.birth_date,
            },
            self.company_id or self.env.company,
            similar_name=ALMOST_SAME_NAME,
        )
        # Only compared, not shown: see _cards for what the user may know.
        others_sudo = (
            self.sudo()
            .browse(matches)
            .filtered(
                lambda file: (
                    file not in (self._origin, self.merged_into_id)
                    and file.merged_into_id != self._origin
                )
            )
        )
        return {
            other.id: matches[other.id]
            for other in others_sudo
            if matches[other.id] - {"phone", "name"}
            or not self._surely_another(other, matches[other.id])
        }

    def _surely_another(self, other, reasons):
        """Tell whether a shared phone or name is explained without a double."""
        births = self.birth_date and other.birth_date
        if births and self.birth_date != other.birth_date:
            return True
        family = self.household_id and self.household_id.id == other.household_id.id
        return bool(family and reasons == {"phone"})

    @api.model
    def _matches(self, probe, company, similar_name=SIMILAR_NAME):
        """Return the files of an association that may be a person, best first.

        Asked for the whole association whoever asks, so that nobody opens a second
        file; show the result through :meth:`_cards` only. Closed and archived files
        are included: they are reopened instead of doubled.

        :param dict probe: ``identity_number``, ``name``, ``phone``, ``iban``,
            ``birth_date``, each as typed or missing
        :param company: ``res.company``
        :return: ids of files with the reasons: ``number``, ``phone``, ``iban``,
            ``birth`` (with a similar name) and ``name``
        :rtype: dict[int, set[str]]
        """
        self.flush_model(["search_name", "birth_date", "company_id"])
        found = {}
        for reason, ids in (
            ("number", self._match_number(probe, company)),
            ("iban", self._match_iban(probe, company)),
            ("phone", self._match_phone(probe, company)),
            ("birth", self._match_birth(probe, company)),
            ("name", self._match_name(probe, company, similar_name)),
        ):
            for file_id in ids:
                found.setdefault(file_id, set()).add(reason)
        return dict(list(found.items())[:MATCHES_SHOWN])

    def _match_number(self, probe, company):
        number = normalise_identity(probe.get("identity_number"))
        return self._match_domain([("identity_number", "=", number)], number, company)

    def _match_phone(self, probe, company):
        number = probe.get("phone") and self._phone_key(probe["phone"])
        partners = number and self._match_partners(
            "res.partner", [("phone_sanitized", "=", number)], "id", company
        )
        return self._match_domain([("partner_id", "in", partners)], partners, company)

    def _match_iban(self, probe, company):
        try:
            iban = self._clean_iban(probe.get("iban"))
        except ValidationError:
            return []
        partners = iban and self._match_partners(
            "res.partner.bank", [("sanitized_acc_number", "=", iban)], "partner_id"
        )
        return self._match_domain([("partner_id", "in", partners)], partners, company)

    def _match_partners(self, model, domain, field_name, company=False):
        if company:
            domain = [*domain, ("company_id", "=", company.id)]
        records_sudo = self.env[model].sudo().search(domain, limit=MATCHES_SHOWN)
        partners = records_sudo if field_name == "id" else records_sudo[field_name]
        return partners.ids

    def _match_domain(self, domain, wanted, company):
        if not wanted:
            return []
        return (
            self.sudo()
            .with_context(active_test=False)
            .search([("company_id", "=", company.id), *domain], limit=MATCHES_SHOWN)
            .ids
        )

    def _match_birth(self, probe, company):
        key = normalise_arabic(probe.get("name"))
        if not (key and probe.get("birth_date") and self.env.registry.has_trigram):
            return []
        rows = self.env.execute_query(
            SQL(
                """
                SELECT id FROM beneficiary_beneficiary
                 WHERE company_id = %s AND birth_date = %s
                   AND similarity(search_name, %s) >= %s
                 ORDER BY similarity(search_name, %s) DESC, id LIMIT %s
                """,
                company.id,
                probe["birth_date"],
                key,
                SIMILAR_NAME_SAME_BIRTH,
                key,
                MATCHES_SHOWN,
            )
        )
        return [file_id for (file_id,) in rows]

    def _match_name(self, probe, company, similar_name):
        key = normalise_arabic(probe.get("name"))
        if not key:
            return []
        if not self.env.registry.has_trigram:
            return self._match_domain([("search_name", "=", key)], key, company)
        # The operator asks the trigram index; the setting lasts for this
        # transaction and nothing else uses it.
        self.env.execute_query(
            SQL(
                "SELECT set_config('pg_trgm.similarity_threshold', %s, TRUE)",
                str(similar_name),
            )
        )
        rows = self.env.execute_query(
            SQL(
                """
                SELECT id FROM beneficiary_beneficiary
                 WHERE company_id = %s AND search_name %% %s
                 ORDER BY similarity(search_name, %s) DESC, id LIMIT %s
                """,
                company.id,
                key,
                key,
                MATCHES_SHOWN,
            )
        )
        return [file_id for (file_id,) in rows]

    # ------------------------------------------------------------------
    # Showing
    # ------------------------------------------------------------------

    @api.model
    def _cards(self, matches):
        """Return what the user may know of matching files, in the same order.

        Of a file in another branch a representative learns that it exists, its
        number and its branch, and only when more than a similar name points to it:
        nobody reads the registry of another branch by trying names.

        :param dict matches: see :meth:`_matches`
        :return: dictionaries with ``title``, ``why``, ``file_number``,
            ``branch_name``, ``is_foreign`` and, for files the user may read,
            ``beneficiary_id``, ``name``, ``birth_date``, ``state``
        :rtype: list[dict]
        """
        files = self.browse(matches).with_context(active_test=False)
        readable = files._filtered_access("read")
        words = self._match_words()
        cards = []
        for file in files:
            reasons = matches[file.id]
            if "birth" in reasons:
                # It says the similar name, too.
                reasons = reasons - {"name"}
            foreign = file not in readable
            if foreign and reasons == {"name"}:
                continue
            # Number and branch only of what the user may not read.
            file_sudo = file.sudo()
            card = {
                "file_number": file_sudo.file_number,
                "branch_name": file_sudo.branch_id.name,
                "is_foreign": foreign,
                "why": self.env._(", ").join(
                    words[reason] for reason in words if reason in reasons
                ),
                "title": file_sudo.file_number,
            }
            if not foreign:
                card.update(
                    title=file.display_name,
                    beneficiary_id=file.id,
                    name=file.name,
                    birth_date=file.birth_date,
                    state=file.state,
                )
            elif card["branch_name"]:
                card["title"] = f"{file_sudo.file_number} ({card['branch_name']})"
            cards.append(card)
        return cards

    def _match_words(self):
        return {
            "number": self.env._("same identity number"),
            "iban": self.env._("same IBAN"),
            "phone": self.env._("same phone"),
            "birth": self.env._("same birth date and similar name"),
            "name": self.env._("similar name"),
        }
