"""Pictures of papers and signatures, drawn for the demonstration."""

import base64
import io
import math
from functools import cache
from random import Random

from PIL import Image, ImageDraw

INK = (28, 42, 94)
GREY = (120, 120, 120)


@cache
def page(title):
    """Return the picture of a paper, as base64.

    :param str title: Latin letters; a picture library without shaping draws it
    """
    picture = Image.new("RGB", (420, 594), "white")
    draw = ImageDraw.Draw(picture)
    draw.rectangle((12, 12, 407, 581), outline=GREY)
    draw.text((150, 40), title, fill=INK)
    for line in range(9):
        draw.line((60, 120 + 34 * line, 360, 120 + 34 * line), fill=(215, 215, 215))
    draw.text((110, 520), "SPECIMEN - not a real document", fill=GREY)
    return _encoded(picture)


def iban(seed):
    """Return a made-up Saudi account number with right check digits.

    :param int seed: the same account for the same seed
    """
    account = f"80{seed:018d}"
    # The letters S and A count as 28 and 10 (ISO 13616).
    check = 98 - int(f"{account}281000") % 97
    return f"SA{check:02d}{account}"


def signature(seed):
    """Return a drawn signature, as base64.

    :param seed: the same hand for the same seed
    """
    random = Random(seed)
    picture = Image.new("RGBA", (360, 120), (255, 255, 255, 0))
    draw = ImageDraw.Draw(picture)
    waves, slant = random.uniform(2, 5), random.uniform(-0.12, 0.12)
    points = []
    for x in range(30, 330, 3):
        height = 26 * math.sin(x / 300 * waves * math.tau) * (1 - x / 420)
        points.append((x, 62 + height + slant * (x - 180) + random.uniform(-2, 2)))
    draw.line(points, fill=INK, width=3)
    return _encoded(picture)


def _encoded(picture):
    file = io.BytesIO()
    picture.save(file, "PNG", optimize=True)
    return base64.b64encode(file.getvalue()).decode()
