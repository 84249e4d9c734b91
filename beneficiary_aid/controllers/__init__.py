from . import portal, portal_letter, portal_lists, portal_sign
from . import portal, portal_letter, portal_lists
from . import portal, portal_letter, portal_withdraw
from . import portal, portal_letter, portal_lists, portal_withdraw
