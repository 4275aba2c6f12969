"""A local stand-in of the Telegram Bot API for tests and benchmarks."""
