"""How people ask to be reminded: the words of a message that are no part of what the reminder is about."""

from __future__ import annotations

import re

from nlu.readers.folding import TAKEN
from nlu.readers.numbers import any_of

GAP = rf"(?:[ ,{TAKEN}]+)"


def words(listed: str) -> str:
    """A pattern for any of these words; "erinner+" stands for all that begin so."""
    return "(?:" + any_of(listed.split()).replace("+", r"\w*") + ")"


SMALL = words(
    "du sie ihr mich mir uns dir das es ding mal ma bitte dran daran me doch noch nochmal dann auch quasi einfach ein "
    "eine einen ne nen n ner kurz kleine kleinen kleiner rechtzeitig unbedingt vorher gern gerne so wieder lotse fuer "
    "auf an in rein vor fest als unter extra lieber ja wenns wenn geht hier davon darueber drueber um zu dafuer"
)
THING = words(
    "erinnerung+ reminder wiedervorl+ wv wvl hinweis alarm schubs stups+ wecker notiz nachricht ping merkposten memo "
    "todo to-do bescheid laut signal piep push weckruf wink"
)
REMINDING = words(
    "erinner+ remind+ weck+ anstups+ anstoss+ anpiep+ anping+ aufschreib+ notier+ merken vormerk+ vorleg+ festhalt+ "
    "eintrag+ anlegen einrichten erstellen setzen speicher+ einstell+ einplan+ geben schicken machen denken melden "
    "sagen werden"
)
IMPERATIVE = words(
    "erinner+ remind reminder weck+ stups+ stoss piep+ ping+ schubs+ mahn meld melde sag sags sage gib+ schick schicke "
    "schreib schreibs schreibe merk merke notier notiere halt halte setz setze stell stelle leg lege mach machs mache "
    "trag trage richt richte erstell erstelle speicher+ plan plane pack packe nimm tu hau denk+ klingel+ ruf vergiss"
)
POLITE = words(
    "setzen legen machen tragen richten stellen erstellen schreiben schicken geben merken notieren sagen planen"
)
CAN = words("kannst kannste koenntest koennen koennten wuerdest wuerden wuerde magst magste musst sollst")
NEED = words("brauch brauche benoetige moechte will wollte haette wuerde")
FORGET = words("vergess+ verschwitz+ verpenn+ verpass+ verschlaf+ verpeil+ versaeum+")
REMINDED = r"erinnert(?: werden)?"

COMMANDS = re.compile(
    "|".join(
        [
            # "stups mich nochmal an", "mach mir ne erinnerung rein", "setzen Sie mir bitte eine wiedervorlage"
            rf"(?<![a-z])(?:(?:bitte|hallo|hey|hi|moin|du|lotse|also|so)[, ]+)*(?:{IMPERATIVE}|{POLITE}(?= sie\b))"
            rf"(?:{GAP}(?:{SMALL}|{THING}))+(?:{GAP}{REMINDING}(?![a-z]))?(?![a-z])",
            # "kannst du mich ... erinnern", "soll mich das ding dran erinnern"
            rf"\b(?:{CAN}|soll mich|darf ich)(?:{GAP}(?:ich|{SMALL}|{THING}))*"
            rf"{GAP}(?:{REMINDING}|(?:mich|mir|uns)(?:{GAP}{SMALL})*)(?![a-z])",
            # "ich brauch ne erinnerung", "ich bitte um wiedervorlage", "brauch ich erinnerung"
            rf"\b(?:ich )?(?:{NEED}|bitte um|wuensche mir)(?:{GAP}(?:ich|gern\w*|{SMALL}))*"
            rf"{GAP}(?:{THING}|{REMINDED})(?![a-z])",
            rf"\b{NEED} ich\b(?:{GAP}(?:gern\w*|{SMALL}))*{GAP}(?:{THING}|{REMINDED})(?![a-z])",
            r"\bich (?:moechte|will|haette gern|wuerde gern\w*)(?=.*erinner)",
            # "erinnerung:", "auf wiedervorlage", "erinnern" alone
            r"\b(?:(?:und|also|auf|eine?|ne|als|per|zur) )*"
            rf"(?:erinnerung(?:en)?|reminder|wiedervorl\w*|wv|wvl|alarm|merkposten|to ?-?do|erinnern|{REMINDED}|"
            rf"denken(?=[ .!?]*$))"
            rf"(?:{GAP}(?:an|fuer|anlegen|einrichten|setzen|erstellen|machen|eintragen|stellen|geben|"
            r"als erinnerung|bitte|rein|wenn|dass))*(?![a-z])",
            # a verb of reminding as a clause of its own: ", notieren"
            rf"(?<![a-z])(?<![a-z][ ])(?:bitte )?(?:{REMINDING}|bescheid (?:sagen|geben))(?= ?(?:[.,;!:{TAKEN}]|$))",
            rf"(?:^|(?<={TAKEN} ))bescheid (?:sagen|geben)(?![a-z])",
        ]
    )
)
"""What asks for the reminder."""

