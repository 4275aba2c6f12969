"""Words that say nothing about what a reminder is for: small words, words that ask, vague times. For folded text."""

from __future__ import annotations

import re

from nlu.readers.day_words import MONTHS, UNIT
from nlu.readers.numbers import NUMBER, any_of


def listed(words: str) -> frozenset[str]:
    return frozenset(words.split())


FILLERS = listed(
    "sowas fast ja nee nein nicht nich ned nie ach also so mal ma bitte danke dann da doch halt eben einfach auch "
    "schon noch nur eh gleich kurz unbedingt dringend wichtig eigentlich irgendwie quasi vielleicht wohl "
    "ungefaehr ca etwa genau puenktlich punkt spaetestens rechtzeitig sonst trotzdem jedenfalls gern gerne lieber "
    "naja hm aeh oh hey hi hallo moin servus hej haha lotse bot grad gerade nachher spaeter zwar und oder aber "
    "ganz sehr ok okay extra immer jeweils stets regelmaessig egal quatsch sorry privat garantiert wieso wenns "
    "erstmals datum uhrzeit uhr daran drum darum dafuer darueber jetzt heute morgen gefallen versprochen zwischen "
    "frueh frueher vorher davor ding dran bloss lass nichts sozusagen dabei leute tschuess na mittags morgens "
    "abends nachmittags vormittags gerechnet deshalb daher deswegen besten genauer warte i a knapp spaet danach was"
)
PRONOUNS = listed("ich mich mir mi du dich dir sie er es wir uns ihr ihnen man jemand sich ichs chef")
INDEFINITE = listed("ein eine einen einem einer eines ne nen nem ner n mein meine meinen meinem meiner")
ARTICLES = INDEFINITE | listed("der die das den dem des dat de")
MODALS = listed(
    "muss musst muesst muesste mueste muessen soll sollst sollen sollte sollten will willst wollen wollte moechte "
    "moecht moechten kann kannst kannste koennte koenntest koennten darf duerfte wuerde wuerdest wuerden haette "
    "braeuchte brauch brauche"
)
HELPERS = listed("hat habe hab haben ist sind war bin waere waer steht gibt")
STAYING = listed("da dran los dort hier")
"""Small at the beginning, but not at the end: "bescheid da?"."""
OF_ONESELF = listed("komm komme bin war hab habe hatte nehm nehme glaub glaube mein meine weiss fuerchte tus vergess")
"""After "ich": tells of oneself; any other verb is what is to be done."""
AGAIN = listed("nochmal nochmals wieder erneut nochma")
"""Kept only before a single word: "wieder anrufen"."""
LABELS = listed("grund anlass betrifft thema themen stichwort betreff betr bzgl")
PREPOSITIONS = listed(
    "an ans am auf aufs bei beim bis durch fuer fuers gegen im in ins mit nach ohne seit um unter von vom vor "
    "wegen wg zu zum zur zwecks ueber ab aus bzgl betr als"
)
GOVERNING = listed("an ans am auf fuer fuers wegen wg zwecks bzgl betr betreff thema zu zum zur um von ueber")
"""What leads from the asking to what it is about."""
TELLING = listed("bin hat hab habe ist kommt meldet ruft wird will bringt laeuft endet war")
"""Open a clause that tells of a client, where another one says what is to be done."""
REASONS = listed("weil sonst damit falls wenn sobald denn bevor")
SOFT = listed(
    "melden meld melde sagen sag sage schicken schick setzen setz setze stellen stell machen mach legen leg lege "
    "geben gib eintragen trag speichern einrichten anlegen schreib nimm pack hau frei rein wissen vorlegen gehen "
    "geht kommen tun lassen lasse vorgelegt zeigen holen einplanen aufnehmen notieren festhalten wiederholen "
    "wiederhole bescheid "
    "laut signal nachricht vorlage notiz aufgabe seien sei nett lieb freundlich gut kleine kleinen kleiner kurze "
    "merkst kommst meldest sitzt spaeter mal woche tag wuensche text rufen klappt weisst dings moment sagt sagst "
    "machst klingeln sprachnotiz zettel aufpoppen"
)
"""Words that ask, but may also be what is to be done."""
REMINDING = re.compile(
    r"erinner\w*|erinnr\w*|reminder|remind|wv|wvl|wiedervorl\w*|weck|wecke?n?|wecker|weckruf|(?:an|ge)?stups\w*|"
    r"(?:an)?piep\w*|pieks|pings?|pling|angepingt|rausklingeln|mahn|mahne|alarm|memo|merk|merke|merks\w*|merken|"
    r"merkposten|vormerken|vormerkung|notier|notiere|schubs\w*|denk|denke|denken|denks\w*|"
    r"gedaechtnis\w*|hinzuweisen|hinweisen|vergess\w*|vergiss|verges\w*|verpass\w*|verpenn\w*|"
    r"verschwitz\w*|verschlaf\w*|verpeil\w*|versaeum\w*|todo|to-do|erbitte"
)
VAGUE = (
    r"(?:(?:sommer|winter|oster|herbst|weihnachts|pfingst|schul)?ferien|(?:zeit)?umstellung|winterzeit|sommerzeit|"
    r"wochenende|urlaub|(?:oster|pfingst|kar)(?:sonn|mon|frei|sams)tag|"
    r"fruehe?|weihnachten|ostern|pfingsten|silvester|neujahr|feierabend|mittag|neuen jahr|monats?|"
    r"mittagspause|jahreswechsel|"
    r"tag der arbeit|(?:ersten|zweiten|dritten|vierten) advent|tag|pause|schalttag|"
    r"fruehling|sommer|herbst|winter|fruehjahr|heiligabend|nikolaus)"
)
TIME_PHRASE = re.compile(
    rf"in der (?:ersten|zweiten|dritten|letzten) (?:{any_of(MONTHS)})woche(?!\S)|"
    rf"(?:(?:kurz |gleich |direkt |ganz |(?:{NUMBER}) (?:{UNIT}) )?"
    rf"(?:nach|vor|seit|in|an|zu|im|am|zum|des|bis|ueber|ausser)(?: de[nmr]| die)? {VAGUE}|"
    r"winterzeit|sommerzeit|ganz frueh)(?!\S)"
)
