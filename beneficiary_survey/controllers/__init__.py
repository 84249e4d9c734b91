from . import paper
from . import portal
