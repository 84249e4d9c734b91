"""An amount divided so that its parts add up."""


def share_out(total, weights, round_amount):
    """Divide an amount by weights.

    Each part is what the sum up to it is worth, less what those before it got: the
    parts are never below zero, and add up to the smallest coin.

    :param float total: what is divided
    :param list weights: one for each part, above zero together
    :param round_amount: function that rounds an amount of the currency
    :return: the parts, in the order of the weights
    :rtype: list
    """
    whole = sum(weights)
    parts, reached, given = [], 0.0, 0.0
    for weight in weights:
        reached += weight
        until = round_amount(total * reached / whole)
        parts.append(round_amount(until - given))
        given = until
    return parts
