from . import home, portal
