"""The picture of a caseload: of a phone's size, in letters large enough, telling its parts apart for everybody."""

from __future__ import annotations

import io
import threading
from itertools import combinations

import pytest
from PIL import Image

from actions.caseload import Caseload, FormCount
from actions.charts import BAND, CASE_MANAGEMENT_COLOUR, COLOURS, INK, LARGE, PAPER, TEXT, caseload_chart


def load(short: int, managed: int, low: int = 40, high: int = 48) -> Caseload:
    forms = [
        FormCount("short", "Kurzberatung", short),
        FormCount("case_management", "Case Management", managed),
    ]
    return Caseload(forms, 0.8, low, high, round((short + managed) / 3), "1/3")


def drawn(caseload: Caseload) -> Image.Image:
    return Image.open(io.BytesIO(caseload_chart(caseload, title="Ihre Auslastung"))).convert("RGB")


def area(image: Image.Image, colour: str) -> int:
    """How many points have exactly this colour."""
    wanted = tuple(bytes.fromhex(colour[1:]))
    return sum(number for number, found in image.getcolors(1 << 24) or [] if found == wanted)


def height(image: Image.Image, colour: str, x: int = 690) -> int:
    """Over how many points this colour stands above `x`, by default in the column beside its numbers."""
    wanted = tuple(bytes.fromhex(colour[1:]))
    return sum(image.getpixel((x, y)) == wanted for y in range(200, image.height - 310))


def lightness(colour: str) -> float:
    """Relative luminance after WCAG 2."""
    parts = [value / 255 for value in bytes.fromhex(colour[1:])]
    red, green, blue = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    dark, light = sorted([lightness(one), lightness(other)])
    return (light + 0.05) / (dark + 0.05)


class TestPicture:
    def test_it_is_a_png_of_a_phones_width_in_portrait(self) -> None:
        png = caseload_chart(load(31, 12), title="Ihre Auslastung")
        assert png.startswith(b"\x89PNG")
        width, tall = Image.open(io.BytesIO(png)).size
        assert (width, tall > width) == (1080, True)
        assert len(png) < 200_000

    def test_the_heights_are_the_figures(self) -> None:
        image = drawn(load(30, 10))
        short, managed = height(image, COLOURS[0]), height(image, CASE_MANAGEMENT_COLOUR)
        assert short / managed == pytest.approx(3, rel=0.05)

    def test_the_recommended_range_is_behind_them(self) -> None:
        assert area(drawn(load(0, 0)), BAND) > area(drawn(load(31, 12)), BAND) > 0

    def test_the_expected_part_is_marked_where_there_are_cases(self) -> None:
        marked, empty = (height(drawn(caseload), INK, x=761) for caseload in (load(31, 12), load(0, 0)))
        assert marked > 10
        assert empty == 0

    @pytest.mark.parametrize(("short", "managed"), [(0, 0), (1, 0), (0, 1), (500, 400)])
    def test_any_caseload_can_be_drawn(self, short: int, managed: int) -> None:
        assert drawn(load(short, managed)).size == (1080, 1350)

    def test_nobodys_caseload_too(self) -> None:
        assert drawn(Caseload([], 0, 0, 0, 0, "1/3", people=0)).size == (1080, 1350)

    def test_more_forms_than_colours_too(self) -> None:
        forms = [FormCount(f"f{number}", f"Form {number}", number) for number in range(6)]
        assert drawn(Caseload(forms, 1, 50, 60, 5, "1/3")).size == (1080, 1350)

    def test_the_same_figures_give_the_same_bytes_in_every_thread(self) -> None:
        pictures: set[bytes] = set()

        def draw() -> None:
            pictures.add(caseload_chart(load(31, 12), title="Ihre Auslastung"))

        threads = [threading.Thread(target=draw) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(pictures) == 1


class TestForEverybody:
    def test_letters_are_large(self) -> None:
        assert min(TEXT["size"], LARGE["size"]) >= 16

    @pytest.mark.parametrize("ground", [PAPER, BAND, *COLOURS])
    def test_dark_letters_stand_out(self, ground: str) -> None:
        assert contrast(INK, ground) >= 4.5

    def test_light_numbers_stand_out(self) -> None:
        assert contrast(PAPER, CASE_MANAGEMENT_COLOUR) >= 4.5

    @pytest.mark.parametrize("colour", COLOURS[:2])
    def test_what_meets_differs_in_lightness_not_only_in_hue(self, colour: str) -> None:
        assert contrast(colour, CASE_MANAGEMENT_COLOUR) >= 2

    def test_no_colour_is_used_twice(self) -> None:
        assert all(one != other for one, other in combinations([*COLOURS, CASE_MANAGEMENT_COLOUR], 2))
