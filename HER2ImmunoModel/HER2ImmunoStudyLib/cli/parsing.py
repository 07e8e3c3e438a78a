"""The words of the command line: which command, with which options."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from HER2ImmunoCommonLib import RESEARCH_ONLY, __version__

from .commands import COMMANDS, Command


@dataclass(frozen=True)
class Run:
    """One run of a command.

    Attributes
    ----------
    command : Command
    read : callable
        Gives the settings of the command.
    given : mapping of str to object
        What its options hold, to look for names of files among them.
    json : str or None
        File of the summary.
    quiet : bool
    """

    command: Command
    read: Callable[[], object]
    given: Mapping[str, object]
    json: str | None
    quiet: bool


def parse(words: Sequence[str]) -> Run:
    """The run that the words ask for; ends the program for help, version or words that are none of a command."""
    arguments = _parser(words).parse_args(words)
    command = arguments.command
    return Run(command, lambda: command.read(arguments), vars(arguments), arguments.json, arguments.quiet)


def _parser(words: Sequence[str]) -> argparse.ArgumentParser:
    """The parser; only the command that the words choose has its options."""
    parser = argparse.ArgumentParser(
        prog="her2immuno",
        description=f"Quantitative imaging and tumour-immune modelling of HER2+ breast cancer. {RESEARCH_ONLY}",
    )
    parser.add_argument("--version", action="version", version=f"her2immuno {__version__}")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    chosen = next((word for word in words if not word.startswith("-")), None)
    for command in COMMANDS:
        sub = commands.add_parser(command.NAME, help=command.HELP, description=f"{command.HELP}. {RESEARCH_ONLY}")
        if chosen == command.NAME:
            command.add_arguments(sub)
        sub.add_argument("--json", metavar="FILE", help="write a summary of the run as JSON")
        sub.add_argument("--quiet", action="store_true", help="no progress bar and no summary on screen")
        sub.set_defaults(command=command)
    return parser
