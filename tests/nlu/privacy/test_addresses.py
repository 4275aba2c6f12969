"""Street addresses: what is one, how far it reaches, what is none, and why."""

from __future__ import annotations

import pytest

from nlu.privacy.addresses import addresses
from nlu.privacy.spans import without_overlaps


def found(text: str) -> list[str]:
    return [text[span.start : span.end] for span in without_overlaps(addresses(text))]


@pytest.mark.parametrize(
    ("text", "address", "why"),
    [
        ("wohnt Hauptstr. 12", "Hauptstr. 12", "short form"),
        ("HAUPTSTRASSE 1, 48739 LEGDEN", "HAUPTSTRASSE 1, 48739 LEGDEN", "capitals"),
        ("wohnt lindenweg 7, 45127 essen", "lindenweg 7, 45127 essen", "small letters, postcode and town"),
        ("Am Alten Markt 3a", "Am Alten Markt 3a", "preposition and letter"),
        ("An der alten Ziegelei 2c", "An der alten Ziegelei 2c", "no street word"),
        ("Konrad-Adenauer-Str. 5 b", "Konrad-Adenauer-Str. 5 b", "named after somebody"),
        ("karl marx str 112", "marx str 112", "all apart"),
        ("dorstener str 88, 44787 bochum", "dorstener str 88, 44787 bochum", "named after a town"),
        ("Lüdinghauser Straße 205 b", "Lüdinghauser Straße 205 b", "apart"),
        ("Vennweg 44–46, 46395 Bocholt", "Vennweg 44–46, 46395 Bocholt", "two numbers"),
        ("Straße des 17. Juni 135", "Straße des 17. Juni 135", "a date inside"),
        ("wohnt Kastanienbogen 14", "Kastanienbogen 14", "only the verb tells"),
        ("Auf der Heide 77, D-33334 Gütersloh", "Auf der Heide 77, D-33334 Gütersloh", "country sign"),
        ("Zum Wasserturm 11 / 48599 Gronau", "Zum Wasserturm 11 / 48599 Gronau", "slash"),
        ("Rathausplatz 1, Raum 204", "Rathausplatz 1", "a square"),
    ],
)
def test_addresses(text: str, address: str, why: str) -> None:
    assert len(found(text)) == 1, why
    assert address in found(text)[0] or found(text)[0] in address, why


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("aus der Bahnhofstraße", "a street without a number"),
        ("wohnt seit 3 Monaten in Essen", "a duration"),
        ("wohnt mit 4 Kindern in 45127 Essen", "a postcode alone"),
        ("Im Mai 3 Termine, am Montag 2", "days"),
        ("Platz 12 auf der Warteliste", "a place in a row"),
        ("auf dem Weg 2 Stunden", "a way"),
        ("Handlungsfeld 3, Baustein 2, Modul 4", "the programme's words"),
        ("Kitaplatz 2 frei, Ausbildungsplatz 1", "places of another kind"),
        ("auf dem Rechtsweg 2 Jahre", "the way through the courts"),
        ("im Baustein 2, 50 000 oder mehr", "sums"),
        ("Zimmer 12, Raum 3, Haus 4", "rooms"),
    ],
)
def test_what_is_none(text: str, why: str) -> None:
    assert found(text) == [], why
