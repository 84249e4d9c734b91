from . import home, policy, portal
