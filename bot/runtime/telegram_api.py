"""Where the Bot API is (Telegram's own, or a server of the municipality's), and what the bot is called there."""

from __future__ import annotations

from telegram import Bot
from telegram.error import TelegramError

from actions.settings import Settings

PUBLIC = "https://api.telegram.org"


def api_roots(settings: Settings) -> tuple[str, str]:
    """The addresses before the token, of methods and of files."""
    root = (settings.telegram_api_url or PUBLIC).rstrip("/").removesuffix("/bot")
    return f"{root}/bot", f"{root}/file/bot"


async def bot_name(settings: Settings) -> str | None:
    """The bot's name for a link; none without a token or while Telegram can't be reached."""
    if settings.telegram_token is None:
        return None
    base, files = api_roots(settings)
    bot = Bot(settings.telegram_token.get_secret_value(), base_url=base, base_file_url=files)
    try:
        async with bot:
            return bot.username
    except TelegramError:
        return None
