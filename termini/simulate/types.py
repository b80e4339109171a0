"""The planted glacier types, what drives each, and the numbers that define them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

#: Years that are simulated before the period, so that it starts from a lived-in state.
SPIN_UP_YEARS = 4


@dataclass(frozen=True)
class PlantedType:
    """A type of terminus behaviour.

    Parameters
    ----------
    name : str
        Name, as `SimulatedGlacier.planted_type`.
    driver : str
        What causes the behaviour.
    interannual : str
        Label at the inter-annual scale: ``flat``, ``retreat``, ``step``, ``advance``.
    seasonal : str
        Label at the seasonal scale: ``none``, ``runoff``, ``melange``.
    seasonal_range : tuple of float
        Bounds of the planted seasonal range of position, metres.
    change : tuple of float
        Bounds of the planted inter-annual change, metres, advance positive; per
        year for ``steady_retreat``, in all for the others.
    """

    name: str
    driver: str
    interannual: str
    seasonal: str
    seasonal_range: tuple[float, float] = (0.0, 0.0)
    change: tuple[float, float] = (0.0, 0.0)


#: Seasonal range after Black & Joughin 2023 (median 220 m, of the order of 500 m
#: where large); rates and steps after Black & Joughin 2022 and Catania et al. 2018.
PLANTED_TYPES: dict[str, PlantedType] = {
    kind.name: kind
    for kind in [
        PlantedType("stable", "none", "flat", "none"),
        PlantedType("seasonal_runoff", "runoff", "flat", "runoff", seasonal_range=(250.0, 550.0)),
        PlantedType(
            "seasonal_melange", "melange", "flat", "melange", seasonal_range=(250.0, 550.0)
        ),
        PlantedType(
            "steady_retreat", "thermal_forcing", "retreat", "none", change=(-280.0, -130.0)
        ),
        PlantedType("step_retreat", "bed", "step", "none", change=(-4500.0, -2500.0)),
        PlantedType("surge", "internal", "advance", "none", change=(1200.0, 2800.0)),
    ]
}


@dataclass(frozen=True)
class Plan:
    """What is planted at one glacier, drawn from the bounds of its type.

    Parameters
    ----------
    kind : PlantedType
        The type.
    years : float
        Length of the simulated period, years.
    event_year : float
        Years from the start of the period to the trigger of a step or a surge.
    event_length : float
        Years that the trigger or the surge lasts.
    start_position : float
        Position when the simulation starts, a few years before the period, metres
        from the gate; in balance, unless a steady retreat is planted.
    depth : float
        Depth of the bed there, metres.
    seasonal_range : float
        Planted seasonal range, metres.
    change : float
        Planted change over the period (``steady_retreat``) or of the event
        (``step_retreat``, ``surge``), metres, advance positive.
    """

    kind: PlantedType
    years: float
    event_year: float
    event_length: float
    start_position: float
    depth: float
    seasonal_range: float
    change: float

    @property
    def reach(self) -> tuple[float, float]:
        """Stretch over which the front is expected to move, metres from the gate."""
        low = self.start_position + min(self.change, 0.0) - 300.0 - self.seasonal_range / 2
        if self.kind.name == "steady_retreat":
            low += SPIN_UP_YEARS * self.change / self.years
        high = self.start_position + max(self.change, 0.0) + 300.0 + self.seasonal_range / 2
        return low, high


def draw_plan(
    kind: PlantedType, fjord_length: float, years: float, rng: np.random.Generator
) -> Plan:
    """Draw what happens at one glacier.

    Parameters
    ----------
    kind : PlantedType
        The type.
    fjord_length : float
        Length of the fjord, metres; the front keeps clear of its ends.
    years : float
        Length of the period.
    rng : numpy Generator
        Source of randomness.

    Returns
    -------
    Plan
        In a long period a steady retreat is slowed so that it stays in the fjord.
    """
    start = fjord_length * rng.uniform(0.60, 0.70)
    depth = rng.uniform(120.0, 220.0) if kind.name == "stable" else rng.uniform(220.0, 420.0)
    change = rng.uniform(*kind.change)
    if kind.name == "steady_retreat":
        change = max(change * years, -0.40 * fjord_length)
        start = fjord_length * 0.72
    elif kind.name == "step_retreat":
        start = fjord_length * 0.70
    elif kind.name == "surge":
        start = fjord_length * 0.52
    return Plan(
        kind=kind,
        years=years,
        event_year=years * rng.uniform(0.2, 0.4),
        event_length=rng.uniform(1.1, 1.9),
        start_position=start,
        depth=depth,
        seasonal_range=rng.uniform(*kind.seasonal_range),
        change=change,
    )
