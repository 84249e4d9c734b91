from . import portal, portal_letter
