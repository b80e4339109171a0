"""The simulated region: glaciers with known geometry, forcing, motion, type and driver."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from shapely.geometry import LineString

from termini.domain import GlacierDomain
from termini.errors import InputError
from termini.simulate.bed import make_bed
from termini.simulate.coast import Place, places
from termini.simulate.dynamics import choose_dynamics
from termini.simulate.fjord import Channel, channel_domain, make_channel
from termini.simulate.forcing import make_forcing, monthly_means, shared_weather
from termini.simulate.front_shape import FrontShape, make_shape
from termini.simulate.motion import Motion, move_front
from termini.simulate.noise import days_between
from termini.simulate.types import PLANTED_TYPES, SPIN_UP_YEARS, draw_plan

_SPIN_UP = pd.DateOffset(years=SPIN_UP_YEARS)


@dataclass(frozen=True)
class SimulatedGlacier:
    """One glacier of which everything is known.

    Parameters
    ----------
    domain : GlacierDomain
        Its fjord.
    planted_type : str
        A name in `PLANTED_TYPES`.
    driver : str
        What causes its behaviour.
    bed : pandas.DataFrame
        ``distance`` (metres along the centreline from the gate), ``elevation``
        (metres, negative below sea level).
    forcing : pandas.DataFrame
        Monthly (`times.month_index`): ``runoff`` (m3 s-1), ``thermal_forcing``
        (K), ``melange`` (0-1), ``surface_mass_balance`` (m ice a-1 at the front).
    position : pandas.Series
        Daily width-averaged terminus position, metres along the centreline from
        the gate.
    channel : Channel
        Cross-sections of the fjord.
    shape : FrontShape
        Shapes of the front, one row a day of `position`.
    place : Place
        Where it lies.
    """

    domain: GlacierDomain
    planted_type: str
    driver: str
    bed: pd.DataFrame
    forcing: pd.DataFrame
    position: pd.Series[float]
    channel: Channel
    shape: FrontShape
    place: Place

    @property
    def glacier_id(self) -> str:
        """Identifier, ``sim:number``."""
        return self.domain.glacier_id

    def profile(self, date: Any) -> tuple[np.ndarray, np.ndarray]:
        """Front of a day in the fjord's own coordinates.

        Parameters
        ----------
        date : date-like
            A day of the simulated period.

        Returns
        -------
        share, distance : ndarray, shape (n,)
            Share of the way from the left to the right wall, and metres along the
            centreline from the gate.

        Raises
        ------
        InputError
            If the day is not in the period.
        """
        day = (pd.Timestamp(date).normalize() - self.position.index[0]).days
        if not 0 <= day < len(self.position):
            raise InputError(
                f"{self.glacier_id}: {pd.Timestamp(date).date()} is outside the simulated period "
                f"{self.position.index[0].date()} to {self.position.index[-1].date()}"
            )
        distance = float(self.position.iloc[day]) + self.shape.on_day(day)
        return self.shape.share, np.clip(distance, 0.0, self.channel.length)

    def front(self, date: Any) -> LineString:
        """True front on a day.

        Parameters
        ----------
        date : date-like
            A day of the simulated period; the time of day does not matter.

        Returns
        -------
        shapely LineString
            From the left wall to the right wall looking down-glacier, in the
            projection of the domain.

        Raises
        ------
        InputError
            If the day is not in the period.
        """
        share, distance = self.profile(date)
        return LineString(self.channel.points(distance, share))


@dataclass(frozen=True)
class SimulatedRegion:
    """Glaciers of one seed.

    Parameters
    ----------
    glaciers : tuple of SimulatedGlacier
        In the order of their ids.
    start, end : pandas.Timestamp
        First and last day.
    seed : int
        Seed from which all of it follows.
    """

    glaciers: tuple[SimulatedGlacier, ...]
    start: pd.Timestamp
    end: pd.Timestamp
    seed: int

    @property
    def domains(self) -> dict[str, GlacierDomain]:
        """Glacier id to domain."""
        return {glacier.glacier_id: glacier.domain for glacier in self.glaciers}

    def glacier(self, glacier_id: str) -> SimulatedGlacier:
        """Glacier by its id.

        Parameters
        ----------
        glacier_id : str
            ``sim:number``.

        Returns
        -------
        SimulatedGlacier
            The glacier.

        Raises
        ------
        InputError
            If there is none of that id.
        """
        for glacier in self.glaciers:
            if glacier.glacier_id == glacier_id:
                return glacier
        raise InputError(
            f"{glacier_id!r} is not in the simulated region; it has sim:1 to "
            f"sim:{len(self.glaciers)}"
        )


def simulate_region(
    seed: int, n_glaciers: int = 18, start: Any = "2013-01-01", end: Any = "2020-12-31"
) -> SimulatedRegion:
    """Simulate glaciers around a Greenland-like coast.

    Parameters
    ----------
    seed : int
        Seed; the same arguments give the same region to the last bit.
    n_glaciers : int
        How many; the planted types take turns, so that each has its share.
    start, end : date-like
        First and last day. Steps and surges need some three years to unfold.

    Returns
    -------
    SimulatedRegion
        The region, ids ``sim:1`` on.

    Raises
    ------
    InputError
        If the number of glaciers or the period is not positive.
    """
    first, last = pd.Timestamp(start).normalize(), pd.Timestamp(end).normalize()
    if n_glaciers < 1:
        raise InputError(f"n_glaciers is {n_glaciers}; a region needs at least one glacier")
    if not last > first:
        raise InputError(f"the period {start} to {end} is empty; the end must follow the start")
    names = list(PLANTED_TYPES)
    kinds = [names[k % len(names)] for k in range(n_glaciers)]
    sites = places(seed, n_glaciers)
    weather = {
        coast: shared_weather(seed, coast, np.arange((first - _SPIN_UP).year, last.year + 2))
        for coast in ("west", "east")
    }
    glaciers = tuple(
        _simulate_glacier(
            f"sim:{k + 1}", kinds[k], sites[k], weather[sites[k].coast], first, last,
            np.random.default_rng([seed, 3, k]),
        )
        for k in range(n_glaciers)
    )  # fmt: skip
    return SimulatedRegion(glaciers, first, last, seed)


def _simulate_glacier(
    glacier_id: str,
    kind: str,
    place: Place,
    weather: pd.DataFrame,
    start: pd.Timestamp,
    end: pd.Timestamp,
    rng: np.random.Generator,
) -> SimulatedGlacier:
    """One glacier; each part has its own stream, so that they can change one by one."""
    streams = rng.spawn(6)
    days = days_between(start - _SPIN_UP, end)
    channel = make_channel(place, streams[0])
    years = ((end - start).days + 1) / 365.25
    plan = draw_plan(PLANTED_TYPES[kind], channel.length, years, streams[1])
    bed = make_bed(plan, channel.length, streams[2])
    daily = make_forcing(plan, place, days, start, weather, streams[3])
    width = float(np.interp(plan.start_position, channel.distance, channel.width))
    dynamics = choose_dynamics(plan, daily, start, width, streams[4])
    motion = move_front(plan, dynamics, daily, start, bed, width, streams[4])
    period = _cut(motion, int((start - days[0]).days))
    return SimulatedGlacier(
        domain=channel_domain(channel, glacier_id, place.name, plan.reach),
        planted_type=kind,
        driver=plan.kind.driver,
        bed=bed,
        forcing=monthly_means(daily, start, end),
        position=pd.Series(
            period.position, index=days[len(days) - len(period.position) :], name="position"
        ),
        channel=channel,
        shape=make_shape(width, period, streams[5]),
        place=place,
    )


def _cut(motion: Motion, first: int) -> Motion:
    """Motion without its spin-up."""
    kept = motion.event_day >= first
    return Motion(motion.position[first:], motion.event_day[kept] - first, motion.event_size[kept])
