"""A stand-in for ISSM: a flowline model that reads an export and writes ISSM's results.

It is no ice-sheet model to draw conclusions from. It exists so that the chain from
release to model input to results to misfit can be run and tested where no ISSM is.
It takes the same fields as ISSM from ``model_input.nc`` (mesh, bed, level set, melt,
surface mass balance) and writes results in the layout of ISSM's own files.

Depth-integrated flow along the centreline of a fjord of varying width, as in Nick et
al. (2010, J. Glaciol. 56, 781, eqs 1-3): driving stress is held by longitudinal
stress, drag at the walls, and linear friction at the bed, which is chosen so that the
assumed first geometry is close to balance. Thickness is conserved on cells that stretch
with the front. The front is given by the level set, or moves with flow less melt less
a calving rate that balances the two at the start.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.interpolate import LinearNDInterpolator
from scipy.linalg import solve_banded
from standin_results import write_results

from termini.domain import GlacierDomain
from termini.issm.derive import read_fields

SECONDS = 31_536_000.0  # a year of ISSM
ICE, SEA = 917.0, 1028.0  # kg m-3
GRAVITY = 9.81  # m s-2
# Rate factor of ice at -5 degC, Pa-3 a-1 (Cuffey & Paterson 2010, table 3.4).
RATE = 9.3e-25 * SECONDS
CELLS = 100
STEP = 1 / 96  # years
SPIN_UP = 20.0  # years with the front held, in which the first geometry settles

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Channel:
    """The fjord along its centreline: distance from the gate, bed, width; metres."""

    distance: Array
    bed: Array
    width: Array

    def at(self, distance: Array) -> tuple[Array, Array]:
        """Bed and width at some distances."""
        return (
            np.interp(distance, self.distance, self.bed),
            np.interp(distance, self.distance, self.width),
        )


@dataclass
class State:
    """Thickness of the cells, speed of their faces, front; m, m a-1, m from the gate."""

    thickness: Array
    speed: Array
    front: float


@dataclass(frozen=True)
class Setting:
    """What stays the same in all runs of a glacier."""

    channel: Channel
    friction: tuple[Array, Array]  # distance (m), drag over speed (Pa a m-1)
    inflow: float  # m3 a-1 through the gate
    gate_speed: float  # m a-1


def channel_of(fields: dict[str, NDArray[Any]], domain: GlacierDomain) -> Channel:
    """Bed of the export and distance between the walls along the centreline."""
    distance = np.arange(0.0, domain.centreline.length, 50.0)
    points = domain.centreline.interpolate(distance)
    xy = shapely.get_coordinates(points)
    bed = LinearNDInterpolator(
        np.column_stack([fields["mesh.x"], fields["mesh.y"]]), fields["geometry.bed"]
    )(xy)
    known = np.isfinite(bed)
    width = shapely.distance(points, domain.left_wall) + shapely.distance(points, domain.right_wall)
    return Channel(distance, np.interp(distance, distance[known], bed[known]), width)


def front_on_centreline(fields: dict[str, NDArray[Any]], domain: GlacierDomain) -> Array:
    """Where the level set of each date is zero on the centreline, m from the gate."""
    distance = np.arange(0.0, domain.centreline.length, 20.0)
    xy = shapely.get_coordinates(domain.centreline.interpolate(distance))
    mesh = np.column_stack([fields["mesh.x"], fields["mesh.y"]])
    phi = LinearNDInterpolator(mesh, fields["levelset.spclevelset"][:-1])(xy)
    found = []
    for column in phi.T:
        known = np.flatnonzero(np.isfinite(column))
        inside = known[column[known] < 0]
        if not len(inside) or inside[-1] == known[-1]:
            raise ValueError(f"{domain.glacier_id}: the level set has no front on the centreline")
        k = inside[-1]
        part = column[k] / (column[k] - column[k + 1])
        found.append(distance[k] + part * (distance[k + 1] - distance[k]))
    return np.array(found)


def surface_of(thickness: Array, bed: Array) -> Array:
    """Surface elevation: on the bed, or afloat where that is higher."""
    return np.maximum(bed + thickness, (1 - ICE / SEA) * thickness)


def speed_of(state: State, setting: Setting) -> Array:
    """Speed at the faces from the balance of stresses, by repeated linear solves."""
    h = state.thickness
    faces = np.linspace(0.0, state.front, len(h) + 1)
    step = faces[1]
    middle = (faces[1:] + faces[:-1]) / 2
    bed, _ = setting.channel.at(middle)
    face_bed, width = setting.channel.at(faces)
    face_h = np.concatenate([h[:1], (h[1:] + h[:-1]) / 2, h[-1:]])
    friction = np.interp(faces, *setting.friction)
    friction = np.where(ICE * face_h > -SEA * face_bed, friction, 0.0)
    driving = ICE * GRAVITY * face_h[1:-1] * np.diff(surface_of(h, bed)) / step
    depth = max(min(-bed[-1], ICE / SEA * h[-1]), 0.0)
    push = 0.5 * GRAVITY * (ICE * h[-1] ** 2 - SEA * depth**2)
    u = state.speed.copy()
    for _ in range(30):
        stretch = np.maximum(np.abs(np.diff(u) / step), 1e-4)
        stiff = 2 * h * RATE ** (-1 / 3) * stretch ** (-2 / 3) / step**2
        slow = np.maximum(np.abs(u), 1.0)
        walls = 2 * face_h / width * (5 / (RATE * width)) ** (1 / 3) * slow ** (-2 / 3)
        bands = np.zeros((3, len(u)))
        right = np.zeros(len(u))
        bands[1, 0], right[0] = 1.0, setting.gate_speed
        bands[1, 1:-1] = -(stiff[1:] + stiff[:-1]) - friction[1:-1] - walls[1:-1]
        bands[2, :-2], bands[0, 2:] = stiff[:-1], stiff[1:]
        right[1:-1] = driving
        # the last half cell carries the push of ice less that of the sea
        bands[1, -1], bands[2, -2] = stiff[-1], -stiff[-1]
        right[-1] = push / step
        new = solve_banded((1, 1), bands, right)
        done = np.abs(new - u).max() < 1e-3 * np.abs(new).max()
        u = 0.5 * (u + new) if not done else new
        if done:
            break
    return np.asarray(u)


def move(state: State, setting: Setting, balance: float, rate: float, step: float) -> State:
    """One step of thickness and front; `rate` is the front's own speed, m a-1."""
    n = len(state.thickness)
    share = np.linspace(0.0, 1.0, n + 1)
    front = state.front + rate * step
    old, new = share * state.front, share * front
    _, width_old = setting.channel.at((old[1:] + old[:-1]) / 2)
    _, width = setting.channel.at((new[1:] + new[:-1]) / 2)
    _, face_width = setting.channel.at(new)
    through = (state.speed - share * rate) * face_width
    ahead, back = np.maximum(through, 0.0), np.minimum(through, 0.0)
    bands = np.zeros((3, n))
    area = width * np.diff(new)
    bands[1] = area / step + ahead[1:] - back[:-1]
    bands[1, 0] += back[0]
    bands[1, -1] += back[-1]
    bands[2, :-1] = -ahead[1:-1]
    bands[0, 1:] = back[1:-1]
    right = state.thickness * width_old * np.diff(old) / step + balance * area
    right[0] += setting.inflow
    thickness = np.maximum(solve_banded((1, 1), bands, right), 10.0)
    return State(thickness, state.speed, front)


