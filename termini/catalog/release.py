"""Writing a release: whole, once, and the same bytes from the same input."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple, NoReturn

import geopandas as gpd
import pandas as pd
import xarray as xr

from termini.catalog.changelog import changelog, contents
from termini.catalog.checksums import write_sums
from termini.catalog.citation import check_sources, citation_cff, citation_text
from termini.catalog.dictionary import FILES, data_package
from termini.catalog.intake_catalog import write_catalog
from termini.catalog.netcdf import write_netcdf
from termini.catalog.observations import observations_dataset
from termini.catalog.stac import stac_item
from termini.catalog.versions import RELEASES, SUMS, release_path, version_before, version_key
from termini.domain import GlacierDomain, domain_columns, write_domains
from termini.errors import InputError, ReleaseError
from termini.files import make_folder, write_text
from termini.fronttable import write_fronts
from termini.times import to_date

LICENSE = "CC-BY-4.0"
SUMMARY = (
    "{what}. Part of termini {version}: fronts of marine-terminating glaciers and the changes of "
    "length and area measured from them, with standard errors."
)


def write_release(
    root: str | Path,
    version: str,
    *,
    fronts: gpd.GeoDataFrame,
    domains: Mapping[str, GlacierDomain],
    observations: pd.DataFrame,
    series: xr.Dataset,
    types: xr.Dataset | None,
    drivers: xr.Dataset | None,
    sources: Sequence[Mapping[str, Any]],
    date: Any,
    notes: str = "",
    license_name: str = LICENSE,
) -> Path:
    """Write a release and list it in the catalog.

    The release is built in a hidden folder beside its place and renamed when it
    is whole: what is interrupted leaves nothing that could be taken for a
    release.

    Parameters
    ----------
    root : path
        Catalog folder; gets ``releases/<version>/`` and ``catalog.yaml``.
    version : str
        Semantic version, not there yet.
    fronts : GeoDataFrame
        Front table, with the rejected traces.
    domains : mapping of str to GlacierDomain
        Domains by glacier id.
    observations : DataFrame
        As `termini.series.observe` gives it.
    series : xarray.Dataset
        As `termini.series.monthly_series` gives it.
    types, drivers : xarray.Dataset or None
        As `termini.cluster.glacier_types` and `termini.drivers.join_drivers`
        give them; None for a release without.
    sources : sequence of mapping
        For each value of the column ``source`` its ``name`` and ``citation``, and
        what else of `termini.catalog.citation.SOURCE_KEYS` is known.
    date : date-like
        Date of the release; the only time stamp in its files.
    notes : str
        What the reader of the changelog should know.
    license_name : str
        SPDX name of the licence of the data.

    Returns
    -------
    pathlib.Path
        Folder of the release.

    Raises
    ------
    ReleaseError
        If the version exists or is not a version.
    InputError
        If the parts do not fit together; nothing is written then.
    """
    version_key(version)
    check_sources(sources, fronts["source"])
    _check_series(series, domains)
    label = _Label(version, to_date(date, "date of the release"), sources, license_name)
    with _built_whole(Path(root), version) as folder:
        datasets = _datasets(
            {
                "terminus_observations.nc": observations_dataset(observations, fronts, domains),
                "terminus_series.nc": series,
                "glacier_types.nc": types,
                "drivers.nc": drivers,
            }
        )
        counts = contents(fronts, len(domains), len(observations))
        _write_data(folder, label, fronts, domains, datasets)
        item = stac_item(folder, version, label.date, fronts, domains, license_name)
        write_text(folder / "stac-item.json", item)
        _write_texts(folder, label, fronts, domains, datasets)
        before = version_before(root, version)
        older = None if before is None else release_path(root, before)
        changes = changelog(folder, version, label.date, older, notes, counts)
        write_text(folder / "CHANGELOG.md", changes)
        write_sums(folder)
    write_catalog(root)
    return release_path(root, version)


class _Label(NamedTuple):
    """What is written on every file of a release."""

    version: str
    date: pd.Timestamp
    sources: Sequence[Mapping[str, Any]]
    license_name: str


def _datasets(given: Mapping[str, xr.Dataset | None]) -> dict[str, xr.Dataset]:
    """Datasets that there are, each with the places of its glaciers."""
    series = given["terminus_series.nc"]
    assert series is not None
    places = pd.DataFrame(
        {name: series[name].to_numpy() for name in ("longitude", "latitude")},
        index=pd.Index(series["glacier_id"].to_numpy().astype(str)),
    )
    found = {name: dataset for name, dataset in given.items() if dataset is not None}
    for name, dataset in found.items():
        if "longitude" not in dataset:
            of_glacier = places.reindex(dataset["glacier_id"].to_numpy().astype(str))
            found[name] = dataset.assign_coords(
                {key: ("glacier", of_glacier[key].to_numpy()) for key in places}
            )
    return found


def _write_data(
    folder: Path,
    label: _Label,
    fronts: gpd.GeoDataFrame,
    domains: Mapping[str, GlacierDomain],
    datasets: Mapping[str, xr.Dataset],
) -> None:
    """Tables and NetCDF files."""
    write_fronts(fronts, folder / "fronts.parquet")
    write_domains(domains.values(), folder / "domains.parquet")
    for name, dataset in datasets.items():
        write_netcdf(
            dataset,
            folder / name,
            title=FILES[name],
            date=label.date,
            summary=SUMMARY.format(what=FILES[name], version=label.version),
            attributes=_attributes(name, label, fronts),
        )


def _check_series(series: xr.Dataset, domains: Mapping[str, GlacierDomain]) -> None:
    """Refuse a series of glaciers that have no domain, or without places."""
    if missing := {"glacier_id", "longitude", "latitude"} - set(series.variables):
        raise InputError(f"series lack {sorted(missing)}; make them with series.monthly_series")
    ids = set(series["glacier_id"].to_numpy().astype(str).tolist())
    if unknown := sorted(ids - set(domains)):
        raise InputError(f"series of {unknown[:5]} have no domain; give domains of all glaciers")


def _attributes(name: str, label: _Label, fronts: gpd.GeoDataFrame) -> dict[str, Any]:
    """Global attributes of a NetCDF file that only the release knows."""
    cited = "\n".join(str(source["citation"]) for source in label.sources)
    found = {
        "id": f"termini-{label.version}-{Path(name).stem}",
        "product_version": label.version,
        "license": label.license_name,
        "acknowledgement": f"Made from these sources:\n{cited}" if cited else "Made by termini.",
    }
    if sensors := sorted(set(fronts["sensor"]) - {""}):
        found["platform"] = ", ".join(sensors)
    return found


def _write_texts(
    folder: Path,
    label: _Label,
    fronts: gpd.GeoDataFrame,
    domains: Mapping[str, GlacierDomain],
    datasets: Mapping[str, xr.Dataset],
) -> None:
    """Data dictionary and citations."""
    holds: dict[str, xr.Dataset | list[str]] = {
        **datasets,
        "fronts.parquet": list(fronts.columns),
        "domains.parquet": domain_columns(domains.values()),
    }
    package = data_package(folder, holds, *label)
    write_text(folder / "datapackage.json", package)
    write_text(folder / "CITATION.cff", citation_cff(*label[:3]))
    write_text(folder / "CITATION.md", citation_text(*label[:3]))


@contextmanager
def _built_whole(root: Path, version: str) -> Iterator[Path]:
    """Hidden folder that becomes the release when the block ends without an error."""
    final = root / RELEASES / version
    if final.exists():
        _refuse(root, final)
    make_folder(final.parent)
    for left in final.parent.glob(f".{version}-building-*"):
        shutil.rmtree(left)  # of a run that was killed
    folder = Path(tempfile.mkdtemp(dir=final.parent, prefix=f".{version}-building-"))
    try:
        yield folder
        folder.chmod(0o755)
        try:
            folder.rename(final)
        except OSError:
            _refuse(root, final)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _refuse(root: Path, final: Path) -> NoReturn:
    """Say why a release is not written again, and list it where a killed run did not."""
    if (final / SUMS).is_file():
        write_catalog(root)
        raise ReleaseError(
            f"{final}: this release exists and releases are never changed; "
            "write a new version, or delete the folder if nobody has used it yet"
        )
    raise ReleaseError(
        f"{final}: a folder of this name exists but is not a whole release; remove it first"
    )
