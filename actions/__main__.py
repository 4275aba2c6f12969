"""`python -m actions`: the action server as a process. The shared token comes from the environment."""

from __future__ import annotations

import argparse
import logging
from pathlib import Path

from actions.server import serve, token_from_environment


def main() -> None:
    parser = argparse.ArgumentParser(prog="actions")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--ranker", type=Path, required=True)
    parser.add_argument("--overlay", type=Path)
    arguments = parser.parse_args()
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    serve(arguments.port, arguments.ranker, token_from_environment(), overlay=arguments.overlay)


if __name__ == "__main__":
    main()