def first_state(
    channel: Channel, front: float, speed: float, balance: float
) -> tuple[State, Setting]:
    """A glacier near balance whose front flows at some speed, settled with a fixed front."""
    faces = np.linspace(0.0, front, CELLS + 1)
    middle = (faces[1:] + faces[:-1]) / 2
    bed, _ = channel.at(middle)
    face_bed, width = channel.at(faces)
    depth = max(-face_bed[-1], 0.0)
    height = max(1.1 * SEA / ICE * depth, depth + 50.0) - depth
    surface = np.sqrt(height**2 + 25.0 * (front - middle))
    h = surface - bed
    face_h = np.interp(faces, middle, h)
    carried = speed * face_h[-1] * width[-1]
    u = carried / (face_h * width)
    walls = 2 * face_h / width * (5 * u / (RATE * width)) ** (1 / 3)
    driving = -ICE * GRAVITY * face_h * np.gradient(np.interp(faces, middle, surface), faces)
    friction = np.maximum(driving - walls, 0.05 * driving.max()) / u
    setting = Setting(channel, (faces, friction), carried, float(u[0]))
    state = State(h, u, front)
    for _ in range(round(SPIN_UP / STEP)):
        state.speed = speed_of(state, setting)
        state = move(state, setting, balance, 0.0, STEP)
    state.speed = speed_of(state, setting)
    return state, setting


