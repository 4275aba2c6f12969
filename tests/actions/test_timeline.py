"""The picture of the coming twelve months: what stands in it, and that it can be read on a phone."""

from __future__ import annotations

import io
import threading
from datetime import date, timedelta
from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib.lines import Line2D
from matplotlib.text import Text
from PIL import Image

from actions.charts import PAPER, TEXT, WIDTH_PX
from actions.timeline import BEFORE, DATE, HINT, MOST, NONE, ON_ITS_DAY, timeline, timeline_chart
from knowledge.deadlines import load_deadlines

TODAY = date(2026, 11, 23)
LAST = date(2027, 11, 22)
PROGRAMME = [(one.deadline.title, one.day) for one in load_deadlines().between(date(2026, 1, 1), date(2029, 12, 31))]
MESSENGER_LIMIT = 10_000
"""Width and height together, in points, of a photo in Telegram."""


def texts(days: list[tuple[str, date]], today: date = TODAY) -> list[Text]:
    return list(timeline(days, today).axes[0].texts)


def words(days: list[tuple[str, date]], today: date = TODAY) -> list[str]:
    return [text.get_text() for text in texts(days, today)]


def beside_the_line(days: list[tuple[str, date]], today: date = TODAY) -> list[str]:
    """What is written for single days, from above."""
    found = [text for text in texts(days, today) if text.get_position()[0] > WIDTH_PX / 4]
    return [text.get_text() for text in sorted(found, key=lambda text: text.get_position()[1])]


def image(days: list[tuple[str, date]], today: date = TODAY) -> Image.Image:
    return Image.open(io.BytesIO(timeline_chart(days, today=today))).convert("RGB")


def has_colour(picture: Image.Image, colour: str) -> bool:
    wanted = tuple(bytes.fromhex(colour[1:]))
    return any(found == wanted for _, found in picture.getcolors(1 << 24) or [])


def is_tick(line: Line2D) -> bool:
    """A month begins: a line across."""
    height = line.get_window_extent().height
    return bool(line.get_window_extent().width > WIDTH_PX / 2 and height < 1)


class TestContent:
    def test_the_deadlines_of_the_programme(self) -> None:
        assert beside_the_line(PROGRAMME) == [
            "heute: Mo, 23.11.2026",
            "Mo, 01.02.2027",
            "Baustein 3: früheste Auszahlung, erste",
            "Rate",
            "Mi, 31.03.2027",
            "Baustein 3: Restmittel zurückzahlen",
            "Mi, 30.06.2027",
            "Baustein 3: Auszahlung, zweite Rate",
            "So, 31.10.2027",
            "KIM-Förderung fürs Folgejahr",
            "beantragen",
            "letzter Werktag: Fr, 29.10.",
        ]

    def test_every_month_has_its_name_and_every_year_stands_once(self) -> None:
        months = ["Nov", "Dez", "Jan", "Feb", "März", "Apr", "Mai", "Juni", "Juli", "Aug", "Sep", "Okt", "Nov"]
        shown = [word for word in words([]) if word in {*months, "2026", "2027"}]
        assert shown == ["Nov", "2026", "Dez", "Jan", "2027", *months[3:]]

    def test_from_the_first_of_a_month_there_are_twelve(self) -> None:
        shown = words([], date(2027, 1, 1))
        assert (shown.count("Jan"), shown.count("Dez"), shown.count("2028")) == (1, 1, 0)

    def test_a_holiday_is_named(self) -> None:
        assert "Allerheiligen, letzter Werktag: Fr, 29.10." in words([("Frist", date(2027, 11, 1))])

    def test_deadlines_of_one_day_stand_together(self) -> None:
        day = date(2027, 4, 30)
        assert beside_the_line([("Zweite", day), ("Erste", day), ("Erste", day)])[1:] == [
            "Fr, 30.04.2027",
            "• Erste",
            "• Zweite",
        ]

    @pytest.mark.parametrize("day", [TODAY, LAST])
    def test_the_first_and_the_last_day_count(self, day: date) -> None:
        assert "Frist" in words([("Frist", day)])

    @pytest.mark.parametrize("day", [TODAY - timedelta(days=1), LAST + timedelta(days=1)])
    def test_what_is_over_or_too_far_is_left_out(self, day: date) -> None:
        assert "Frist" not in words([("Frist", day)])

    def test_without_deadlines_it_says_so(self) -> None:
        assert " ".join(beside_the_line([])[1:]) == NONE
        assert " ".join(beside_the_line([("Frist", LAST)])[1:]) != NONE

    def test_more_than_it_holds_are_counted(self) -> None:
        many = [(f"Frist {number}", TODAY + timedelta(days=number)) for number in range(MOST + 4)]
        assert "Weitere Fristen: 4" in words(many)
        assert not [word for word in words(many[:MOST]) if word.startswith("Weitere")]

    def test_from_the_29_february_it_ends_on_the_27(self) -> None:
        assert "29.02.2028 bis 27.02.2029" in words([], date(2028, 2, 29))