PERSON = (
    r"\b(?:dem|der|den|die|fall|falls|fallnummer|fallnr|case|klient\w*|kl|kundin|kunde|nr|nummer|akte|vorgang|ratsuchende\w*|"
    r"familie|fam|frau|herr\w*)\b\.?[ :]*"
)
CASE_WORDS = re.compile(
    r"(?:\b(?:fuer|zu|zum|bei|beim|von|vom|im|in|wegen|bzgl\.?|betr\.?|mit|des|der|den|dem|an|"
    r"am)\b ?)?"
    rf"(?:{PERSON})*(?:\baus\b ?)?(?:{PERSON})*(?=\x01)"
)

ASIDES = re.compile(
    r"\b(?:"
    + "|".join(
        [
            r"(?:vielen |besten |lieben |schon ?mal )*dank(?:e\w*)?(?: (?:dir|ihnen|schoen|im voraus|sehr))*",
            r"(?:(?:ganz|sehr|super|total|echt|mega) )?wichtig|dringend|kein scherz|wenn(?:s|'s| es) geht|bitte",
            # "dass ich das nicht vergesse", "ich fürchte ich vergess das", "sonst krieg ich ärger"
            r"(?:dass|damit|nicht dass|damit das|bevor|eh) ich(?:s|'s| es| das| ihn| sie)?(?: bloss| ja| wieder)? "
            rf"(?:nicht |nich |nie )?{FORGET}",
            r"(?:ich )?(?:fuerchte|glaub\w*|sonst)(?:,? dass)?(?: ich)? "
            rf"{FORGET}(?: ich)?(?: das| es|'s)?(?: wieder| nur| sonst)?",
            rf"(?:sonst )?{FORGET} ich(?:s|'s| es| das)?(?: wieder| sonst| nur)?",
            r"sonst (?:krieg\w*|bekomm\w*|gibt'?s?|haben wir|hab ich|reisst|wird) [^,.;:!?]*",
            r"(?:(?:ich |ja |bloss |darf |will |sollte )*nicht|nich|nix|auf keinen fall) vergessen",
            r"vergiss (?:das |es |mir das )?nicht",
            # "los gehts am", "datum", "uhrzeit"
            r"einmal|ab (?:sofort|dann|jetzt)|los geht'?s|start(?:et|end)?|beginnend|erstmals|zum ersten mal",
            rf"(?:jeweils )?datum|uhrzeit|(?:und )?naechste[rs]?(?= ?{TAKEN})|(?:um|rum|vorbei) sind",
            r"(?:hallo|hey|hej|hi|moin|servus|guten (?:tag|morgen))(?: (?:lotse|zusammen|bot|du))?",
            r"du(?=,)|lotse(?=[,:!])",
            r"(?:falls|wenn) moeglich|freundlicherweise|pls|irgendwann|ungefaehr|spaetestens|spaet\.|"
            r"rechtzeitig|voraussichtlich",
            r"aeh+m*|hm+|naja|na ja|ach(?: ja| komm| und)?|pass auf|wat war noch|weisst du was|ok(?:ay)?(?=\b)",
            r"(?<!ob )das mit de[rmn]|hab ich eh zeit|(?:gleich )?als (?:aller)?erstes|was ich noch sagen wollte",
            r"los mit",
            rf"(?:das |der )?(?:naechste[rs]?|erste[rs]?)(?: mal| termin)?(?: ist| am| der| dann|:)*(?= ?{TAKEN})",
        ]
    )
    + r")\b"
)
"""What people say besides."""

