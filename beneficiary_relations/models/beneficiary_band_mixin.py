from odoo import models


class BeneficiaryBandMixin(models.AbstractModel):
    """A band of values from included, to excluded: neighbours leave no gap.

    A model says what its bounds are.
    """

    _name = "beneficiary.band.mixin"
    _description = "Band of Values"

    def _bounds_of(self):
        """Return the lower and the upper bound, infinite where there is none."""
        raise NotImplementedError

    def _band_of(self, value):
        """Return the first band of ``self`` a value falls into, or an empty one."""
        for band in self:
            lowest, highest = band._bounds_of()
            if lowest <= value < highest:
                return band
        return self.browse()

    def _first_overlap(self):
        """Return two bands of ``self`` that overlap, the lower one first.

        :return: a pair of records, or ``None``
        """
        bands = self.sorted(lambda band: band._bounds_of()[0])
        for lower, upper in zip(bands, bands[1:], strict=False):
            if lower._bounds_of()[1] > upper._bounds_of()[0]:
                return lower, upper
        return None
