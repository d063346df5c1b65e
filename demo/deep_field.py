"""A real image of the sky, its sources, and where they are: the raw material of the demo repository.

The image is the Hubble eXtreme Deep Field (NASA, ESA, G. Illingworth, D. Magee, P. Oesch, R. Bouwens and the HUDF09
team; STScI release 2012-37), in the public domain, as the wheel of scikit-image ships it: 1000 x 872 pixels, JPEG.
"""

from __future__ import annotations

__all__ = ("CREDIT", "SIZE", "Source", "find_sources", "read_image")

from dataclasses import dataclass
from importlib.resources import files

import numpy as np
import sep
from astropy.coordinates import SkyCoord
from astropy.wcs import WCS
from lsst.sphgeom import HtmPixelization, LonLat, UnitVector3d
from numpy.typing import NDArray
from PIL import Image

CREDIT = "Hubble eXtreme Deep Field: NASA, ESA, G. Illingworth et al., STScI-2012-37"

SIZE = 128
"""Width and height of a cutout, in pixels."""

# The release gives the field as 2.3' x 2.0' about the centre of the Hubble Ultra Deep Field. North is taken to be up
# and the field to be flat. So the positions are approximate, by some arcseconds and perhaps a rotation: they serve to
# tell cutouts apart, not to look a galaxy up in a catalogue.
_CENTRE = SkyCoord("03h32m38.5s -27d47m00s", frame="icrs")
_FIELD_WIDTH = 2.3 / 60  # degrees


@dataclass(frozen=True, slots=True)
class Source:
    """A detected source whose window lies fully inside the image."""

    x: int
    y: int
    ra: float
    dec: float
    """Approximate place on the sky, ICRS degrees."""
    htm20: int
    """The pixel of the sky that holds it: its data ID."""
    flux: float
    """Sum above the background, in counts of the 8-bit image."""

    def cut(self, image: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """Give the window about the source, of the shape (SIZE, SIZE, 3)."""
        half = SIZE // 2
        return np.ascontiguousarray(image[self.y - half : self.y + half, self.x - half : self.x + half])


def read_image() -> NDArray[np.uint8]:
    """Give the image, of the shape (872, 1000, 3), from the file that scikit-image's wheel ships (no download)."""
    with (files("skimage") / "data" / "hubble_deep_field.jpg").open("rb") as file, Image.open(file) as image:
        return np.asarray(image.convert("RGB"))


def find_sources(image: NDArray[np.uint8]) -> list[Source]:
    """Give the sources at 1.5 sigma, the brightest first, no two in one pixel of the sky."""
    luminance = image.mean(axis=2).astype(np.float64)
    background = sep.Background(luminance)
    detected = sep.extract(luminance - background.back(), 1.5, err=background.globalrms)
    wcs = _wcs(image.shape[1], image.shape[0])
    sky = HtmPixelization(20)
    found: dict[int, Source] = {}
    for row in sorted(detected, key=lambda one: -one["flux"]):
        x, y = round(float(row["x"])), round(float(row["y"]))
        half = SIZE // 2
        if not (half <= x <= image.shape[1] - half and half <= y <= image.shape[0] - half):
            continue
        ra, dec = (float(angle) for angle in wcs.pixel_to_world_values(x, y))
        htm20 = int(sky.index(UnitVector3d(LonLat.fromDegrees(ra, dec))))
        found.setdefault(htm20, Source(x, y, ra, dec, htm20, float(row["flux"])))
    return list(found.values())


def _wcs(width: int, height: int) -> WCS:
    """Give the approximate transformation from pixels (origin 0, row 0 on top) to the sky."""
    scale = _FIELD_WIDTH / width
    wcs = WCS(naxis=2)
    wcs.wcs.ctype = ["RA---TAN", "DEC--TAN"]
    wcs.wcs.crval = [_CENTRE.ra.deg, _CENTRE.dec.deg]
    wcs.wcs.crpix = [(width + 1) / 2, (height + 1) / 2]
    wcs.wcs.cdelt = [-scale, -scale]  # east is left, and the first row is the northernmost
    return wcs
