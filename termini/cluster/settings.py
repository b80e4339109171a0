"""Settings of the glacier types."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from numbers import Integral
from typing import Any

from termini.cluster.selection import Rule
from termini.errors import InputError


@dataclass(frozen=True)
class TypeSettings:
    """How glacier types are looked for.

    Parameters
    ----------
    k, seasonal_k : int, optional
        Number of types; by default chosen by `choose_k`, and 1 where no number
        is believed.
    k_range : (int, int)
        Least and largest number tried.
    seed : int
        Seed of everything random; the same seed gives the same bytes.
    band_months : int
        Inter-annual scale: events at most so far apart in time may be matched.
    seasonal_band_months : int
        Seasonal scale: the same. 0 compares month with month: timing is the signal
        there, and a month of warping hides melange in runoff.
    amplitude : {"aware", "shape"}
        Whether the size of the change counts, or its shape only.
    scale, seasonal_scale : float
        Changes far below this are alike, metres (see `termini.cluster.features`).
    step_months : int, optional
        Months to a sample of the inter-annual series; by default so that there
        are at most 48.
    n_null : int
        Samples of each null.
    draws : int
        Draws of the series within their errors, for the probabilities.
    periods : int
        Periods of the record that are left out in turn.
    rule : Rule
        When a number of types is believed.
    """

    k: int | None = None
    seasonal_k: int | None = None
    k_range: tuple[int, int] = (2, 8)
    seed: int = 0
    band_months: int = 24
    seasonal_band_months: int = 0
    amplitude: str = "aware"
    scale: float = 200.0
    seasonal_scale: float = 100.0
    step_months: int | None = None
    n_null: int = 100
    draws: int = 200
    periods: int = 4
    rule: Rule = field(default_factory=Rule)

    def check(self) -> None:
        """Refuse what makes no sense.

        Raises
        ------
        InputError
            If a setting is out of range; the message says what is allowed.
        """
        self._check_numbers()
        seasonal_band = self.seasonal_band_months
        if not 2 <= self.k_range[0] <= self.k_range[1]:
            raise InputError(
                f"k_range is {self.k_range}; give (least, largest) with 2 <= least <= largest"
            )
        if not 0 <= seasonal_band <= 5:
            raise InputError(
                f"seasonal_band_months is {seasonal_band}; it must be between 0 and 5 because "
                "timing is the signal of the seasonal scale"
            )
        if not (self.scale > 0 and self.seasonal_scale > 0):
            raise InputError(
                f"scales are {self.scale} and {self.seasonal_scale} m; they must be positive"
            )

    def _check_numbers(self) -> None:
        """Refuse numbers of types and of samples that are not whole or too small."""
        least = {"k": 1, "seasonal_k": 1, "step_months": 1, "n_null": 1, "draws": 1}
        least |= {"periods": 1, "seed": 0, "band_months": 0}
        for name, smallest in least.items():
            value = getattr(self, name)
            if value is None and name in ("k", "seasonal_k", "step_months"):
                continue
            if not isinstance(value, Integral) or value < smallest:
                raise InputError(f"{name} is {value!r}; give a whole number of at least {smallest}")

    def record(self) -> dict[str, Any]:
        """Settings as they are kept with the types, units in the names."""
        kept = asdict(self)
        kept["scale_m"], kept["seasonal_scale_m"] = kept.pop("scale"), kept.pop("seasonal_scale")
        return kept | {"k_range": list(self.k_range)}
