"""Glacier types of a release, from nothing: dataset, table and figures.

    python analysis/glacier_types.py catalog/releases/0.2.0 --out types [--json types.json]

The types come from ``terminus_series.nc`` of the release alone. The same release and
seed give the same bytes. Where the release holds types, their seed is taken unless
another is given, and the new types are compared with them, value by value.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr
from glacier_types_doubt import least_certain, without_decades
from glacier_types_figures import SCALES, draw, sectors

from termini.catalog import read_netcdf, write_netcdf
from termini.cluster import TypeSettings, glacier_types, left_out, years_as_glaciers
from termini.files import sha256, write_text
from termini.pipeline.parts import SERIES, TYPES, date_of


def type_table(types: xr.Dataset) -> pd.DataFrame:
    """One row a glacier: its types in words, how surely it belongs, and why not."""
    table = pd.DataFrame(
        {
            name: types[name].to_numpy()
            for name in ("glacier_id", "glacier_name", "longitude", "latitude")
            if name in types
        }
    )
    table["sector"] = sectors(types)
    table["joint_type"] = types["joint_type"].to_numpy()
    for scale in SCALES:
        labels = types[f"{scale}_type"].to_numpy()
        words = types[f"{scale}_label"].to_numpy().astype(str)
        codes = types[f"{scale}_reason"].attrs["flag_meanings"].split()
        table[f"{scale}_type"] = labels
        table[f"{scale}_label"] = ["" if n < 0 else words[n] for n in labels]
        for name in ("silhouette", "stability"):
            table[f"{scale}_{name}"] = types[f"{scale}_{name}"].to_numpy()
        chance = types[f"{scale}_probability"].to_numpy()
        table[f"{scale}_probability"] = chance[np.arange(len(labels)), np.maximum(labels, 0)]
        table[f"{scale}_consensus"] = types[f"{scale}_consensus"].to_numpy()
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


def _number(value: float) -> float | None:
    return round(float(value), 4) if np.isfinite(value) else None


def _at_chosen(types: xr.Dataset, scale: str, name: str) -> float:
    """Value of a curve over k at the number of clusters that the verdict names."""
    words = str(types.attrs[f"{scale}_verdict"]).split(":")[0]
    k = types[f"{scale}_k"].to_numpy()
    at = np.flatnonzero([words.startswith(f"k={number}") for number in k])
    return float(types[f"{scale}_k_{name}"].to_numpy()[at[0]]) if len(at) else float("nan")


def summary(types: xr.Dataset) -> dict[str, Any]:
    """Counts, verdicts and settings."""
    found: dict[str, Any] = {"settings": json.loads(types.attrs["settings"])}
    for scale in SCALES:
        labels = types[f"{scale}_type"].to_numpy()
        words = types[f"{scale}_label"].to_numpy().astype(str)
        agreement = float(types.attrs[f"{scale}_agreement"])
        found[scale] = {
            "verdict": types.attrs[f"{scale}_verdict"],
            "agreement": _number(agreement),
            "without_type": int((labels < 0).sum()),
            "agreement_of_methods": {
                str(name): _number(value)
                for name, value in zip(
                    types["method"].to_numpy(),
                    types[f"{scale}_method_agreement"].to_numpy(),
                    strict=True,
                )
            },
            "without_a_period": _number(_at_chosen(types, scale, "period")),
            "types": [
                {"type": n, "label": word, "glaciers": int((labels == n).sum())}
                for n, word in enumerate(words)
            ],
        }
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("release", type=Path, help="folder of a release")
    parser.add_argument("--out", type=Path, default=Path("types"), help="folder for the results")
    parser.add_argument("--seed", type=int, help="by default that of the release's types, else 0")
    parser.add_argument("--k", type=int, help="inter-annual types; chosen by the test by default")
    parser.add_argument("--seasonal-k", type=int, help="seasonal types; the same")
    parser.add_argument("--amplitude", choices=["aware", "shape"], default="aware")
    parser.add_argument("--periods", type=int, default=4, help="periods that are left out in turn")
    parser.add_argument("--years-of", help="seasonal types of the years of this glacier instead")
    parser.add_argument("--json", type=Path, help="also write the summary here")
    arguments = parser.parse_args()
    series = read_netcdf(arguments.release / SERIES)
    held = arguments.release / TYPES
    before = read_netcdf(held) if held.is_file() else None
    seed = arguments.seed
    if seed is None:
        seed = 0 if before is None else int(json.loads(before.attrs["settings"])["seed"])
    if arguments.years_of:
        series, before = years_as_glaciers(series, arguments.years_of), None
        print("years left out:", series.attrs["years_left_out"])
    settings = TypeSettings(
        k=arguments.k,
        seasonal_k=arguments.seasonal_k,
        amplitude=arguments.amplitude,
        seed=seed,
        periods=arguments.periods,
    )
    types = glacier_types(series, settings)
    types.attrs["release"] = arguments.release.name
    if arguments.years_of:
        types.attrs["members"] = "years"
    path = write_netcdf(
        types, arguments.out / TYPES, title="Glacier types", date=date_of(arguments.release)
    )
    write_text(arguments.out / "glacier_types.csv", type_table(types).to_csv(index=False))
    write_text(arguments.out / "left_out.csv", left_out(types).to_csv(index=False))
    if types.sizes["interannual_cluster"] > 1:
        doubt, lost = least_certain(series, types), without_decades(series, settings)
        write_text(arguments.out / "least_certain.csv", doubt.to_csv(index=False))
        write_text(arguments.out / "without_decades.csv", lost.to_csv(index=False))
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
