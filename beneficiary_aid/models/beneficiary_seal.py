import hashlib
import json

from odoo import api, fields, models
from odoo.tools import SQL


class BeneficiarySeal(models.Model):
    """What a record said when it was stored, chained to what was stored before it.

    Votes of one item are one chain, minutes and signatures of one committee another.
    A sealed model gives its digest by ``_seal_digest``. The caller of :meth:`_append`
    has written a row that sessions of the same chain share, so that they follow each
    other.
    """

    _name = "beneficiary.seal"
    _description = "Seal"
    _inherit = "beneficiary.once.mixin"
    _order = "chain, position"
    _rec_name = "hash"

    company_id = fields.Many2one(
        comodel_name="res.company", required=True, index=True, ondelete="restrict"
    )
    chain = fields.Char(required=True)
    position = fields.Integer(required=True, aggregator=None)
    res_model = fields.Char(string="Model", required=True)
    res_id = fields.Many2oneReference(
        string="Record", model_field="res_model", required=True
    )
    digest = fields.Char(required=True)
    previous_hash = fields.Char()
    hash = fields.Char(string="Seal", required=True)
    sealed_on = fields.Datetime(required=True)

    _position_uniq = models.UniqueIndex(
        "(chain, position)", "Somebody sealed at the same moment. Try again."
    )
    _record_uniq = models.UniqueIndex(
        "(res_model, res_id)", "This record is sealed already."
    )

    @api.model
    def _once_words(self):
        return self.env._("A seal stays as it was made.")

    @api.model
    def _append(self, chain, records):
        """Seal records that were just stored; see :meth:`_append_all`.

        :param str chain: which records follow each other
        :param records: of a model with ``_seal_digest``
        :return: the seals, as superuser
        """
        return self._append_all({chain: records})

    @api.model
    def _append_all(self, chains):
        """Seal records that were just stored, each chain after its own last seal.

        :param dict chains: ``{chain: records}`` of a model with ``_seal_digest``
        :return: the seals, as superuser
        """
        ends = self._ends(list(chains))
        rows = []
        for chain, records in chains.items():
            rows += self._next_rows(chain, records, *ends.get(chain, (False, 0)))
        # Nobody has a right to create seals; they follow from what was stored.
        return self.sudo().create(rows)

    @api.model
    def _ends(self, chains):
        """Return the hash and the position of the last seal of each chain."""
        # A few columns of what this model wrote itself; see _append_all.
        self.flush_model(["chain", "position", "hash"])
        rows = self.env.execute_query(
            SQL(
                """
                SELECT DISTINCT ON (chain) chain, hash, position
                  FROM beneficiary_seal
                 WHERE chain = ANY(%s)
                 ORDER BY chain, position DESC
                """,
                chains,
            )
        )
        return {chain: (last, position) for chain, last, position in rows}

    @api.model
    def _next_rows(self, chain, records, previous, position):
        """Return the values of the seals that follow in a chain."""
        now = fields.Datetime.now()
        rows = []
        for record in records.sudo():
            position += 1
            vals = {
                "company_id": record.company_id.id,
                "chain": chain,
                "position": position,
                "res_model": record._name,
                "res_id": record.id,
                "digest": record._seal_digest(),
                "previous_hash": previous,
                "sealed_on": now,
            }
            vals["hash"] = previous = self._hash(vals)
            rows.append(vals)
        return rows

    @api.model
    def _hash(self, vals):
        """Return the hash of a row of the chain."""
        return self._digest_of(
            [
                vals["company_id"],
                vals["chain"],
                vals["position"],
                vals["res_model"],
                vals["res_id"],
                vals["digest"],
                vals["previous_hash"] or "",
                fields.Datetime.to_string(vals["sealed_on"]),
            ]
        )

    @api.model
    def _digest_of(self, values):
        """Return the digest of plain values."""
        text = json.dumps(values, ensure_ascii=False, sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()

    @api.model
    def _of(self, records):
        """Return the seals of records."""
        return self.search(
            [("res_model", "=", records._name), ("res_id", "in", records.ids)]
        )

    # ------------------------------------------------------------------
    # Checking
    # ------------------------------------------------------------------

    @api.model
    def _broken(self, company):
        """Return the seals of an association that do not hold.

        :param company: ``res.company``
        :return: seals that were changed, out of their chain, or whose record is gone
            or says something else
        """
        seals = self.search([("company_id", "=", company.id)])
        broken = self.browse()
        digests = {}
        for model, own in seals.grouped("res_model").items():
            records = self.env[model].browse(own.mapped("res_id")).exists()
            digests.update(
                {(model, record.id): record._seal_digest() for record in records}
            )
        previous = self.browse()
        for seal in seals:
            if previous.chain != seal.chain:
                previous = self.browse()
            vals = {
                name: seal[name]
                for name in (
                    "chain",
                    "position",
                    "res_model",
                    "res_id",
                    "digest",
                    "previous_hash",
                    "sealed_on",
                )
            }
            vals["company_id"] = seal.company_id.id
            if (
                seal.hash != self._hash(vals)
                or (seal.previous_hash or False) != (previous.hash or False)
                or seal.position != previous.position + 1
                or digests.get((seal.res_model, seal.res_id)) != seal.digest
            ):
                broken |= seal
            previous = seal
        return broken

    @api.model
    def _unsealed_votes(self, company):
        """Return votes that came in beside the chain of their item.

        :param company: ``res.company``
        :return: ``beneficiary.vote``; votes given before seals were kept have none
        """
        own = [("company_id", "=", company.id), ("res_model", "=", "beneficiary.vote")]
        sealed = set(self.search(own).mapped("res_id"))
        if not sealed:
            return self.env["beneficiary.vote"]
        return (
            self.env["beneficiary.vote"]
            .search([("company_id", "=", company.id), ("id", ">=", min(sealed))])
            .filtered(lambda vote: vote.id not in sealed)
        )
