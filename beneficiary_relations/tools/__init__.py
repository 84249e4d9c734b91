from . import files, hijri, identity, text, window
