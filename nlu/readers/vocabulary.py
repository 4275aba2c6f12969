"""The long words readers know, so that a slip in them can be put right."""

from __future__ import annotations

from nlu.readers.spelling import Speller

TIME = (
    "montag dienstag mittwoch donnerstag freitag samstag sonnabend sonntag montags dienstags mittwochs donnerstags "
    "freitags samstags sonntags januar februar august september oktober november dezember "
    "gestern vorgestern morgen uebermorgen morgens abends mittags vormittag vormittags nachmittag nachmittags "
    "letzte letzten letzter letztes letztem naechste naechsten naechster naechstes naechstem kommende kommenden "
    "kommender vorige vorigen voriger vergangene vergangenen vergangener uebernaechste uebernaechsten vorletzte "
    "vorletzten diesen dieser dieses woche wochen monat monate monaten monats quartal quartals jahre jahren jahres "
    "minute minuten minuetchen stunde stunden stuendchen halben halber dreiviertel dreiviertelstunde viertelstunde "
    "anderthalb eineinhalb viertel anfang zwanzig dreissig vierzig fuenfzig sechzig siebzig achtzig neunzig fuenfzehn "
    "fuenfundzwanzig fuenfunddreissig fuenfundvierzig monatsende jahresende quartalsende wochenende "
    "erinner erinnere erinnern erinnerung wiedervorlage taeglich woechentlich monatlich jaehrlich halbjaehrlich "
    "vierteljaehrlich quartalsweise werktags vergessen vormerken reminder nochmal bescheid"
)
NEAR_THEM = (
    "schlaeft vernetzung anlage anlagen nachbarin schulze bewertung mailen schlange sende scherz mangel telefonieren "
    "fester unterhalb verschiedener schluessel geschlafen haustuer meter verguetung verletzung schulart montage "
    "monatige monatigen stuendlich wochenend wochentag minuten jahrgang morgend letztlich wollen wohnen halbes kommen "
    "kommenden vorlagen vorlage mitteln stellen haben anderen anders anderem anderer arbeitet herat umfang sprechen "
    "spreche mieter halten leitung moegen verwalten drohen dienen schuldet darlegen allgemeinen allgemeiner sonstigen "
    "bewerten bewerber schwager anhang gesicht heimat mietet schuhe schuld standen vermieten vorlegen freiheit "
    "gewicht gedicht schale spruch besch wollten vierten gehabt braucht brauche laenger laengere kaufen laufen leihen "
    "lieben leiden warten karten garten besuche bestehen mittag heutige wachen wolken viertels anfangs abend montagen "
    "freitext abschreiben schulde weisen termine terminen kippe stellte kollegin kollege leise weise reise "
    "gehalten gefallen"
)
"""Right words that lie one slip away from one of those."""

TALK = "termin folgetermin verwiesen weitergeleitet geschickt vermittelt naechster wiedervorlage"
"""What comes after a talk."""
TIME_WORDS = tuple(TIME.split())
TALK_WORDS = tuple(TALK.split())
RIGHT_WORDS = tuple(NEAR_THEM.split())

mend_time = Speller(TIME_WORDS, RIGHT_WORDS)
