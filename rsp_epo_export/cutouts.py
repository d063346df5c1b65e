"""Turn science images into cutouts: 8-bit pictures, grey or RGB, that a volunteer can look at."""

from __future__ import annotations

__all__ = ("Limits", "Stretch", "to_cutout")

import math
from collections.abc import Sequence
from typing import Any, Literal, TypeAlias

import numpy as np
from astropy.visualization import (
    AsinhStretch,
    BaseStretch,
    LinearStretch,
    LogStretch,
    ManualInterval,
    PercentileInterval,
    ZScaleInterval,
    make_lupton_rgb,
    make_rgb,
)
from numpy.typing import NDArray

Stretch: TypeAlias = Literal["asinh", "linear", "log"]
Limits: TypeAlias = Literal["percentile", "zscale"] | tuple[float, float]

_STRETCHES = ("asinh", "linear", "log")


def to_cutout(
    image: object,
    stretch: Stretch = "asinh",
    limits: Limits = "percentile",
    *,
    percentile: float = 99.5,
    softening: float = 0.1,
    lupton_q: float = 8.0,
    origin: Literal["upper", "lower"] = "upper",
) -> NDArray[np.uint8]:
    """Make a cutout of one science image, or a colour cutout of three.

    The same input gives the same bytes: nothing is random, and ``zscale`` samples on a fixed grid.

    Parameters
    ----------
    image
        A two-dimensional array of numbers, or whatever carries one as ``.image.array`` (exposures and masked images),
        as ``.array`` (images) or through ``getImage()``. Or three of them, the reddest first (a sequence, or an
        array of shape (3, height, width)), in one flux unit and on one pixel grid; they become RGB.
    stretch
        How brightness between the limits becomes grey: ``asinh`` shows faint and bright features together, ``log``
        favours the faint, ``linear`` changes nothing. Three bands with ``asinh`` are combined by the method of Lupton
        et al. (2004, PASP 116, 133), which keeps the colour of bright sources; with another stretch, each band is
        stretched by itself.
    limits
        What is black and what is white: ``percentile`` keeps the middle ``percentile`` % of the pixels, ``zscale`` is
        IRAF's algorithm, and a pair is (black, white) in the image's own unit. Three bands share one pair, computed
        from their mean.
    percentile
        For ``limits="percentile"``, over 0 and at most 100.
    softening
        For ``asinh`` of one band: where it turns from linear to logarithmic, as a fraction of the range (0 to 1).
    lupton_q
        For ``asinh`` of three bands: Lupton's softening Q, over 0. Larger compresses bright features more.
    origin
        ``upper`` keeps the array's first row at the top. ``lower`` puts it at the bottom, as science displays do.

    Returns
    -------
    cutout
        An array of `numpy.uint8` and the shape (height, width) or (height, width, 3), ready for ``butler.put``. Pixels
        that are NaN or masked, in any band, are black; plus infinity is white and minus infinity black in its band.

    Raises
    ------
    TypeError
        The image is no array of real numbers and carries none.
    ValueError
        The shape, the stretch, the limits or another parameter is wrong, or no pixel is finite.
    """
    if stretch not in _STRETCHES:
        raise ValueError(f"The stretch is one of {', '.join(_STRETCHES)}, not {stretch!r}.")
    if origin not in ("upper", "lower"):
        raise ValueError(f"The origin is 'upper' or 'lower', not {origin!r}.")
    if not 0 < softening <= 1:
        raise ValueError(f"The softening is over 0 and at most 1, not {softening!r}.")
    if not 0 < lupton_q < math.inf:
        raise ValueError(f"Lupton's Q is over 0, not {lupton_q!r}.")

    bands = _bands(image)
    low, high = _find_limits(np.mean(bands, axis=0) if len(bands) == 3 else bands[0], limits, percentile)
    missing = np.any([np.isnan(band) for band in bands], axis=0)
    finite = [np.nan_to_num(band, nan=low, posinf=high, neginf=low) for band in bands]

    if len(finite) == 1:
        cutout = _grey(finite[0], low, high, _stretch(stretch, softening))
    elif stretch == "asinh":
        cutout = _lupton(finite, low, high, lupton_q)
    else:
        cutout = make_rgb(*finite, interval=ManualInterval(low, high), stretch=_stretch(stretch, softening))
    cutout = np.array(cutout, dtype=np.uint8)
    cutout[missing] = 0
    return np.ascontiguousarray(cutout[::-1] if origin == "lower" else cutout)


