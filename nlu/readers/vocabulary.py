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
    "vierteljaehrlich quartalsweise werktags"
)
NEAR_THEM = (
    "monatige monatigen stuendlich wochenend wochentag minuten jahrgang morgend letztlich wollen wohnen halbes "
    "kommen kommenden vorlagen vorlage mitteln mittag heutige wachen wolken viertels anfangs abend montagen freitext"
)
"""Right words that lie one slip away from one of those."""

TIME_WORDS = (*TIME.split(), *NEAR_THEM.split())

mend_time = Speller(TIME_WORDS)
