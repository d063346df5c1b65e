"""`to_cutout`: science images become pictures."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from rsp_epo_export import to_cutout

STRETCHES = ("asinh", "linear", "log")
LIMITS: tuple[Any, ...] = ("percentile", "zscale", (-1.0, 50.0))


def sky(seed: int = 1, size: int = 48) -> np.ndarray:
    """A noisy sky with a source in the middle."""
    y, x = np.mgrid[:size, :size] - size / 2
    return np.random.default_rng(seed).normal(0, 1, (size, size)) + 100 * np.exp(-(x**2 + y**2) / 20)


@pytest.mark.parametrize("stretch", STRETCHES)
@pytest.mark.parametrize("limits", LIMITS)
def test_one_band_becomes_grey_and_three_become_rgb(stretch: Any, limits: Any) -> None:
    grey = to_cutout(sky(), stretch, limits)
    assert (grey.shape, grey.dtype, grey.flags.c_contiguous) == ((48, 48), np.uint8, True)
    colour = to_cutout([sky(1), sky(2), sky(3)], stretch, limits)
    assert (colour.shape, colour.dtype, colour.flags.c_contiguous) == ((48, 48, 3), np.uint8, True)


@pytest.mark.parametrize("stretch", STRETCHES)
def test_the_limits_are_black_and_white_and_what_is_brighter_looks_no_darker(stretch: Any) -> None:
    ramp = np.linspace(-5, 15, 400).reshape(20, 20)
    grey = to_cutout(ramp, stretch, (0, 10)).ravel().astype(int)
    assert np.all(np.diff(grey) >= 0)
    assert set(grey[ramp.ravel() <= 0]) == {0}
    assert set(grey[ramp.ravel() >= 10]) == {255}


@pytest.mark.parametrize("stretch", STRETCHES)
def test_three_equal_bands_are_grey_from_black_to_white(stretch: Any) -> None:
    ramp = np.linspace(-5, 15, 400).reshape(20, 20)
    colour = to_cutout([ramp] * 3, stretch, (0, 10)).reshape(-1, 3).astype(int)
    assert np.all(colour == colour[:, :1])
    assert colour[0, 0] == 0
    assert colour[-1, 0] >= 254
    assert np.all(np.diff(colour[:, 0]) >= 0)


def test_lupton_keeps_the_colour_of_a_source_that_is_brighter_than_white() -> None:
    shape = np.ones((4, 4))
    red, green, blue = to_cutout([8000 * shape, 4000 * shape, 2000 * shape], "asinh", (0, 10))[0, 0].astype(float)
    assert (round(red / green, 1), round(green / blue, 1)) == (2.0, 2.0)


def test_asinh_shows_a_faint_source_brighter_than_linear_does() -> None:
    faint = np.zeros((4, 4))
    faint[1, 1], faint[2, 2] = 5, 100
    assert to_cutout(faint, "asinh", (0, 100))[1, 1] > to_cutout(faint, "linear", (0, 100))[1, 1] > 0


@pytest.mark.parametrize("limits", ["percentile", "zscale"])
def test_a_few_wild_pixels_do_not_decide_the_limits(limits: Any) -> None:
    image = sky(size=100)
    tame = to_cutout(image, "linear", limits)
    image[0, 0], image[0, 1] = 1e12, -1e12
    np.testing.assert_allclose(to_cutout(image, "linear", limits)[1:].astype(int), tame[1:], atol=16)


@pytest.mark.parametrize("stretch", STRETCHES)
@pytest.mark.parametrize("bands", [1, 3])
def test_nan_and_minus_infinity_are_black_and_infinity_white(stretch: Any, bands: int) -> None:
    image = sky()
    image[0, :3] = [np.nan, np.inf, -np.inf]
    pixels = to_cutout(image if bands == 1 else [image] * 3, stretch)[0, :3]
    assert np.all(pixels[0] == 0)
    assert np.all(pixels[1] >= 254)
    assert np.all(pixels[2] == 0)


def test_a_pixel_that_one_band_lacks_is_black_in_all() -> None:
    bands = [np.full((4, 4), 5.0) for _ in range(3)]
    bands[1][2, 2] = np.nan
    assert to_cutout(bands, limits=(0, 10))[2, 2].tolist() == [0, 0, 0]


def test_masked_pixels_are_black() -> None:
    image = np.ma.masked_greater(np.linspace(1, 10, 16).reshape(4, 4), 9.5)
    assert to_cutout(image, "linear", (0, 10))[3, 3] == 0


def test_the_input_is_left_as_it_was() -> None:
    image = sky()
    image[0, 0] = np.nan
    before = image.copy()
    to_cutout(image)
    np.testing.assert_array_equal(image, before)


@pytest.mark.parametrize("limits", LIMITS)
def test_the_same_image_gives_the_same_cutout(limits: Any) -> None:
    np.testing.assert_array_equal(to_cutout(sky(), limits=limits), to_cutout(sky(), limits=limits))


@pytest.mark.parametrize(
    "carry",
    [
        pytest.param(lambda array: SimpleNamespace(image=SimpleNamespace(array=array)), id="exposure"),
        pytest.param(lambda array: SimpleNamespace(array=array), id="image"),
        pytest.param(lambda array: SimpleNamespace(getImage=lambda: SimpleNamespace(array=array)), id="getImage"),
        pytest.param(lambda array: array.astype(np.float32), id="float32"),
    ],
)
def test_whatever_carries_an_array_is_taken_as_one(carry: Any) -> None:
    expected = to_cutout(sky().astype(np.float32))
    np.testing.assert_allclose(to_cutout(carry(sky())).astype(int), expected, atol=1)
    assert to_cutout([carry(sky(1)), carry(sky(2)), carry(sky(3))]).shape == (48, 48, 3)


def test_an_array_of_three_planes_is_three_bands() -> None:
    bands = [sky(1), sky(2), sky(3)]
    np.testing.assert_array_equal(to_cutout(np.stack(bands)), to_cutout(bands))


def test_integers_are_numbers_too() -> None:
    assert to_cutout(np.arange(16, dtype=np.uint16).reshape(4, 4), "linear", (0, 15)).max() == 255


def test_origin_lower_turns_the_image_upside_down() -> None:
    np.testing.assert_array_equal(to_cutout(sky(), origin="lower"), to_cutout(sky())[::-1])


def test_an_image_of_one_value_is_black() -> None:
    assert to_cutout(np.full((4, 4), 7.0)).max() == 0
    assert to_cutout([np.full((4, 4), 7.0)] * 3).max() == 0


@pytest.mark.parametrize(
    ("image", "arguments", "says"),
    [
        (np.full((4, 4), np.nan), {}, "finite"),
        (np.zeros((4, 4, 5)), {}, "shape"),
        (np.zeros((4, 4, 3)), {}, "moveaxis"),
        (np.zeros((4, 4, 3), np.uint8), {}, "already"),
        (np.zeros(4), {}, "shape"),
        (np.zeros((0, 4)), {}, "pixel"),
        ([np.zeros((4, 4)), np.zeros((4, 4)), np.zeros((4, 5))], {}, "differ"),
        (sky(), {"stretch": "sqrt"}, "stretch"),
        (sky(), {"limits": "minmax"}, "limits"),
        (sky(), {"limits": (10, 0)}, "below"),
        (sky(), {"limits": (0, np.nan)}, "finite"),
        (sky(), {"limits": (0, 1, 2)}, "pair"),
        (sky(), {"percentile": 0}, "percentile"),
        (sky(), {"softening": 2}, "softening"),
        (sky(), {"lupton_q": 0}, "Lupton"),
        (sky(), {"origin": "left"}, "origin"),
    ],
)
def test_what_makes_no_cutout_is_refused_with_the_reason(image: Any, arguments: dict[str, Any], says: str) -> None:
    with pytest.raises(ValueError, match=says):
        to_cutout(image, **arguments)


@pytest.mark.parametrize("image", [None, "image", object(), np.zeros((4, 4), complex), np.zeros((4, 4), bool), 3.0])
def test_what_is_no_image_is_refused(image: object) -> None:
    with pytest.raises(TypeError):
        to_cutout(image)
