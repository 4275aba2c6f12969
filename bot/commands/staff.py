"""`lotse staff`: who may write, as what, and who is out."""

from __future__ import annotations

import asyncio
from datetime import datetime
from typing import Annotated

import typer
from sqlmodel import Session

from actions.absences import set_absence
from actions.access import OPERATOR, ROLE_NAMES
from actions.clock import BERLIN, system_clock
from actions.people import (
    accounts_of,
    by_alias,
    change_role,
    change_share,
    disable,
    everybody,
    invite,
    open_invitation,
    require_person,
)
from actions.settings import Settings, load_settings
from actions.store.models import Role
from bot.commands.output import lie, out
from bot.runtime.assembly import open_database
from bot.runtime.progress import Progress
from knowledge.errors import LotseError

STAFF_LINE = "{:32} {:26} {:>5} {}"

app = typer.Typer(no_args_is_help=True, help="Mitarbeitende einladen, ändern, sperren.")

Alias = Annotated[str, typer.Argument(help="Alias der Person, nie ihr Name")]
HandOverTo = Annotated[str | None, typer.Option(help="Alias der Person, die die Fälle übernimmt")]


@app.command("invite")
def invite_person(
    alias: Alias,
    role: Annotated[Role | None, typer.Option(help="Rolle; sonst die bisherige oder case_manager")] = None,
    share: Annotated[
        float | None, typer.Option(help="Anteil einer vollen Stelle (VZÄ); sonst der bisherige oder 1")
    ] = None,
    new_account: Annotated[bool, typer.Option(help="Für ein anderes Konto derselben Person")] = False,
) -> None:
    """Einen Einladungslink machen; er gilt einmal und 72 Stunden."""
    settings = load_settings()
    engine = open_database(settings)
    with Session(engine) as session:
        known = by_alias(session, alias)
    if known is None and looks_like_a_name(alias, settings):
        raise LotseError(f"„{alias}“ sieht wie ein Name aus – bitte einen Alias wie „lotse-3“ wählen.")
    with Session(engine) as session:
        invited = invite(
            session,
            by=OPERATOR,
            alias=alias,
            role=role or (known.role if known else Role.CASE_MANAGER),
            share=share if share is not None else known.share if known else 1.0,
            new_account=new_account,
            now=system_clock(),
        )
        session.commit()
        until = invited.expires_at.astimezone(BERLIN)
    if invited.replaced:
        out.print(f"Für „{alias}“ gab es schon eine offene Einladung; der ältere Link gilt nicht mehr.", markup=False)
    link = invitation_link(settings, invited.token)
    if link is not None:
        out.print(link, markup=False)
    else:
        out.print("Der Bot ist gerade nicht erreichbar; die Person schreibt ihm in Telegram:")
        out.print(f"/start {invited.token}", markup=False)
    out.print(f"Gilt einmal, bis {until:%d.%m.%Y %H:%M} Uhr. Bitte nur dieser Person geben.")


@app.command("list")
def list_staff() -> None:
    """Alle Mitarbeitenden mit Rolle, Anteil und Zustand."""
    now = system_clock()
    with Session(open_database(load_settings())) as session:
        out.print(STAFF_LINE.format("Alias", "Rolle", "VZÄ", "Zustand"))
        for person in everybody(session):
            channels = sorted({account.channel for account in accounts_of(session, person)})
            invitation = open_invitation(session, person, now)
            state = ", ".join(channels) or "noch nicht angemeldet"
            if any(account.blocked_at for account in accounts_of(session, person)):
                state += " (hat den Bot blockiert)"
            if not person.active:
                state = "gesperrt"
            elif invitation is not None:
                state += f" (eingeladen bis {invitation.expires_at.astimezone(BERLIN):%d.%m. %H:%M})"
            line = STAFF_LINE.format(person.alias, ROLE_NAMES[person.role], f"{person.share:g}", state)
            out.print(line, markup=False)


@app.command("role")
def set_role(alias: Alias, role: Role, hand_over_to: HandOverTo = None) -> None:
    """Die Rolle ändern."""
    with Session(open_database(load_settings())) as session:
        to = require_person(session, hand_over_to) if hand_over_to else None
        person = require_person(session, alias)
        moved = change_role(session, by=OPERATOR, person=person, role=role, hand_over_to=to, now=system_clock())
        session.commit()
    out.print(f"„{alias}“ ist jetzt {ROLE_NAMES[role]}.{handed_over(moved, hand_over_to)}", markup=False)


@app.command("share")
def set_share(alias: Alias, share: float) -> None:
    """Den Anteil einer vollen Stelle (VZÄ) ändern."""
    with Session(open_database(load_settings())) as session:
        person = require_person(session, alias)
        change_share(session, by=OPERATOR, person=person, share=share, now=system_clock())
        session.commit()
    out.print(f"„{alias}“ hat jetzt {share:g} VZÄ.", markup=False)


@app.command("disable")
def disable_person(alias: Alias, hand_over_to: HandOverTo = None) -> None:
    """Sperren, in jedem Kanal und sofort; Fälle gehen an eine Kollegin oder einen Kollegen."""
    with Session(open_database(load_settings())) as session:
        to = require_person(session, hand_over_to) if hand_over_to else None
        person = require_person(session, alias)
        moved = disable(session, by=OPERATOR, person=person, hand_over_to=to, now=system_clock())
        session.commit()
    out.print(f"„{alias}“ ist gesperrt.{handed_over(moved, hand_over_to)}", markup=False)


@app.command("absent")
def set_absent(
    alias: Alias,
    deputy: Annotated[str, typer.Option(help="Alias der Vertretung")],
    first_day: Annotated[datetime, typer.Option("--from", formats=["%Y-%m-%d", "%d.%m.%Y"])],
    last_day: Annotated[datetime, typer.Option("--to", formats=["%Y-%m-%d", "%d.%m.%Y"])],
) -> None:
    """Eine Abwesenheit eintragen, etwa bei Krankheit."""
    with Session(open_database(load_settings())) as session:
        set_absence(
            session,
            by=OPERATOR,
            person=require_person(session, alias),
            deputy=require_person(session, deputy),
            first_day=first_day.date(),
            last_day=last_day.date(),
            now=system_clock(),
        )
        session.commit()
    out.print(f"„{deputy}“ vertritt „{alias}“ vom {first_day:%d.%m.} bis {last_day:%d.%m.%Y}.", markup=False)


def handed_over(moved: int, to: str | None) -> str:
    return f" {lie(moved)} jetzt bei „{to}“." if moved else ""


def looks_like_a_name(alias: str, settings: Settings) -> bool:
    """Whether the privacy guard takes an alias for a person's name."""
    from bot.runtime.guard import open_guard
    from knowledge.load import load_knowledge

    guard = open_guard(settings, load_knowledge(settings.overlay), Progress())
    return any(span.label == "PERSON" for span in guard.mask(f"Anruf von {alias.title()}, {alias} war hier").spans)


def invitation_link(settings: Settings, token: str) -> str | None:
    from bot.runtime.telegram_api import bot_name

    name = asyncio.run(bot_name(settings))
    return None if name is None else f"https://t.me/{name}?start={token}"