def _bands(image: object) -> list[NDArray[np.float64]]:
    """Give one or three planes of one shape."""
    pixels = _carried(image)
    if isinstance(pixels, np.ndarray) and pixels.ndim == 2:
        return [_plane(pixels)]
    if isinstance(pixels, np.ndarray) and pixels.dtype == np.uint8 and pixels.ndim == 3 and pixels.shape[2] == 3:
        raise ValueError("This is an 8-bit RGB picture already: put it into the Butler as it is.")
    if isinstance(pixels, np.ndarray | Sequence) and not isinstance(pixels, str | bytes) and len(pixels) == 3:
        bands = [_plane(_carried(band)) for band in pixels]
        if len({band.shape for band in bands}) != 1:
            raise ValueError(f"The three bands differ in shape: {', '.join(str(band.shape) for band in bands)}.")
        return bands
    if isinstance(pixels, np.ndarray):
        raise ValueError(
            f"A cutout is made of one image of shape (height, width), or of three, and this has the shape "
            f"{pixels.shape}. Colour along the last axis: to_cutout(numpy.moveaxis(image, -1, 0))."
        )
    raise TypeError(
        f"A cutout is made of an array, an exposure, or three of them, not of {type(image).__module__}."
        f"{type(image).__qualname__}."
    )


def _carried(image: object) -> object:
    """Give the array that an image-like object carries; without importing `lsst.afw` or `lsst.images` to ask."""
    if isinstance(image, np.ndarray | Sequence):
        return image
    for holder in (getattr(image, "image", None), image):
        if isinstance(array := getattr(holder, "array", None), np.ndarray):
            return array
    if callable(get_image := getattr(image, "getImage", None)):
        return getattr(get_image(), "array", None)
    return image


def _plane(pixels: object) -> NDArray[np.float64]:
    """Give a plane as float64, with NaN for what is masked."""
    array: np.ma.MaskedArray[Any, Any] = np.ma.asarray(pixels)
    if array.dtype.kind not in "iuf":
        raise TypeError(f"A band is an array of real numbers, and this one is {array.dtype}.")
    if array.ndim != 2 or array.size == 0:
        raise ValueError(f"A band has the shape (height, width) and at least one pixel; this one has {array.shape}.")
    return np.asarray(np.ma.filled(array.astype(np.float64), np.nan), dtype=np.float64)


def _find_limits(plane: NDArray[np.float64], limits: Limits, percentile: float) -> tuple[float, float]:
    """Give the values that become black and white."""
    finite = plane[np.isfinite(plane)]
    if finite.size == 0:
        raise ValueError("No pixel of the image is finite, so there is nothing to show.")
    if limits == "zscale":
        low, high = ZScaleInterval().get_limits(finite)
    elif limits == "percentile":
        if not 0 < percentile <= 100:
            raise ValueError(f"The percentile is over 0 and at most 100, not {percentile!r}.")
        low, high = PercentileInterval(percentile).get_limits(finite)
    else:
        low, high = _given_limits(limits)
    return float(low), float(high)


def _given_limits(limits: tuple[float, float]) -> tuple[float, float]:
    try:
        low, high = (float(limit) for limit in limits)
    except (TypeError, ValueError):
        raise ValueError(f"The limits are 'percentile', 'zscale' or a pair (black, white), not {limits!r}.") from None
    if not (math.isfinite(low) and math.isfinite(high) and low < high):
        raise ValueError(f"The limits (black, white) are finite and black is below white; these are {limits!r}.")
    return low, high


def _stretch(name: Stretch, softening: float) -> BaseStretch:
    match name:
        case "asinh":
            return AsinhStretch(softening)
        case "log":
            return LogStretch()
        case "linear":
            return LinearStretch()


def _grey(plane: NDArray[np.float64], low: float, high: float, stretch: BaseStretch) -> NDArray[Any]:
    """Map [low, high] to [0, 255]; an image of one value becomes black."""
    if low == high:
        return np.zeros(plane.shape)
    return np.asarray(np.rint(255 * stretch(np.clip((plane - low) / (high - low), 0, 1))))


def _lupton(bands: list[NDArray[np.float64]], low: float, high: float, q: float) -> NDArray[Any]:
    """Combine three bands by Lupton's method, with `low` black and a mean of `high` white.

    Lupton's intensity is 0.1 asinh(Q I / stretch) / asinh(0.1 Q), and reaches 1 where
    I = stretch sinh(10 asinh(0.1 Q)) / Q: solved for the stretch.
    """
    if low == high:
        return np.zeros((*bands[0].shape, 3))
    scale = (high - low) * q / math.sinh(10 * math.asinh(0.1 * q))
    with np.errstate(divide="ignore", invalid="ignore"):  # astropy divides by an intensity of 0 before it masks it
        return np.asarray(make_lupton_rgb(*bands, minimum=low, stretch=scale, Q=q))
