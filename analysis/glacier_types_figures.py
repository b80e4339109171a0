"""Figures of glacier types: centres, places, choice of their number, and belief."""

from __future__ import annotations

import textwrap
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr

from termini.cluster import Rule
from termini.report import new_figure, save_figure
from termini.report.colours import UNTYPED, type_colour

SCALES = {"interannual": "Inter-annual", "seasonal": "Seasonal"}
#: Ice divide of Greenland, degrees east, and the limits of its sectors, degrees north.
DIVIDE, SOUTH, CENTRE, FAR = -42.0, 68.0, 72.0, 79.0
LEAST_STABILITY = Rule().stability
SECTORS = ["SW", "CW", "NW", "N", "NE", "CE", "SE", "elsewhere"]


def sector(longitude: float, latitude: float) -> str:
    """Sector of Greenland by position alone: west and east of the divide, three bands, north."""
    if not (-75.0 <= longitude <= -10.0 and latitude >= 59.0):
        return "elsewhere"
    if latitude >= FAR:
        return "N"
    band = "S" if latitude < SOUTH else "C" if latitude < CENTRE else "N"
    return band + ("W" if longitude < DIVIDE else "E")


def sectors(types: xr.Dataset) -> np.ndarray:
    """Sector of each glacier."""
    places = zip(types["longitude"].to_numpy(), types["latitude"].to_numpy(), strict=True)
    return np.array([sector(float(x), float(y)) for x, y in places])


