"""Figures and numbers of docs/types.md on real glaciers.

    python analysis/types_docs.py --nw RELEASE --jakobshavn RELEASE --daugaard RELEASE
        [--images docs/images] [--json PATH]

The releases are those of `nw_greenland.py`, and of `termini run` with ``source:
jakobshavn`` and ``source: daugaard_jensen`` under ``fronts``. Draws the choice of k for
north-west Greenland (`types_nw_choice.png`), its two groups if two are asked for, with
the least certain glaciers (`types_nw_two.png`), and the years of the two glaciers with
many fronts a year (`types_years.png`).
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr
from glacier_types import summary
from glacier_types_doubt import least_certain, without_decades
from glacier_types_figures import draw_curves

from termini.catalog import read_netcdf
from termini.cluster import TypeSettings, glacier_types, left_out, years_as_glaciers
from termini.files import write_text
from termini.pipeline.parts import SERIES
from termini.report import new_figure, save_figure
from termini.report.colours import UNTYPED, type_colour

GLACIERS = {"jakobshavn": "measures:3", "daugaard": "king:DJ"}
#: Fifths of the record of north-west Greenland are about a decade each.
PERIODS = 5


def choice_figure(types: xr.Dataset) -> Any:
    """Silhouette, gap and stability of the inter-annual scale, side by side."""
    figure = new_figure(figsize=(11, 3.3))
    panels = figure.subplots(1, 3)
    draw_curves(panels, types, "interannual")
    for panel in panels:
        panel.set_xlabel("number of types")
    return figure


def two_figure(series: xr.Dataset, types: xr.Dataset, doubt: pd.DataFrame) -> Any:
    """Members and centres of two groups, and how surely each glacier belongs."""
    figure = new_figure(figsize=(11, 4.0))
    lines, belief = figure.subplots(1, 2)
    labels, time = types["interannual_type"].to_numpy(), types["time"].to_numpy()
    words = types["interannual_label"].to_numpy().astype(str)
    monthly = series["length_interannual"].transpose("glacier", "time")
    axis = series["time"].to_numpy()
    inside = types["interannual_silhouette"].to_numpy()
    chance = types["interannual_probability"].to_numpy()
    for number, centre in enumerate(types["interannual_centre"].to_numpy()):
        mine, colour = np.flatnonzero(labels == number), type_colour(number)
        for line in monthly.to_numpy()[mine]:
            first = line[(axis >= time[0]) & np.isfinite(line)][:12].mean()
            lines.plot(axis, (line - first) / 1000, color=colour, linewidth=0.5, alpha=0.4)
        label = f"{number}: {words[number]} ({len(mine)})"
        lines.plot(time, centre / 1000, color=colour, linewidth=2.5, label=label)
        belief.scatter(inside[mine], chance[mine, number], s=14, color=colour)
    lines.set_xlim(time[0], time[-1])
    lines.set_ylim(-15, 3)
    lines.set_ylabel("length change (km)")
    lines.legend(fontsize=8, loc="lower left")
    for row, one in doubt.iterrows():
        name = one["glacier_name"] or one["glacier_id"]
        place = (one["silhouette"], one["probability"])
        belief.annotate(
            str(name).replace(" Gletsjer", ""),
            place,
            xytext=(4, -8 if row % 2 else 3),
            textcoords="offset points",
            fontsize=6,
        )
    belief.set_xlabel("silhouette: 0 is between the groups")
    belief.set_ylabel("probability of the group, given the errors")
    return figure


def years_figure(found: dict[str, tuple[xr.Dataset, xr.Dataset]]) -> Any:
    """Cycle of each year of two glaciers, and silhouettes beside those of the nulls."""
    figure = new_figure(figsize=(10, 5.4))
    for row, (name, (years, types)) in zip(figure.subplots(2, 2), found.items(), strict=True):
        month = np.arange(1, 13)
        cycles = years["seasonal_cycle"].transpose("glacier", "month").to_numpy()
        for cycle in cycles:
            row[0].plot(month, cycle, color=UNTYPED, linewidth=0.9)
        row[0].plot(month, cycles.mean(axis=0), color=type_colour(1), linewidth=2.5)
        row[0].axhline(0.0, color="black", linewidth=0.5)
        row[0].set_title(f"{name}: {len(cycles)} years and their mean", fontsize=10)
        row[0].set_xticks([1, 4, 7, 10], ["Jan", "Apr", "Jul", "Oct"])
        row[0].set_ylabel("length about the year's mean (m)")
        k = types["seasonal_k"].to_numpy()
        row[1].plot(k, types["seasonal_k_silhouette"], "o-", color="#0072B2", label="years")
        for null, colour, words in (
            ("null", "grey", "same covariance"),
            ("phase", "#D55E00", "random phases"),
            ("cycle", "#009E73", "one population of cycles"),
        ):
            upper = types[f"seasonal_k_{null}_upper"]
            row[1].plot(k, upper, "s:", color=colour, label=f"{words}, 95 %", markersize=4)
        row[1].set_xticks(k)
        row[1].set_xlabel("number of types")
        row[1].set_ylabel("silhouette")
        row[1].set_ylim(0.0, None)
        row[1].legend(fontsize=7, loc="lower left")
    return figure


def north_west(release: Path, images: Path) -> dict[str, Any]:
    """Types of the glaciers of north-west Greenland."""
    series = read_netcdf(release / SERIES)
    chosen = glacier_types(series, TypeSettings(periods=PERIODS))
    two = glacier_types(series, TypeSettings(k=2, periods=PERIODS))
    doubt = least_certain(series, two)
    decades = without_decades(series, TypeSettings())
    print(save_figure(choice_figure(chosen), images / "types_nw_choice.png"))
    print(save_figure(two_figure(series, two, doubt), images / "types_nw_two.png"))
    curves = ("silhouette", "null_upper", "phase_upper", "p", "phase_p", "stability", "bootstrap")
    table = {
        name: types_curve(chosen, "interannual", name) for name in (*curves, "period", "smallest")
    }
    print(pd.DataFrame(table, index=chosen["interannual_k"].to_numpy()).to_string())
    print(doubt.to_string(), decades.to_string(), sep="\n")
    out = left_out(chosen)
    return {
        "chosen": summary(chosen),
        "two": summary(two),
        "curves": table,
        "least_certain": doubt.to_dict("records"),
        "without_decades": decades.to_dict("records"),
        "left_out": out[out["scale"] == "interannual"].to_dict("records"),
    }


def types_curve(types: xr.Dataset, scale: str, name: str) -> list[float]:
    """A curve over the numbers of types, rounded."""
    return [round(float(value), 3) for value in types[f"{scale}_k_{name}"].to_numpy()]


def all_years(releases: dict[str, Path], images: Path) -> dict[str, Any]:
    """Seasonal types of the years of two glaciers."""
    found, numbers = {}, {}
    for name, release in releases.items():
        series = read_netcdf(release / SERIES)
        years = years_as_glaciers(series, GLACIERS[name])
        types = glacier_types(years)
        title = str(series["glacier_name"].to_numpy()[0])
        found[title] = (years, types)
        mean = years["seasonal_cycle"].transpose("glacier", "month").to_numpy().mean(axis=0)
        numbers[name] = {
            "years": [int(text.split(":")[-1]) for text in years["glacier_id"].to_numpy()],
            "verdict": types.attrs["seasonal_verdict"],
            "most": int(mean.argmax()) + 1,
            "least": int(mean.argmin()) + 1,
            "range_of_mean_m": round(float(np.ptp(mean))),
            "mean_range_m": round(float(years["seasonal_amplitude"].mean())),
            "silhouette": types_curve(types, "seasonal", "silhouette"),
            "stability": types_curve(types, "seasonal", "stability"),
            "cycle_upper": types_curve(types, "seasonal", "cycle_upper"),
        }
        print(name, *numbers[name].items(), sep="\n  ")
    print(save_figure(years_figure(found), images / "types_years.png"))
    return numbers


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    for name in ("nw", *GLACIERS):
        parser.add_argument(f"--{name}", type=Path, required=True, help="folder of its release")
    parser.add_argument("--images", type=Path, default=Path("docs/images"), help="for the figures")
    parser.add_argument("--json", type=Path, help="also write the numbers here")
    options = parser.parse_args()
    found = {"north_west": north_west(options.nw, options.images)}
    releases = {name: getattr(options, name) for name in GLACIERS}
    found["years"] = all_years(releases, options.images)
    if options.json:
        write_text(options.json, json.dumps(found, indent=1) + "\n")


if __name__ == "__main__":
    main()
