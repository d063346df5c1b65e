"""Files that a PI might well have put among their cutouts, and that an export must tell from good ones."""

from __future__ import annotations

__all__ = ("ODD_FILES", "OddFile")

import io
import zipfile
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from astropy.io import fits
from numpy.typing import NDArray
from PIL import Image

Pixels = NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class OddFile:
    """A kind of file: what it is, the extension it is ingested with, and how it is made of a cutout's pixels."""

    what: str
    extension: str
    make: Callable[[Pixels], bytes]
    publishable: bool
    """Whether a clean picture remains once metadata are dropped."""


def _sixteen_bits(pixels: Pixels) -> bytes:
    return _save(Image.fromarray(pixels[..., 0].astype(np.uint16) * 257), "PNG")


def _truncated(pixels: Pixels) -> bytes:
    whole = _save(Image.fromarray(pixels), "PNG")
    return whole[: len(whole) * 2 // 3]


def _zip_behind(pixels: Pixels) -> bytes:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as zipped:
        zipped.writestr("catalogue.csv", "object_id,ra,dec\n1,53.1,-27.8\n")
    return _save(Image.fromarray(pixels), "PNG") + archive.getvalue()


def _exif(pixels: Pixels) -> bytes:
    exif = Image.Exif()
    exif[0x010E] = "objectId 1234567890123456789"  # ImageDescription
    exif[0x013B] = "A. Lien"  # Artist
    exif.get_ifd(0x8825)[0x0002] = (30.0, 14.0, 40.7)  # GPSLatitude
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "JPEG", quality=92, subsampling=0, exif=exif)
    return buffer.getvalue()


def _fits(pixels: Pixels) -> bytes:
    buffer = io.BytesIO()
    fits.PrimaryHDU(pixels.mean(axis=2).astype(np.float32)).writeto(buffer)
    return buffer.getvalue()


def _save(image: Image.Image, kind: str) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, kind)
    return buffer.getvalue()


ODD_FILES = (
    OddFile("a PNG with 16 bits a channel", ".png", _sixteen_bits, publishable=False),
    OddFile("a truncated PNG", ".png", _truncated, publishable=False),
    OddFile("a PNG with a zip behind its end", ".png", _zip_behind, publishable=False),
    # The formatter takes no .fits, so the file comes under the name that a hurried PI would give it.
    OddFile("a FITS file that is called .png", ".png", _fits, publishable=False),
    OddFile("a JPEG with EXIF", ".jpg", _exif, publishable=True),
)