def draw_centres(series: xr.Dataset, types: xr.Dataset, scale: str) -> Any:
    """Each type in a panel: members, centre, and spread about it."""
    labels = types[f"{scale}_type"].to_numpy()
    centres = types[f"{scale}_centre"].to_numpy()
    spread = types[f"{scale}_spread"].to_numpy()
    words = types[f"{scale}_label"].to_numpy().astype(str)
    seasonal = scale == "seasonal"
    axis = types["month" if seasonal else "time"].to_numpy()
    across = np.arange(1, 13) if seasonal else series["time"].to_numpy()
    name = "seasonal_cycle" if seasonal else "length_interannual"
    members = series[name].transpose("glacier", "month" if seasonal else "time").to_numpy()
    held = [number for number in range(len(centres)) if (labels == number).any()]
    columns = min(len(held), 3)
    rows = -(-len(held) // columns)
    unit, scaled = ("m", 1.0) if seasonal else ("km", 1e-3)
    figure = new_figure(figsize=(4.2 * columns, 3.0 * rows))
    panels = figure.subplots(rows, columns, squeeze=False, sharex=True).ravel()
    for number, panel in zip(held, panels, strict=False):
        for row in np.flatnonzero(labels == number):
            line = members[row] - _start(members[row], across, axis, seasonal)
            panel.plot(across, line * scaled, color=UNTYPED, linewidth=0.7)
        colour, middle = type_colour(number), centres[number] * scaled
        wide = np.nan_to_num(spread[number]) * scaled
        panel.fill_between(axis, middle - wide, middle + wide, color=colour, alpha=0.25)
        panel.plot(axis, middle, color=colour, linewidth=2.2)
        panel.axhline(0.0, color="black", linewidth=0.5)
        count = int((labels == number).sum())
        what = types.attrs.get("members", "glaciers")
        title = textwrap.fill(f"{number}: {words[number]} ({count} {what})", 44)
        panel.set_title(title, fontsize=9)
        panel.set_ylabel(f"length change ({unit})")
    for panel in panels[len(held) :]:
        panel.set_visible(False)
    if seasonal:
        panels[0].set_xticks([1, 4, 7, 10], ["Jan", "Apr", "Jul", "Oct"])
    return figure


def _start(line: np.ndarray, across: np.ndarray, axis: np.ndarray, seasonal: bool) -> float:
    """Value that the centre has zero at: the mean of the window's first year, or of the cycle."""
    if seasonal:
        return float(np.mean(line))
    after = (across >= axis[0]) & np.isfinite(line)
    return float(line[after][:12].mean()) if after.any() else np.nan


def draw_map(types: xr.Dataset) -> Any:
    """Where the types are, one panel a scale."""
    figure = new_figure(figsize=(10, 6.5))
    longitude, latitude = types["longitude"].to_numpy(), types["latitude"].to_numpy()
    for panel, (scale, title) in zip(figure.subplots(1, 2), SCALES.items(), strict=True):
        labels = types[f"{scale}_type"].to_numpy()
        words = types[f"{scale}_label"].to_numpy().astype(str)
        for number in np.unique(labels):
            mine = labels == number
            word = "no type" if number < 0 else f"{number}: {words[number]}"
            panel.scatter(
                longitude[mine], latitude[mine], s=36, color=type_colour(int(number)), label=word
            )
        # the limits give way, not the panel, which would run over title and legend
        aspect = 1.0 / np.cos(np.deg2rad(float(np.mean(latitude))))
        panel.set_aspect(aspect, adjustable="datalim")
        panel.set_title(f"{title} types")
        panel.set_xlabel("longitude (degrees east)")
        panel.set_ylabel("latitude (degrees north)")
        panel.legend(fontsize=7, loc="upper center", bbox_to_anchor=(0.5, -0.12))
    return figure


#: Curves of the first row with their colour and words.
NULLS = (
    ("null", "grey", "same covariance"),
    ("phase", "#D55E00", "random phases"),
    ("cycle", "#009E73", "one population of cycles"),
)
#: Curves of the last row.
STABILITIES = (
    ("stability", "#0072B2", "without a fifth of the {}"),
    ("bootstrap", "#009E73", "bootstrap of the {}"),
    ("period", "#D55E00", "without each period"),
)


def draw_choice(types: xr.Dataset) -> Any:
    """Silhouette and gap against the nulls, and stability, over the number of types."""
    figure = new_figure(figsize=(10, 9))
    for column, (scale, title) in zip(figure.subplots(3, 2).T, SCALES.items(), strict=True):
        column[0].set_title(f"{title} scale")
        if np.isfinite(types[f"{scale}_k_silhouette"].to_numpy()).any():
            draw_curves(column, types, scale)
            continue
        for panel in column:
            panel.set_axis_off()
        column[0].text(0.5, 0.5, "no number was tried", ha="center")
    return figure


def draw_curves(panels: Any, types: xr.Dataset, scale: str) -> None:
    """Silhouette, gap and stability of one scale, a panel each."""
    k = types[f"{scale}_k"].to_numpy()

    def curve(name: str) -> np.ndarray:
        return types[f"{scale}_k_{name}"].to_numpy()

    panels[0].plot(k, curve("silhouette"), "o-", color="#0072B2", label="data")
    for name, colour, words in NULLS:
        if f"{scale}_k_{name}" not in types:  # cycles are a null of seasons alone
            continue
        panels[0].plot(k, curve(name), "--", color=colour, label=f"{words}, mean")
        panels[0].plot(k, curve(f"{name}_upper"), ":", color=colour, label=f"{words}, 95 %")
    panels[0].set_ylabel("silhouette")
    panels[1].errorbar(k, curve("gap"), curve("gap_se"), fmt="o-", color="#0072B2")
    panels[1].set_ylabel("gap statistic")
    for name, colour, words in STABILITIES:
        if np.isfinite(curve(name)).any():
            label = words.format(types.attrs.get("members", "glaciers"))
            panels[2].plot(k, curve(name), "o-", color=colour, label=label)
    panels[2].axhline(LEAST_STABILITY, color="black", linewidth=0.6, linestyle=":")
    panels[2].set_ylim(0.0, 1.05)
    panels[2].set_ylabel("stability (adjusted Rand index)")
    panels[2].set_xlabel("number of types")
    for panel in panels:
        panel.set_xticks(k)
        panel.axvline(_number(types, scale), color="black", linewidth=0.6)
    panels[0].set_ylim(*_room_above(panels[0].get_ylim()))
    panels[0].legend(fontsize=6, loc="upper right", ncols=2)
    panels[2].legend(fontsize=7, loc="lower left")


def _room_above(limits: tuple[float, float]) -> tuple[float, float]:
    """Limits of an axis with room for a legend."""
    return limits[0], limits[1] + 0.35 * (limits[1] - limits[0])


def _number(types: xr.Dataset, scale: str) -> float:
    """Number of clusters that the types were made of, as the verdict begins."""
    words = str(types.attrs[f"{scale}_verdict"])
    found = words.split(":")[0].split("=")
    return float(found[1].split()[0]) if found[0] == "k" else float("nan")


def draw_belonging(types: xr.Dataset) -> Any:
    """How surely each glacier belongs, sorted within types."""
    figure = new_figure(figsize=(10, 8.5))
    for column, (scale, title) in zip(figure.subplots(4, 2).T, SCALES.items(), strict=True):
        labels = types[f"{scale}_type"].to_numpy()
        inside = types[f"{scale}_silhouette"].to_numpy()
        order = np.lexsort((-np.nan_to_num(inside), labels))
        order = order[labels[order] >= 0]
        chance = types[f"{scale}_probability"].to_numpy()
        values = {
            "silhouette": inside,
            "stability": types[f"{scale}_stability"].to_numpy(),
            "probability": chance[np.arange(len(labels)), np.maximum(labels, 0)],
            "methods that agree": types[f"{scale}_method_share"].to_numpy(),
        }
        colours = [type_colour(int(n)) for n in labels[order]]
        for panel, (name, each) in zip(column, values.items(), strict=True):
            panel.bar(np.arange(len(order)), each[order], color=colours)
            panel.set_ylabel(name)
            panel.set_xticks([])
            if not np.isfinite(each).any():
                panel.text(0.5, 0.5, "one type, or none", ha="center", transform=panel.transAxes)
        column[0].set_title(f"{title} types")
        column[-1].set_xlabel(f"{types.attrs.get('members', 'glaciers')}, by type")
    return figure


def draw_regions(types: xr.Dataset) -> Any:
    """Share of the types in each sector, and the types of each fjord along the coast."""
    figure = new_figure(figsize=(11, 6.5))
    grid = figure.add_gridspec(2, 2, height_ratios=[2, 1.3])
    place = sectors(types)
    shown = [name for name in SECTORS if (place == name).any()]
    for column, (scale, title) in enumerate(SCALES.items()):
        panel, labels = figure.add_subplot(grid[0, column]), types[f"{scale}_type"].to_numpy()
        bottom = np.zeros(len(shown))
        for number in np.unique(labels):
            count = np.array([((place == name) & (labels == number)).sum() for name in shown])
            word = "no type" if number < 0 else f"type {number}"
            panel.bar(shown, count, bottom=bottom, color=type_colour(int(number)), label=word)
            bottom += count
        panel.set_title(f"{title} types by sector")
        panel.set_ylabel("glaciers")
        panel.set_ylim(*_room_above(panel.get_ylim()))
        panel.locator_params(axis="y", integer=True)
        panel.legend(fontsize=7, ncols=3, loc="upper left")
    panel = figure.add_subplot(grid[1, :])
    south_to_north = types["latitude"].to_numpy()
    along = np.where(np.isin(place, ["NE", "CE", "SE"]), -south_to_north, south_to_north)
    order = np.lexsort((along, [SECTORS.index(name) for name in place]))
    for row, scale in enumerate(SCALES):
        labels = types[f"{scale}_type"].to_numpy()[order]
        colours = [type_colour(int(n)) for n in labels]
        panel.bar(np.arange(len(order)), 0.9, bottom=row, width=0.95, color=colours)
    names = types["glacier_name"].to_numpy().astype(str)[order]
    size = 7 if len(order) <= 40 else 4
    panel.set_xticks(np.arange(len(order)), names, rotation=90, fontsize=size)
    panel.set_yticks([0.45, 1.45], list(SCALES.values()))
    panel.set_title("Types by fjord, along the coast from the south-west round the north")
    return figure


def draw(series: xr.Dataset, types: xr.Dataset, out: Path) -> list[Path]:
    """All figures."""
    some = [scale for scale in SCALES if (types[f"{scale}_type"] >= 0).any()]
    figures = {f"{scale}_types": draw_centres(series, types, scale) for scale in some}
    figures |= {"map": draw_map(types), "choice_of_k": draw_choice(types)}
    figures |= {"belonging": draw_belonging(types), "regions": draw_regions(types)}
    return [save_figure(each, out / "figures" / f"{name}.png") for name, each in figures.items()]
