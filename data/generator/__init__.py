from . import documents, money, names, numbers, registry, requests
