"""Loops over arrays, compiled on first use, kept on disk, run outside the interpreter's lock."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from numba import njit
from numba.extending import register_jitable

F = TypeVar("F", bound=Callable[..., Any])


def compiler(*, inner: bool = False, **options: Any) -> Callable[[F], F]:
    """Make a decorator that compiles functions of numbers and arrays.

    Inner functions are kept as parts of those that call them. What is kept is renewed when the
    caller's own file changes, not when one from which it calls does: after a change there,
    the compiled files beside the sources (``__pycache__/*.nb?``) must be deleted.

    Parameters
    ----------
    inner : bool
        The functions are for compiled ones to call. No way in from Python is made for
        them: handing over the lines of a glacier, some hundred arrays, takes longer to
        compile than many a loop over them. Called from Python they run uncompiled.
    **options
        Of `numba.njit`, such as ``fastmath`` and ``error_model``.

    Returns
    -------
    callable
        The decorator.
    """
    if inner:
        decorate = register_jitable(no_cfunc_wrapper=True, **options)
    else:
        decorate = njit(cache=True, nogil=True, no_cfunc_wrapper=True, **options)

    def compiled(function: F) -> F:
        return decorate(function)  # type: ignore[no-any-return]

    return compiled
