"""What people of one household are to each other, when its head changes."""

_CHILD = "child"
_FROM_CHILD = {
    "head": "parent",
    "spouse": "parent",
    "son": "sibling",
    "daughter": "sibling",
    "parent": "grandparent",
}
# What the new head was to the old one: what the others become to the new head.
_SEEN_FROM = {
    "spouse": {"head": "spouse", "son": "son", "daughter": "daughter"},
    "son": _FROM_CHILD,
    "daughter": _FROM_CHILD,
    "parent": {"head": _CHILD, "sibling": _CHILD, "parent": "spouse"},
    "sibling": {
        "head": "sibling",
        "parent": "parent",
        "sibling": "sibling",
        "grandparent": "grandparent",
    },
}


def seen_from(new_head, member, gender=None):
    """Return what a member is to the new head of the household.

    :param str new_head: what the new head was to the old one
    :param str member: what the member was to the old head, ``head`` for the old head
    :param str gender: ``male`` or ``female`` of the member
    :return: a relationship; ``other`` where the old ones do not tell it
    """
    if not member:
        return member
    seen = _SEEN_FROM.get(new_head, {}).get(member, "other")
    if seen == _CHILD:
        return {"male": "son", "female": "daughter"}.get(gender, "other")
    return seen
