"""Numbers with the check digits they have in life. None belongs to a person."""

MOBILE_PREFIXES = ("050", "053", "054", "055", "056", "058", "059")
BANKS = ("10", "15", "20", "30", "45", "55", "60", "80", "05")


def luhn_check_digit(digits):
    """Return the digit that makes the Luhn sum of ``digits`` and itself divide by 10.

    :param str digits: the number without its check digit
    :rtype: str
    """
    total = 0
    for position, digit in enumerate(reversed(digits)):
        value = int(digit) * (2 if position % 2 == 0 else 1)
        total += value - 9 if value > 9 else value
    return str(-total % 10)


def iban_check_digits(country, account):
    """Return the two check digits of an IBAN (ISO 7064, mod 97-10)."""
    rearranged = account + country + "00"
    number = "".join(str(int(character, 36)) for character in rearranged)
    return f"{98 - int(number) % 97:02d}"


class Numbers:
    """Random numbers, each given out once."""

    def __init__(self, random):
        self.random = random
        self.given = set()

    def identity(self, first_digit):
        """Return a national (1) or resident (2) number."""
        return self._once(lambda: self._identity(first_digit))

    def iban(self):
        """Return a Saudi IBAN; the account part is random."""
        return self._once(self._iban)

    def mobile(self):
        """Return a mobile number as people write it."""
        return self._once(self._mobile)

    def digits(self, count):
        """Return a number of so many digits."""
        return self._once(
            lambda: str(self.random.randint(1, 9)) + self._digits(count - 1)
        )

    def _identity(self, first_digit):
        body = first_digit + self._digits(8)
        return body + luhn_check_digit(body)

    def _mobile(self):
        return self.random.choice(MOBILE_PREFIXES) + self._digits(7)

    def _iban(self):
        account = self.random.choice(BANKS) + self._digits(18)
        return "SA" + iban_check_digits("SA", account) + account

    def _digits(self, count):
        return "".join(str(self.random.randint(0, 9)) for _digit in range(count))

    def _once(self, make):
        number = make()
        while number in self.given:
            number = make()
        self.given.add(number)
        return number
