"""The package's own small family of errors.

Every message names the file, glacier or trace that is at fault and says what
to do about it. Code that works through a batch catches `TerminiError`, records
the message, and goes on.
"""

from __future__ import annotations


class TerminiError(Exception):
    """Base of every error that termini raises on purpose."""


class InputError(TerminiError, ValueError):
    """A file, table or argument is not what the function needs."""


class SceneError(InputError):
    """A satellite scene cannot be read or holds nothing to work on."""


class TraceError(InputError):
    """A front trace is not usable: too short, outside its domain, undated."""


class DomainError(InputError):
    """A glacier domain is unknown, or its walls, gate and centreline disagree."""


class ConfigError(InputError):
    """A configuration has a missing, misspelt or out-of-range key."""


class ReleaseError(TerminiError):
    """A release is incomplete, altered, or would be overwritten."""


class MissingExtraError(TerminiError, ImportError):
    """An optional part of the installation is needed for this call."""

    def __init__(self, extra: str, needed_for: str) -> None:
        super().__init__(
            f"{needed_for} needs an optional part of termini: pip install 'termini[{extra}]'"
        )
