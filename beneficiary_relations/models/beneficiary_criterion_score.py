import math

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain
from odoo.tools import SQL

NUMBERS = ("integer", "float", "monetary")


class BeneficiaryCriterion(models.Model):
    """Points for the need score, and the conditions asked of the whole registry.

    A mandatory condition opens or closes the door; a scored one gives points: the
    same for whoever meets it, or after bands of the value seen.
    """

    _name = "beneficiary.criterion"
    _inherit = ["beneficiary.criterion"]

    band_ids = fields.One2many(
        comodel_name="beneficiary.criterion.band",
        inverse_name="criterion_id",
        string="Points by Value",
        copy=True,
        help="Points after the value seen, instead of the same points for all.",
    )

    _weight_bounded = models.Constraint(
        "CHECK(weight BETWEEN -1000 AND 1000)",
        "The points of a condition lie between -1000 and 1000.",
    )

    @api.constrains("kind", "mandatory", "value_field", "band_ids")
    def _check_bands(self):
        for criterion in self.filtered("band_ids"):
            if (
                criterion.kind != "automatic"
                or criterion.mandatory
                or not criterion.value_field
                or criterion._value_type() not in NUMBERS
            ):
                raise ValidationError(
                    self.env._(
                        "Bands of points are for a scored automatic condition whose "
                        "value seen is a number. Choose such a value for %(name)s, or "
                        "remove the bands.",
                        name=criterion.name,
                    )
                )

    def _met_domain(self):
        domain = super()._met_domain()
        if not self.band_ids:
            return domain
        return domain & Domain.OR(self._band_domain(band) for band in self.band_ids)

    def _points_for(self, beneficiaries):
        """Return the points a scored automatic condition gives, one query a band.

        :return: ``{id of the file: points}``, without those who get none
        """
        self.ensure_one()
        points = {}
        scope = Domain("id", "in", beneficiaries.filtered(self._applies_to).ids)
        for domain, given in self._cases():
            points |= dict.fromkeys(self._files().search(scope & domain).ids, given)
        return points

    def _cases(self):
        """Return who gets which points of a scored condition.

        :return: pairs of a domain of files and the points; no file is in two
        """
        self.ensure_one()
        domain = self._met_domain()
        if not self.band_ids:
            return [(domain, self.weight)]
        return [
            (domain & self._band_domain(band), band.points) for band in self.band_ids
        ]

    def _band_domain(self, band):
        """Return the files whose value lies in a band; unknown values lie in none."""
        lowest, highest = band._bounds_of()
        # A whole number has reached 17.5 at 18.
        rounded = math.ceil if self._value_type() == "integer" else float
        domain = self._known_domain()
        if math.isfinite(lowest):
            domain &= Domain(self.value_field, ">=", rounded(lowest))
        if math.isfinite(highest):
            domain &= Domain(self.value_field, "<", rounded(highest))
        return domain

    def _score_in_words(self, found, results):
        """Return what a file's score holds of the condition, as one line.

        :param found: the points or the result, ``None`` when the file keeps none
        :param dict results: the words of results
        """
        self.ensure_one()
        if self.mandatory or isinstance(found, str):
            return f"{self.name}: {results[found or 'met']}"
        return self.env._(
            "%(condition)s: %(points)s points",
            condition=self.name,
            points=found or 0,
        )

    def _value_type(self):
        _prefix, (field,) = self._resolve("beneficiary.beneficiary", self.value_field)
        return field.type

    def _hits_sql(self, scope):
        """Return what the conditions say of files, as selects to be joined.

        Each gives ``file_id, criterion_id, points, result``: a line for each file
        that gets points, and for each that does not meet a mandatory condition.

        :param Domain scope: the files that are asked
        :return: a list of SQL
        """
        hits = []
        for criterion in self.filtered(lambda one: one.kind == "automatic"):
            asked = scope
            if criterion.category_ids:
                asked &= Domain("category_id", "in", criterion.category_ids.ids)
            if criterion.mandatory:
                hits += criterion._refusals_sql(asked)
            else:
                hits += [
                    SQL(
                        "SELECT id AS file_id, %s AS criterion_id, %s AS points,"
                        " NULL AS result FROM (%s) AS met",
                        criterion.id,
                        points,
                        self._files()._search(asked & domain).select(),
                    )
                    for domain, points in criterion._cases()
                ]
        return hits

    def _refusals_sql(self, asked):
        """Return the files that do not meet a mandatory condition, or may not."""
        met = self._files()._search(asked & self._met_domain()).select()
        known = self._files()._search(asked & self._known_domain()).select()
        everybody = self._files()._search(asked).select()
        # Whole sets are subtracted: a negated condition says nothing of empty values.
        return [
            SQL(
                "SELECT id AS file_id, %s AS criterion_id, 0 AS points,"
                " %s AS result FROM (%s EXCEPT %s) AS failed",
                self.id,
                result,
                first,
                second,
            )
            for result, first, second in (
                ("not_met", known, met),
                ("unknown", everybody, SQL("(%s UNION ALL %s)", known, met)),
            )
            if self.value_field or result == "not_met"
        ]
