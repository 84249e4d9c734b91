"""The logo of the demonstration association: a sprout between two leaves."""

import base64
import io

from PIL import Image, ImageDraw

GREEN = (11, 90, 79)
LEAF = (240, 190, 90)
WHITE = (255, 255, 255)
SIZE = 512
SMOOTH = 4


def draw_logo():
    """Return the picture as Odoo keeps it: a PNG in base64."""
    side = SIZE * SMOOTH
    picture = Image.new("RGBA", (side, side), (0, 0, 0, 0))
    draw = ImageDraw.Draw(picture)
    draw.ellipse((0, 0, side - 1, side - 1), fill=GREEN)
    stem = side // 2
    draw.rounded_rectangle(
        (stem - side // 50, side * 0.56, stem + side // 50, side * 0.80),
        radius=side // 50,
        fill=WHITE,
    )
    for color, angle, height in ((WHITE, 42, 0.60), (LEAF, -42, 0.60)):
        picture.alpha_composite(_leaf(side, color, angle, height))
    picture = picture.resize((SIZE, SIZE), Image.Resampling.LANCZOS)
    content = io.BytesIO()
    picture.save(content, "PNG")
    return base64.b64encode(content.getvalue())


def _leaf(side, color, angle, height):
    """Return one leaf that grows from the stem: two arcs that meet in a point."""
    layer = Image.new("L", (side, side), 0)
    long, wide = side * 0.36, side * 0.085
    foot = side * height
    base = (side / 2, foot)
    points = [
        (base[0] + wide * offset, base[1] - long * share)
        for share, offset in (
            *((step / 20, _bulge(step / 20)) for step in range(21)),
            *((step / 20, -_bulge(step / 20)) for step in range(20, -1, -1)),
        )
    ]
    ImageDraw.Draw(layer).polygon(points, fill=255)
    layer = layer.rotate(angle, Image.Resampling.BICUBIC, center=base)
    leaf = Image.new("RGBA", (side, side), (*color, 0))
    leaf.paste((*color, 255), mask=layer)
    return leaf


def _bulge(share):
    """Return how wide the leaf is, from its foot (0) to its point (1)."""
    return (4 * share * (1 - share)) ** 0.75
