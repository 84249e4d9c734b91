from . import (
    portal,
    portal_appeal,
    portal_letter,
    portal_lists,
    portal_receipts,
    portal_sign,
    portal_vouchers,
    portal_withdraw,
)
