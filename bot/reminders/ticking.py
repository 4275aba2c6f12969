"""The clock of reminders: APScheduler only ticks; what is due, and since when, the store knows."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass
from datetime import UTC
from types import TracebackType
from typing import Self

from apscheduler.schedulers.asyncio import AsyncIOScheduler
from sqlmodel import Session

from actions.people import everybody
from actions.standing import plan_everything
from actions.store.models import Person
from bot.reminders.delivery import Delivery

TICK_SECONDS = 0.5
PLAN_MINUTES = 15
"""How often calendar, roles and choices are looked at anew for what is to be planned."""

logger = logging.getLogger(__name__)


@dataclass
class Ticking:
    """As a context, from start to end: what is overdue is delivered at once."""

    delivery: Delivery

    def __post_init__(self) -> None:
        self._scheduler = AsyncIOScheduler(timezone=UTC)
        every = {"max_instances": 1, "coalesce": True, "misfire_grace_time": None}
        self._scheduler.add_job(self.tick, "interval", seconds=TICK_SECONDS, **every)
        self._scheduler.add_job(self.plan, "interval", minutes=PLAN_MINUTES, **every)

    async def tick(self) -> None:
        self.delivery.tick()

    async def plan(self) -> None:
        """One round, person by person, so that no message waits for all of them; a store that fails is tried again in
        the next one."""
        chain = self.delivery.chain
        try:
            with Session(chain.engine) as session:
                for id_ in [person.id for person in everybody(session)]:
                    people = [session.get_one(Person, id_)]
                    plan_everything(session, practice=self.delivery.practice, now=chain.clock(), people=people)
                    session.commit()
                    await asyncio.sleep(0)
        except Exception as error:  # whatever it is, it must not end the ticking
            logger.error("planning failed: %s", type(error).__name__)

    async def __aenter__(self) -> Self:
        self._scheduler.start()
        await self.plan()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._scheduler.shutdown(wait=False)
        await self.delivery.settled()
