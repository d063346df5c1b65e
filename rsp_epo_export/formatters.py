"""Read and write cutouts for the Butler as PNG or JPEG.

This module imports nothing of `rsp_epo_export`, so that Science Pipelines, who own formatters, can adopt it as it is.
The storage class and the formatter are tied together by `rsp_epo_export/configs/cutouts.yaml`.
"""

from __future__ import annotations

__all__ = ("CutoutFormatter",)

import io
from typing import Any, ClassVar

import numpy as np
from lsst.daf.butler import FormatterV2
from lsst.resources import ResourcePath
from numpy.typing import NDArray
from PIL import Image, UnidentifiedImageError

_EXTENSIONS = {"png": ".png", "jpeg": ".jpg"}
_DEFAULT_QUALITY = 92
_DEFAULT_COMPRESSION = 6
_HOW_TO_STRETCH = "Stretch it first: butler.put(rsp_epo_export.to_cutout(image), …)."


class CutoutFormatter(FormatterV2):
    """Formatter of the storage class ``CutoutImage``: an 8-bit picture, grey or RGB.

    `put` accepts a `numpy.uint8` array of shape (height, width) or (height, width, 3) and a `PIL.Image.Image` of mode
    ``L`` or ``RGB``. `get` gives the array. Anything else is refused, since a silent conversion would decide for the PI
    how their data look: science images go through `rsp_epo_export.to_cutout` first.

    The files carry pixels only. A PNG consists of IHDR, IDAT and IEND: no text, no time, no colour profile, no EXIF
    of the image that was put (an orientation that EXIF asks for is therefore not applied).

    Notes
    -----
    Write parameters, set beside the formatter in the repository's configuration:

    ``format``
        ``png`` (default, lossless) or ``jpeg``.
    ``compression``
        Of PNG, 0 (none) to 9 (smallest); default 6.
    ``quality``
        Of JPEG, 1 to 100; default 92. Chroma is never subsampled, as faint coloured features would smear.
    """

    default_extension: ClassVar[str | None] = ".png"
    supported_extensions: ClassVar[frozenset[str]] = frozenset({".png", ".jpg", ".jpeg"})
    supported_write_parameters: ClassVar[frozenset[str] | None] = frozenset({"format", "compression", "quality"})
    unsupported_parameters: ClassVar[frozenset[str] | None] = None
    can_read_from_uri: ClassVar[bool] = True

    def can_accept(self, in_memory_dataset: object) -> bool:
        """Take every cutout and refuse the rest here, with advice.

        The datastore asks this before it writes and lets exceptions pass, while it hides those of `to_bytes` behind a
        `RuntimeError` that only says "Failed to serialize" (`FileDatastore._write_in_memory_to_artifact`).

        Raises
        ------
        TypeError, ValueError
            As `to_bytes`.
        """
        self._options()
        _as_pixels(in_memory_dataset)
        return True

    def get_write_extension(self) -> str:
        """Give the extension of the format that the write parameters ask for.

        Raises
        ------
        ValueError
            The write parameter ``format`` is neither ``png`` nor ``jpeg``.
        """
        return _EXTENSIONS[self._format()]

    def to_bytes(self, in_memory_dataset: object) -> bytes:
        """Encode one cutout.

        Raises
        ------
        TypeError
            It is no 8-bit picture: a float or 16-bit array, an exposure, a PIL image of another mode.
        ValueError
            It has another shape, no pixels or masked pixels, or a write parameter is out of its range.
        """
        buffer = io.BytesIO()
        Image.fromarray(_as_pixels(in_memory_dataset)).save(buffer, **self._options())
        return buffer.getvalue()

    def read_from_uri(
        self, uri: ResourcePath, component: str | None = None, expected_size: int = -1
    ) -> NDArray[np.uint8]:
        """Decode one cutout into a `numpy.uint8` array of shape (height, width) or (height, width, 3).

        Raises
        ------
        ValueError
            The file, which may have been ingested, is no PNG or JPEG, is damaged, or is no 8-bit grey or RGB picture.
        """
        try:
            image: Image.Image = Image.open(io.BytesIO(uri.read()), formats=("PNG", "JPEG"))
            image.load()
        except UnidentifiedImageError:
            raise ValueError(f"{uri.basename()} is neither a PNG nor a JPEG.") from None
        except (OSError, SyntaxError, Image.DecompressionBombError) as error:
            raise ValueError(f"{uri.basename()} is not a readable PNG or JPEG: {error}") from error
        if image.mode == "P" and "transparency" not in image.info:
            image = image.convert("RGB")
        if image.mode not in ("L", "RGB"):
            raise ValueError(f"{uri.basename()} is not an 8-bit grey or RGB picture (its mode is {image.mode}).")
        return np.asarray(image)

    def _options(self) -> dict[str, Any]:
        """Give Pillow's arguments for the write parameters, or refuse one that is out of its range."""
        compression = self._number("compression", _DEFAULT_COMPRESSION, 0, 9)
        quality = self._number("quality", _DEFAULT_QUALITY, 1, 100)
        if self._format() == "png":
            return {"format": "PNG", "compress_level": compression}
        return {"format": "JPEG", "quality": quality, "subsampling": 0}

    def _format(self) -> str:
        value = self.write_parameters.get("format", "png")
        if value not in _EXTENSIONS:
            raise ValueError(f"The write parameter 'format' of a cutout is 'png' or 'jpeg', not {value!r}.")
        return str(value)

    def _number(self, name: str, default: int, low: int, high: int) -> int:
        value = self.write_parameters.get(name, default)
        if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
            raise ValueError(
                f"The write parameter {name!r} of a cutout is a number from {low} to {high}, not {value!r}."
            )
        return value


def _as_pixels(dataset: object) -> NDArray[np.uint8]:
    """Give the pixels of what was put, or refuse it with advice."""
    if isinstance(dataset, Image.Image):
        if dataset.mode not in ("L", "RGB"):
            raise TypeError(
                f"A cutout is an 8-bit picture, and this PIL image has the mode {dataset.mode}. "
                "Convert it first (image.convert('RGB') or .convert('L')), or, if it holds science data, "
                "make the cutout with rsp_epo_export.to_cutout(array)."
            )
        dataset = np.asarray(dataset)
    if not isinstance(dataset, np.ndarray):
        raise TypeError(f"A cutout is an 8-bit picture, not {_name_of(dataset)}. {_HOW_TO_STRETCH}")
    if dataset.dtype != np.uint8:
        raise TypeError(f"A cutout has 8 bits a channel (uint8), and this array is {dataset.dtype}. {_HOW_TO_STRETCH}")
    if dataset.ndim not in (2, 3) or (dataset.ndim == 3 and dataset.shape[2] != 3):
        raise ValueError(
            f"A cutout has the shape (height, width) or (height, width, 3), and this array has {dataset.shape}. "
            "Three separate bands become one picture by rsp_epo_export.to_cutout([red, green, blue])."
        )
    if dataset.size == 0:
        raise ValueError(f"This cutout has no pixels: its shape is {dataset.shape}.")
    if np.ma.is_masked(dataset):
        raise ValueError("This cutout has masked pixels. Decide what they show first: array.filled(0).")
    return np.ascontiguousarray(np.ma.getdata(dataset))


def _name_of(value: object) -> str:
    kind = type(value)
    return f"an object of type {kind.__module__}.{kind.__qualname__}"
