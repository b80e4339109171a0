"""A front drawn again at the scene's own pixel, along the normals of the coarse line.

The network works at some 50 m, so that it sees a whole fjord at once. Scenes of 10 or 15 m
show the front finer than that. A second, small network looks at a strip of the scene's own
pixels along the line and says for each normal where on it the front lies; the cheapest path
through the strip is the new line. Where the strip does not tell, the coarse line stays.
A second strip, along the new line, mends what the first one saw from too far off.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal, get_args

import numpy as np
from scipy import ndimage

from termini.errors import InputError
from termini.fronts import subpixel
from termini.fronts.judgement import FrontPath
from termini.fronts.path import cheapest_path
from termini.fronts.refine_sigma import refined_features, refined_sigma
from termini.fronts.refine_strip import Array, Strip, cut_strip, offsets
from termini.scenes import Scene

if TYPE_CHECKING:
    from termini.segment.strip import StripNet

Refining = Literal["native", "off"]
REFINE: Refining = "native"
"""What is done if nothing is asked for."""

#: A scene is worth a second look whose pixel is at most this share of the grid's.
FINER = 0.65

#: Fewest vertices of a coarse line.
SHORTEST = 4

#: How often a strip is cut and a line drawn in it, each time along the line of the time before.
PASSES = 2

#: Cost of the way through the strip: of its length, and where chances are alike.
FLOOR, LEAST = 0.03, 1e-3

#: A normal tells nothing whose chances spread farther than the second of these, in pixels of
#: the coarse grid (standard deviation), and all it has below the first.
SURE, UNSURE = 0.9, 1.4


@dataclass(frozen=True)
class Refined:
    """A line drawn again in a strip.

    Parameters
    ----------
    xy : ndarray, shape (n, 2)
        Vertices, in the coordinates of the coarse line.
    along : ndarray, shape (n,)
        Share of the way along the coarse line, 0 to 1.
    spread : ndarray, shape (n,)
        Standard deviation of the chances on each vertex' normal, pixels of the coarse grid.
    trust : ndarray, shape (n,)
        1 where the strip was followed, 0 where the coarse line was kept.
    """

    xy: Array
    along: Array
    spread: Array
    trust: Array


def draw_again(strip: Strip, chance: Array) -> Refined:
    """Line through a strip.

    Parameters
    ----------
    strip : Strip
        From `cut_strip`.
    chance : ndarray, shape (rows, columns)
        Probability of the front on every normal, of `termini.segment.strip.strip_chances`.

    Returns
    -------
    Refined
        The line.
    """
    row = offsets()[:, None]
    mean = (chance * row).sum(axis=0)
    spread = np.sqrt((chance * (row - mean) ** 2).sum(axis=0)) / strip.working
    spread = ndimage.gaussian_filter1d(spread, strip.working / 2, mode="nearest")
    cost = np.log(np.clip(chance, LEAST, 1.0)) / np.log(LEAST) + FLOOR
    cost[chance.sum(axis=1) == 0] = -1.0
    ends = np.zeros((2, *chance.shape), dtype=bool)
    ends[0, :, 0], ends[1, :, -1] = True, True
    pixels = cheapest_path(cost, ends[0], ends[1])
    found = subpixel.refine(chance, pixels[:, ::-1].astype(np.float64))
    columns, middle = np.arange(chance.shape[1], dtype=float), -offsets()[0]
    wide = np.interp(found[:, 0], columns, spread)
    trust = np.clip((UNSURE - wide) / (UNSURE - SURE), 0.0, 1.0)
    found[:, 1] = middle + trust * (found[:, 1] - middle)
    return Refined(strip.points(found), found[:, 0] / columns[-1], wide, trust)


def finer(refine: str, scene: Scene, seen: Scene) -> bool:
    """Whether a scene shows a front finer than the grid on which it was found.

    Parameters
    ----------
    refine : {"native", "off"}
        What is asked for.
    scene, seen : Scene
        The scene at its own resolution, and on the grid.

    Returns
    -------
    bool
        False as well if it is not asked for.

    Raises
    ------
    InputError
        If what is asked for is unknown.
    """
    if refine not in get_args(Refining):
        raise InputError(f"refine {refine!r} is unknown; use {' or '.join(get_args(Refining))}")
    return refine == "native" and scene.pixel_size <= FINER * seen.pixel_size


def refine_path(
    path: FrontPath, scene: Scene, seen: Scene, net: StripNet | None = None
) -> FrontPath:
    """Line of the working grid drawn again in the scene.

    Parameters
    ----------
    path : FrontPath
        A judged line in pixels of the grid.
    scene : Scene
        The scene at its own resolution.
    seen : Scene
        The same scene on the grid.
    net : StripNet, optional
        Network for strips; the shipped one by default.

    Returns
    -------
    FrontPath
        With another line and its errors; the same if the line is too short.
    """
    if len(path.xy) < SHORTEST:
        return path
    drawn, working = draw_strip(path, scene, seen, net)
    column, row = ~seen.transform @ (drawn.xy[:, 0], drawn.xy[:, 1])
    errors = refined_sigma(error_features(path, drawn, working), working, path.p_wrong)
    return replace(
        path,
        xy=np.column_stack([column - 0.5, row - 0.5]),
        sigma_px=float(np.sqrt(np.mean(errors.vertex**2))),
        errors=errors,
    )


def draw_strip(
    path: FrontPath, scene: Scene, seen: Scene, net: StripNet | None = None
) -> tuple[Refined, float]:
    """Strips along a line of the working grid, and the line drawn again in them.

    Parameters
    ----------
    path, scene, seen, net
        As for `refine_path`.

    Returns
    -------
    Refined
        The new line, in the coordinates of the grid's projection.
    float
        Samples of the strip in a pixel of the grid.
    """
    from termini.segment.strip import load_strip_net, strip_chances, strip_inputs

    there = seen.transform
    metre = float(np.hypot(there.a, there.d)) / seen.pixel_size
    loaded = net or load_strip_net()
    line = np.column_stack(there @ (path.xy[:, 0] + 0.5, path.xy[:, 1] + 0.5))
    for _ in range(PASSES):
        strip = cut_strip(
            scene, line, seen.pixel_size,
            crs=seen.crs, metre=metre, mirrored=there.determinant < 0,
        )  # fmt: skip
        inputs = strip_inputs(strip.values, strip.valid, strip.working)
        drawn = draw_again(strip, strip_chances(loaded, inputs, strip.working))
        line = drawn.xy
    return drawn, strip.working


def error_features(path: FrontPath, drawn: Refined, working: float) -> Array:
    """What the errors of a line that was drawn again go by.

    Parameters
    ----------
    path : FrontPath
        The coarse line, with its errors.
    drawn : Refined
        The new one.
    working : float
        Samples of the strip in a pixel of the coarse grid.

    Returns
    -------
    ndarray, shape (n, 4)
        As `termini.fronts.refine_sigma.refined_features` gives them.
    """
    held = path.errors.vertex if path.errors is not None else np.full(2, path.sigma_px)
    coarse = np.interp(drawn.along, np.linspace(0.0, 1.0, len(held)), held)
    return refined_features(drawn.spread, coarse, drawn.trust, working)
