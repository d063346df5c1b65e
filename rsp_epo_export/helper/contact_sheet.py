"""A page of cutouts, small, for a first look in a notebook."""

from __future__ import annotations

__all__ = ("ContactSheet", "Tile", "tile")

import base64
import io
import warnings
from collections.abc import Mapping
from dataclasses import dataclass

from .text import cell, html, plain

_SIDE = 160
_MODES = ("1", "L", "LA", "P", "RGB", "RGBA")


@dataclass(frozen=True, slots=True)
class Tile:
    """One cutout: its size in pixels and its small PNG, or why there is none."""

    run: str
    data_id: Mapping[str, int | str]
    size: tuple[int, int]
    png: bytes | None
    problem: str = ""


@dataclass(frozen=True)
class ContactSheet:
    """The first cutouts of a collection, as a picture in a notebook and as a list elsewhere."""

    name: str
    dataset_type: str
    tiles: tuple[Tile, ...]
    total: int

    @property
    def caption(self) -> str:
        """What is shown, in words."""
        return f"{self.name}: {len(self.tiles)} of {self.total} {self.dataset_type}"

    def __len__(self) -> int:
        return len(self.tiles)

    def _repr_html_(self) -> str:
        figures = "".join(map(_figure, self.tiles))
        return f'<p>{html(self.caption)}</p><div style="display:flex;flex-wrap:wrap;gap:8px">{figures}</div>'

    def __repr__(self) -> str:
        lines = [
            f"  {cell(dict(tile.data_id))}  " + (plain(tile.problem) or f"{tile.size[0]} x {tile.size[1]} pixels")
            for tile in self.tiles
        ]
        return "\n".join([plain(self.caption), *lines])


def tile(run: str, data_id: Mapping[str, int | str], content: bytes | str) -> Tile:
    """Make a tile of a file's bytes, or of the reason why there are none.

    The picture is decoded and encoded anew, so that what a notebook keeps is pixels and small.
    """
    if isinstance(content, str):
        return Tile(run, data_id, (0, 0), None, content)
    from PIL import Image, UnidentifiedImageError

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            image: Image.Image = Image.open(io.BytesIO(content), formats=("PNG", "JPEG"))
            size = image.size
            if image.mode not in _MODES:
                return Tile(run, data_id, size, None, f"not an 8-bit picture (its mode is {image.mode})")
            small = image.convert("RGB")
    except UnidentifiedImageError:
        return Tile(run, data_id, (0, 0), None, "neither a PNG nor a JPEG")
    except Exception as error:  # whatever a damaged file makes the decoder do
        return Tile(run, data_id, (0, 0), None, f"damaged, or too large to show ({type(error).__name__})")
    small.thumbnail((_SIDE, _SIDE))
    buffer = io.BytesIO()
    small.save(buffer, "PNG")
    return Tile(run, data_id, size, buffer.getvalue())


def _figure(one: Tile) -> str:
    title = html(dict(one.data_id))
    if one.png is not None:
        encoded = base64.b64encode(one.png).decode()
        picture = f'<img src="data:image/png;base64,{encoded}" alt="{title}" style="max-width:{_SIDE}px">'
    else:
        picture = f'<div style="width:{_SIDE}px;min-height:{_SIDE // 2}px;border:1px solid">{html(one.problem)}</div>'
    return (
        f'<figure style="margin:0;max-width:{_SIDE}px">{picture}'
        f'<figcaption style="font-size:80%;overflow-wrap:anywhere">{title}</figcaption></figure>'
    )
