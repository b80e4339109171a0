"""Compiled functions: called from Python, or from compiled ones alone."""

from __future__ import annotations

import numpy as np

from termini.compiling import compiler


@compiler(inner=True)
def _square(x: float) -> float:
    return x * x


@compiler()
def sum_of_squares(values: np.ndarray) -> float:
    total = 0.0
    for value in values:
        total += _square(value)
    return total


def test_a_compiled_function_calls_an_inner_one() -> None:
    assert sum_of_squares(np.array([3.0, 4.0])) == 25.0


def test_an_inner_function_called_from_python_runs_uncompiled() -> None:
    assert _square(3.0) == 9.0
    assert not hasattr(_square, "signatures")


def test_what_divides_by_nothing_is_an_option() -> None:
    @compiler(error_model="numpy")
    def share(part: float, whole: float) -> float:
        return part / whole

    assert share(1.0, 0.0) == np.inf