YOU = r"(?:sie|du)"
FRAMES = re.compile(
    r"\b(?:"
    + "|".join(
        [
            # "koennten sie mich bitte", "duerfte ich sie bitten, mir", "waeren sie so nett, mich"
            rf"(?:koennten|wuerden|koenntest|kannst|kannste|wuerdest|duerfte|darf|waeren|waerst|lassen|wollen) "
            rf"(?:{YOU}|ich)"
            rf"(?: sie| mich| mir| bitte| gern\w*| so (?:nett|freundlich|lieb|gut)| bitten| das| es| "
            rf"freundlicherweise)*(?=[ ,{TAKEN}]|$)",
            r"(?:kannste|kannst)(?: mich| mir| bitte| das| mal)+",
            rf"(?:es )?w(?:ae|a)e?r\w* (?:schoen|gut|super|toll|nett|hilfreich|mir recht|ich dankbar|"
            rf"dankbar)(?:,? (?:wenn|dass) {YOU}(?: mich| mir)*)?",
            rf"ich (?:waere|bin) (?:ihnen )?dankbar,? wenn {YOU}(?: mich| mir)*",
            rf"wenn {YOU}(?: mich| mir)*(?= ?[{TAKEN}])(?! ich)",
            r"(?:(?:kurze|kleine)[rn]? )?hinweis auf",
            r"sei so (?:gut|lieb|nett) und|tu mir (?:den|einen) gefallen und",
            r"(?:(?:mich |mir )?(?:koennten|koenntest|kannst|wuerden|wuerdest)|"
            r"mich (?:laesst|liessen|lassen))(?= ?[.!?]*$)",
            rf"(?:(?:und )?weisen? (?:{YOU} )?mich(?: bitte)?|darauf hin|darauf aufmerksam(?: machen)?|"
            rf"aufmerksam machen|hinzuweisen|hinweisen)",
            rf"spr(?:e|i)ch(?:en)? (?:{YOU} )?mich(?: bitte)?|ansprechen",
            rf"lass(?:en)? (?:{YOU} )?mich(?: bitte)?(?: das| es)?(?: nicht (?:vergessen|versaeumen)| wissen| "
            rf"daran denken| dran denken)?|wissen(?= ?[,.!]|$)",
            rf"(?:zu )?(?:sag|sags|sagt|sagst|sage|sagen|schrei|schreib|piepen|piep|pieps|pieks|piek|weck|"
            rf"schubs|stups|anstupsen|anpingen|ping|pings|nerv|"
            rf"tritt|treten|hau|klingel|anklingeln|melden?|meld|bescheid|warnen|warn|vorwarnen|erinnern|gib|"
            rf"geben|schick)"
            rf"(?: ?{YOU})?(?: sich| dich| mich| mir| was| bitte| bescheid| nochmal| noch mal| mal| einmal| "
            rf"laut| zeichen| nachricht| an| dran| wieder)+"
            r"(?: bei mir| bescheid)?",
            r"(?:bei mir melden|mir (?:bescheid )?(?:sagen|geben|melden)|piepen|anstupsen|"
            r"anstubsen|anpingen|ansagen|weckruf)(?= ?[,.!]|$)",
            rf"(?:bitte )?frag(?:en)? (?:{YOU} )?mich(?: bitte)?(?: nochmal| mal)?",
            r"(?:lege?n?|setze?n?|pack\w*|wirf|nehmen|nimm|mach\w*|trag\w*|richte?n?|stelle?n?|merke?n?|"
            r"notiere?n?|vermerken?|halte?n?|behalt\w*|"
            r"schreibe?n?|zeige?n?|hol|holen)(?: ?(?:sie|mir|mich|dir|das|es|mal|bitte|was|fuer mich|fuer dich|"
            r"so|doch|in|meine)\b)+"
            r"(?: ?(?:vor|hin|auf|ein|an|fest|rein|wieder|so|dran|im kopf|im sinn|frei|im auge)\b)*",
            r"(?:wieder |erneut )?(?:vorlegen|vorzulegen|vormerken|merken|"
            r"einrichten|einplanen|aufschreiben|hinlegen|"
            r"hochspuelen|zeigen)(?= ?(?:[,.!{TAKEN}]|$))".replace("{TAKEN}", TAKEN),
            r"(?:wieder )?(?:vor|hin)(?= ?[.!,]|$)|wieder dran",
            r"(?:auf|in) (?:den |die |meine |dem |meiner )?(?:tisch|liste|termin|schirm|deckel|fuesse|"
            r"kalender)(?: setzen| behalten| legen)?",
            r"knoten ins taschentuch|^kalender(?=[ :])|merker|n\. ?t\.|vormerken|weckruf|merkzettel",
            r"(?:einen |nen |ne |eine |einen kleinen |ein )?(?:hinweis|schubs\w*|stupser|anstoss|zeichen|"
            r"vorwarnung|signal|wink|info)(?: auf)?(?= ?(?:[,.!:{TAKEN}]|$))".replace("{TAKEN}", TAKEN),
            # "ich vergess das sonst", "vergess sonst", "nicht verpennen"
            r"(?:ich )?habe? angst,? ich (?:vergess\w*|verschwitz\w*)",
            r"(?:ich )?(?:vergess\w*|verschwitz\w*|verpeil\w*|verpenn\w*)(?: das| es| immer| sonst|'s)+",
            r"(?:ich )?(?:darf|will|moechte)? ?(?:das )?(?:nicht|nich|nciht|nie|keinesfalls|auf keinen fall) "
            r"(?:vergess\w*|vergesen|vergesn|verpenn\w*|verschwitz\w*|verpass\w*|versaeum\w*|verpeil\w*)(?: lassen)?",
            r"(?:du |sie )(?:sollst|sollen|musst|muessen|kannst|sagst|koennten|koenntest)(?: mir| mich)?(?: sagen)?",
            r"ich (?:moechte|will|wuerde gern\w*|wuerd gern|braeuchte|brauche?|haette gern\w*|nehm mir vor|hab "
            r"versprochen|wuenschte)|wuensche ich mir|"
            r"(?:hab|habe) (?:ich )?(?:versprochen|vor),?(?: mich)?",
            r"(?:es )?geht(?:'?s| es)? (?:hier )?um|bei mir|(?:ins|in) (?:gedaechtnis|erinnerung)(?: rufen)?",
            r"dass du (?:mich|mir|sagst mir)(?: weckst| sagst)?",
        ]
    )
    + r")(?![a-z])"
)
"""Politer and more roundabout ways to ask."""
