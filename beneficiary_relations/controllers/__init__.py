from . import home, policy, portal, portal_rights