def series_at(values: NDArray[Any], row: int | None, year: float) -> float:
    """Value of a series at a vertex, or of its mean vertex, linear in time."""
    body = values[:-1].mean(axis=0) if row is None else values[row]
    return float(np.interp(year, values[-1], body))


def run_standin(
    folder: str | Path,
    domain: GlacierDomain,
    *,
    speed: float,
    reference: tuple[float, float],
    first_front: float | None = None,
) -> Path:
    """Run one model input and write results.nc beside it.

    `first_front` (m from the gate) is needed where the front is free in the file.
    """
    folder = Path(folder)
    fields = read_fields(folder / "model_input.nc")
    spc = fields["levelset.spclevelset"]
    free = bool(np.isnan(spc[:-1]).all())
    given = None if free else front_on_centreline(fields, domain)
    start = float(first_front if given is None else given[0])
    melt, smb = fields.get("frontalforcings.meltingrate"), fields.get("smb.mass_balance")
    years = np.arange(spc[-1, 0], spc[-1, -1], STEP)
    balance = 0.0 if smb is None else _mean(smb, reference, None)
    channel = channel_of(fields, domain)
    state, setting = first_state(channel, start, speed, balance)
    points = shapely.points(fields["mesh.x"], fields["mesh.y"])
    along = shapely.line_locate_point(domain.centreline, points)
    on_line = shapely.distance(points, domain.centreline)

    def melt_at(front: float, year: float | None) -> float:
        vertex = int(np.argmin(np.hypot(along - front, on_line)))
        return _melt(melt, vertex, year, reference)

    calving = max(state.speed[-1] - melt_at(start, None), 0.0)
    fronts, thicknesses = [], []
    for year in years:
        fronts.append(state.front)
        middle = (np.arange(CELLS) + 0.5) / CELLS * state.front
        thicknesses.append(np.interp(along, middle, state.thickness))
        if given is None:
            rate = float(state.speed[-1]) - calving - melt_at(state.front, year)
        else:
            rate = (float(np.interp(year + STEP, spc[-1], given)) - state.front) / STEP
        if not 0.05 < (state.front + rate * STEP) / domain.centreline.length < 0.99:
            print(f"{folder}: the front leaves the domain in {year:.2f}; the run ends there")
            break
        state = move(state, setting, balance if smb is None else series_at(smb, None, year),
                     rate, STEP)  # fmt: skip
        state.speed = speed_of(state, setting)
    years = years[: len(fronts)]
    if given is None:
        phi = along[None] - np.array(fronts)[:, None]
    else:
        phi = np.stack([_between(spc, year) for year in years])
    every = slice(None, None, 4)
    return write_results(
        folder / "results.nc", fields, years[every], phi[every], np.array(thicknesses)[every]
    )


def _melt(
    melt: NDArray[Any] | None, vertex: int, year: float | None, reference: tuple[float, float]
) -> float:
    """Melt at a vertex and year, or its mean over the reference; 0 without any."""
    if melt is None:
        return 0.0
    return _mean(melt, reference, vertex) if year is None else series_at(melt, vertex, year)


def _mean(values: NDArray[Any], reference: tuple[float, float], row: int | None) -> float:
    body = values[:-1].mean(axis=0) if row is None else values[row]
    within = (values[-1] >= reference[0]) & (values[-1] < reference[1])
    return float(body[within].mean() if within.any() else body[0])


def _between(values: NDArray[Any], year: float) -> Array:
    """Column of a series at a time, linear between its dates, as ISSM takes it."""
    times = values[-1]
    k = int(np.clip(np.searchsorted(times, year), 1, len(times) - 1))
    share = np.clip((year - times[k - 1]) / (times[k] - times[k - 1]), 0.0, 1.0)
    return np.asarray(values[:-1, k - 1] * (1 - share) + values[:-1, k] * share)
