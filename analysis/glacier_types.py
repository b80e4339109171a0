"""Glacier types of a release, from nothing: dataset, table and figures.

    python analysis/glacier_types.py catalog/releases/0.2.0 --out types [--json types.json]

The types come from ``terminus_series.nc`` of the release alone. The same release and
seed give the same bytes. Where the release holds types, their seed is taken unless
another is given, and the new types are compared with them, value by value.
"""

from __future__ import annotations

import argparse
import json
import textwrap
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from termini.catalog import read_netcdf, write_netcdf
from termini.cluster import glacier_types
from termini.files import sha256, write_text
from termini.pipeline.parts import SERIES, TYPES, date_of
from termini.report import new_figure, save_figure
from termini.report.colours import UNTYPED, type_colour

SCALES = {"interannual": "Inter-annual", "seasonal": "Seasonal"}


def type_table(types: xr.Dataset) -> pd.DataFrame:
    """One row a glacier: its types in words, how surely it belongs, and why not."""
    table = pd.DataFrame(
        {
            name: types[name].to_numpy()
            for name in ("glacier_id", "glacier_name", "longitude", "latitude")
            if name in types
        }
    )
    for scale in SCALES:
        labels = types[f"{scale}_type"].to_numpy()
        words = types[f"{scale}_label"].to_numpy().astype(str)
        codes = types[f"{scale}_reason"].attrs["flag_meanings"].split()
        table[f"{scale}_type"] = labels
        table[f"{scale}_label"] = ["" if n < 0 else words[n] for n in labels]
        for name in ("silhouette", "stability"):
            table[f"{scale}_{name}"] = types[f"{scale}_{name}"].to_numpy()
        table[f"{scale}_reason"] = [codes[n] for n in types[f"{scale}_reason"].to_numpy()]
    return table


def differences(types: xr.Dataset, before: xr.Dataset) -> list[str]:
    """Names of the variables in which two sets of types differ."""
    names = sorted({str(name) for name in [*types.variables, *before.variables]})
    return [
        name
        for name in names
        if not (name in types and name in before and types[name].equals(before[name]))
    ]


