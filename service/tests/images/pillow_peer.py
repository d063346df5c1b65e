"""Pillow's side of the differential test: `pillow_peer.py write DIR` and `pillow_peer.py decode DIR`.

`write` fills DIR with images as astronomers' scripts write them. `decode` prints one JSON object that says
of each file in DIR whether Pillow reads it and, if so, the SHA-256 of its pixels as RGBA.
"""

from __future__ import annotations

import hashlib
import json
import sys
import warnings
from pathlib import Path

import numpy as np
from PIL import Image, ImageCms, PngImagePlugin


def _pixels(channels: int) -> np.ndarray:
    """Return a smooth picture of 37 rows and 53 columns with noise, uint8."""
    y, x = np.mgrid[:37, :53]
    noise = np.random.default_rng(5).integers(0, 30, (37, 53, channels))
    return ((3 * x + 2 * y)[..., None] + 20 * np.arange(channels) + noise).clip(0, 255).astype(np.uint8)


def write(folder: Path) -> None:
    """Write one file for each way of saving that is worth telling apart."""
    rgb = Image.fromarray(_pixels(3))
    text = PngImagePlugin.PngInfo()
    text.add_text("Software", "a script")
    text.add_itxt("Comment", "ünïcode")
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    exif = Image.Exif()
    exif[0x0131] = "a script"
    palette = rgb.quantize(17)
    transparent = palette.copy()
    transparent.info["transparency"] = 3
    for name, image, options in [
        ("rgb", rgb, {}),
        ("rgb_optimised", rgb, {"optimize": True}),
        ("rgb_level_0", rgb, {"compress_level": 0}),
        ("rgb_level_9", rgb, {"compress_level": 9}),
        ("grey", rgb.convert("L"), {}),
        ("bits", rgb.convert("1"), {}),
        ("palette", palette, {}),
        ("palette_2_bits", rgb.quantize(3), {"bits": 2}),
        ("palette_transparent", transparent, {}),
        ("rgb_key", rgb, {"transparency": (23, 45, 67)}),
        ("grey_alpha", Image.fromarray(_pixels(2), "LA"), {}),
        ("rgba", Image.fromarray(_pixels(4)), {}),
        ("text", rgb, {"pnginfo": text}),
        ("dpi", rgb, {"dpi": (300, 300)}),
        ("icc", rgb, {"icc_profile": profile}),
        ("exif", rgb, {"exif": exif}),
    ]:
        image.save(folder / f"pillow_{name}.png", **options)
    for name, image, options in [
        ("rgb", rgb, {}),
        ("grey", rgb.convert("L"), {}),
        ("quality_10", rgb, {"quality": 10}),
        ("quality_100", rgb, {"quality": 100, "subsampling": 0}),
        ("subsampling_422", rgb, {"subsampling": 1}),
        ("progressive", rgb, {"progressive": True}),
        ("progressive_grey", rgb.convert("L"), {"progressive": True}),
        ("optimised", rgb, {"optimize": True}),
        ("restarts_by_block", rgb, {"restart_marker_blocks": 3}),
        ("restarts_by_row", rgb, {"restart_marker_rows": 1}),
        ("restarts_progressive", rgb, {"restart_marker_blocks": 2, "progressive": True}),
        ("kept_as_rgb", rgb, {"keep_rgb": True}),
        ("dpi", rgb, {"dpi": (300, 300)}),
        ("comment", rgb, {"comment": "a comment"}),
        ("icc", rgb, {"icc_profile": profile}),
        ("exif", rgb, {"exif": exif}),
    ]:
        image.save(folder / f"pillow_{name}.jpg", **options)


def decode(folder: Path) -> None:
    """Print what Pillow makes of each file."""
    warnings.simplefilter("ignore")
    answers: dict[str, str | None] = {}
    for path in sorted(folder.iterdir()):
        try:
            with Image.open(path, formats=["PNG", "JPEG"]) as image:
                image.load()
                answers[path.name] = hashlib.sha256(image.convert("RGBA").tobytes()).hexdigest()
        except Exception:
            # Whatever a decoder raises on a bad file, it has refused it.
            answers[path.name] = None
    print(json.dumps(answers))


if __name__ == "__main__":
    {"write": write, "decode": decode}[sys.argv[1]](Path(sys.argv[2]))
