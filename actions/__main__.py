"""`python -m actions`: the action server as a process. The shared token comes from the environment."""

from __future__ import annotations

import argparse
import logging
import os
from datetime import timedelta
from pathlib import Path

from actions.server import serve, token_from_environment
from actions.store.engine import open_store
from actions.store.postgres import URL_VARIABLE
from actions.store.vault import KEYS_VARIABLE


def main() -> None:
    parser = argparse.ArgumentParser(prog="actions")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--ranker", type=Path, required=True)
    parser.add_argument("--overlay", type=Path)
    parser.add_argument("--store", type=Path, required=True)
    parser.add_argument("--transferred-days", type=int, required=True)
    arguments = parser.parse_args()
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    engine = open_store(arguments.store, url=os.environ.get(URL_VARIABLE), keys=os.environ.get(KEYS_VARIABLE))
    kept_for = timedelta(days=arguments.transferred_days)
    serve(
        arguments.port, arguments.ranker, token_from_environment(), engine, kept_for=kept_for, overlay=arguments.overlay
    )


if __name__ == "__main__":
    main()
