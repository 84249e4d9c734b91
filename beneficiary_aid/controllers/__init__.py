from . import (
    portal,
    portal_appeal,
    portal_letter,
    portal_lists,
    portal_sign,
    portal_withdraw,
)
