"""The command line: the same functions as in Python, one command for each step."""

from termini.cli.app import main

__all__ = ["main"]