def summary(types: xr.Dataset) -> dict[str, Any]:
    """Counts, verdicts and settings."""
    found: dict[str, Any] = {"settings": json.loads(types.attrs["settings"])}
    for scale in SCALES:
        labels = types[f"{scale}_type"].to_numpy()
        words = types[f"{scale}_label"].to_numpy().astype(str)
        agreement = float(types.attrs[f"{scale}_agreement"])
        found[scale] = {
            "verdict": types.attrs[f"{scale}_verdict"],
            "agreement": agreement if np.isfinite(agreement) else None,
            "without_type": int((labels < 0).sum()),
            "types": [
                {"type": n, "label": word, "glaciers": int((labels == n).sum())}
                for n, word in enumerate(words)
            ],
        }
    return found


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
    columns = min(len(centres), 3)
    rows = -(-len(centres) // columns)
    unit, scaled = ("m", 1.0) if seasonal else ("km", 1e-3)
    figure = new_figure(figsize=(4.2 * columns, 3.0 * rows))
    panels = figure.subplots(rows, columns, squeeze=False, sharex=True).ravel()
    for number, panel in enumerate(panels[: len(centres)]):
        for row in np.flatnonzero(labels == number):
            line = members[row] - _start(members[row], across, axis, seasonal)
            panel.plot(across, line * scaled, color=UNTYPED, linewidth=0.7)
        colour, middle = type_colour(number), centres[number] * scaled
        wide = np.nan_to_num(spread[number]) * scaled
        panel.fill_between(axis, middle - wide, middle + wide, color=colour, alpha=0.25)
        panel.plot(axis, middle, color=colour, linewidth=2.2)
        panel.axhline(0.0, color="black", linewidth=0.5)
        count = int((labels == number).sum())
        title = textwrap.fill(f"{number}: {words[number]} ({count} glaciers)", 44)
        panel.set_title(title, fontsize=9)
        panel.set_ylabel(f"length change ({unit})")
    for panel in panels[len(centres) :]:
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
    figure = new_figure(figsize=(10, 5.5))
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
        panel.set_aspect(1.0 / np.cos(np.deg2rad(float(np.mean(latitude)))))
        panel.set_title(f"{title} types")
        panel.set_xlabel("longitude (degrees east)")
        panel.set_ylabel("latitude (degrees north)")
        panel.legend(fontsize=7, loc="best")
    return figure


def draw_choice(types: xr.Dataset) -> Any:
    """Silhouette against the null, and stability, over the number of types."""
    figure = new_figure(figsize=(10, 6))
    for column, (scale, title) in zip(figure.subplots(2, 2).T, SCALES.items(), strict=True):
        k = types[f"{scale}_k"].to_numpy()
        curve = {
            n: types[f"{scale}_k_{n}"].to_numpy()
            for n in ("silhouette", "null", "null_upper", "stability")
        }
        column[0].plot(k, curve["silhouette"], "o-", color="#0072B2", label="data")
        column[0].plot(k, curve["null"], "--", color="grey", label="noise without groups, mean")
        column[0].plot(k, curve["null_upper"], ":", color="grey", label="its 95th percentile")
        column[0].set_ylabel("silhouette")
        column[0].set_title(f"{title} scale")
        column[0].legend(fontsize=7)
        column[1].plot(k, curve["stability"], "o-", color="#0072B2")
        column[1].set_ylim(0.0, 1.05)
        column[1].set_ylabel("stability (adjusted Rand index)")
        column[1].set_xlabel("number of types")
        for panel in column:
            panel.set_xticks(k)
    return figure


def draw_belonging(types: xr.Dataset) -> Any:
    """How surely each glacier belongs: silhouette and stability, sorted within types."""
    figure = new_figure(figsize=(10, 6))
    for column, (scale, title) in zip(figure.subplots(2, 2).T, SCALES.items(), strict=True):
        labels = types[f"{scale}_type"].to_numpy()
        inside = types[f"{scale}_silhouette"].to_numpy()
        order = np.lexsort((-np.nan_to_num(inside), labels))
        order = order[labels[order] >= 0]
        for panel, name in zip(column, ("silhouette", "stability"), strict=True):
            values = types[f"{scale}_{name}"].to_numpy()[order]
            panel.bar(
                np.arange(len(order)), values, color=[type_colour(int(n)) for n in labels[order]]
            )
            panel.set_ylabel(name)
            if not np.isfinite(values).any():
                panel.text(0.5, 0.5, "one type, or none", ha="center", transform=panel.transAxes)
        column[0].set_title(f"{title} types")
        column[1].set_xlabel("glaciers, by type")
    return figure


def draw(series: xr.Dataset, types: xr.Dataset, out: Path) -> list[Path]:
    """All figures."""
    figures = {f"{scale}_types": draw_centres(series, types, scale) for scale in SCALES}
    figures |= {"map": draw_map(types), "choice_of_k": draw_choice(types)}
    figures["silhouette_and_stability"] = draw_belonging(types)
    return [save_figure(each, out / "figures" / f"{name}.png") for name, each in figures.items()]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("release", type=Path, help="folder of a release")
    parser.add_argument("--out", type=Path, default=Path("types"), help="folder for the results")
    parser.add_argument("--seed", type=int, help="by default that of the release's types, else 0")
    parser.add_argument("--k", type=int, help="inter-annual types; chosen by the test by default")
    parser.add_argument("--seasonal-k", type=int, help="seasonal types; the same")
    parser.add_argument("--amplitude", choices=["aware", "shape"], default="aware")
    parser.add_argument("--json", type=Path, help="also write the summary here")
    arguments = parser.parse_args()
    series = read_netcdf(arguments.release / SERIES)
    held = arguments.release / TYPES
    before = read_netcdf(held) if held.is_file() else None
    seed = arguments.seed
    if seed is None:
        seed = 0 if before is None else int(json.loads(before.attrs["settings"])["seed"])
    types = glacier_types(
        series,
        k=arguments.k,
        seasonal_k=arguments.seasonal_k,
        amplitude=arguments.amplitude,
        seed=seed,
    )
    types.attrs["release"] = arguments.release.name
    path = write_netcdf(
        types, arguments.out / TYPES, title="Glacier types", date=date_of(arguments.release)
    )
    write_text(arguments.out / "glacier_types.csv", type_table(types).to_csv(index=False))
    figures = draw(series, types, arguments.out)
    found = summary(types) | {"glacier_types.nc": sha256(path)}
    for scale, title in SCALES.items():
        print(f"{title}: {found[scale]['verdict']}")
        for each in found[scale]["types"]:
            print(f"  type {each['type']}: {each['glaciers']:>3} glaciers  {each['label']}")
        print(f"  without a type: {found[scale]['without_type']}")
    if before is not None:
        found["differs_from_release"] = differences(types, before)
        print(
            "differs from the types of the release in:", found["differs_from_release"] or "nothing"
        )
    print(path, *figures, sep="\n")
    if arguments.json:
        write_text(arguments.json, json.dumps(found, indent=1) + "\n")


if __name__ == "__main__":
    main()