class TestLegible:
    @settings(derandomize=True, deadline=None, max_examples=40)
    @given(
        st.lists(
            st.tuples(
                st.text(st.characters(max_codepoint=0x17F, exclude_categories=["Cc"]), min_size=1, max_size=48),
                st.dates(TODAY, LAST),
            ),
            max_size=MOST + 5,
        )
    )
    def test_no_text_overlaps_another_or_leaves_the_picture(self, days: list[tuple[str, date]]) -> None:
        figure = timeline(days, TODAY)
        width, height = figure.get_size_inches() * figure.dpi
        boxes = [text.get_window_extent() for text in figure.axes[0].texts if text.get_text().strip()]
        assert all(box.x0 >= 0 and box.x1 <= width and box.y0 >= 0 and box.y1 <= height for box in boxes)
        assert not [(one, other) for one, other in combinations(boxes, 2) if one.overlaps(other)]
        ticks = [line.get_window_extent().y0 for line in figure.axes[0].lines if is_tick(line)]
        assert len(ticks) == 13
        assert not [box for box in boxes if any(box.y0 <= tick <= box.y1 for tick in ticks)]

    def test_a_word_too_long_for_a_line_is_broken_and_nothing_is_lost(self) -> None:
        assert "".join(beside_the_line([("W" * 120, LAST)])[2:]) == "W" * 120

    def test_letters_are_large(self) -> None:
        assert min(font["size"] for font in (TEXT, DATE, HINT)) >= 16
        assert {text.get_fontfamily()[0] for text in texts(PROGRAMME)} == {"DejaVu Sans"}

    def test_days_without_work_differ_in_colour_and_shape(self) -> None:
        assert ON_ITS_DAY[1] != BEFORE[1]
        sunday, monday = image([("Frist", date(2027, 10, 31))]), image([("Frist", date(2027, 3, 1))])
        assert has_colour(sunday, BEFORE[0]) and not has_colour(sunday, ON_ITS_DAY[0])
        assert has_colour(monday, ON_ITS_DAY[0]) and not has_colour(monday, BEFORE[0])

    def test_a_dollar_is_no_formula(self) -> None:
        assert image([(r"Kosten $\frac$ und mehr", LAST)]).width == WIDTH_PX


class TestPicture:
    def test_it_is_a_png_of_a_phones_width_in_portrait(self) -> None:
        png = timeline_chart(PROGRAMME, today=TODAY)
        assert png.startswith(b"\x89PNG")
        width, height = Image.open(io.BytesIO(png)).size
        assert (width, height > width) == (WIDTH_PX, True)
        assert len(png) < 500_000

    def test_the_longest_is_taken_by_a_messenger(self) -> None:
        many = [("Mmmmmmm " * 6, TODAY + timedelta(days=7 * number)) for number in range(MOST + 9)]
        picture = image(many)
        assert sum(picture.size) < MESSENGER_LIMIT

    def test_its_ground_is_paper_to_the_edges(self) -> None:
        picture = image(PROGRAMME)
        edges = [(0, 0), (picture.width - 1, 0), (0, picture.height - 1), (picture.width - 1, picture.height - 1)]
        assert {picture.getpixel(edge) for edge in edges} == {tuple(bytes.fromhex(PAPER[1:]))}

    def test_the_same_deadlines_give_the_same_bytes_in_every_thread(self) -> None:
        pictures: set[bytes] = set()

        def draw() -> None:
            pictures.add(timeline_chart(PROGRAMME[::-1], today=TODAY))

        threads = [threading.Thread(target=draw) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert pictures == {timeline_chart(PROGRAMME, today=TODAY)}
