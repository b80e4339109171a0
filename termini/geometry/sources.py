"""Domains of the published datasets that termini reads."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import geopandas as gpd
import pyogrio
import shapely
from shapely.ops import substring

from termini.domain import GlacierDomain
from termini.errors import DomainError, InputError
from termini.fronttable import crs_text
from termini.geo import ARCTIC
from termini.geometry.boxes import domain_from_box
from termini.geometry.centrelines import domain_from_centreline
from termini.geometry.direction import middle_of

FLOWLINES = "flowlines/felikson2021_flowlines.parquet"


def sources_with_domains() -> list[str]:
    """Names of the published datasets that bring boxes or centrelines for domains.

    Returns
    -------
    list of str
        Names as `domains_for_source` takes them.
    """
    return list(_MAKERS)


def domains_for_source(
    name: str,
    path: str | Path | None,
    fronts: gpd.GeoDataFrame,
    *,
    flowlines: gpd.GeoDataFrame | None = None,
    failures: dict[str, str] | None = None,
) -> dict[str, GlacierDomain]:
    """Domains of all glaciers of a published dataset.

    Parameters
    ----------
    name : str
        One of `sources_with_domains`.
    path : path or None
        Folder of the dataset, or the file that its reader takes; its usual place
        under the data root if None.
    fronts : GeoDataFrame
        Its front table.
    flowlines : GeoDataFrame, optional
        Lines from the fronts inland. By default those of Felikson et al. (2021),
        if they lie in the folder ``flowlines`` beside that of the dataset.
    failures : dict, optional
        Where given, a glacier whose domain cannot be made is recorded here, id to
        reason, and left out.

    Returns
    -------
    dict
        Glacier id to domain.

    Raises
    ------
    InputError
        If the source is unknown or its boxes or centrelines are not found.
    DomainError
        If a domain cannot be made and `failures` is not given.
    """
    if name not in _MAKERS:
        raise InputError(
            f"source {name!r} has no domains; known are {', '.join(_MAKERS)}; for others "
            "'termini domains make' makes them from boxes, centrelines or the fronts alone"
        )
    # takes long; whoever only measures does not wait for it
    from termini.fronts import source_folder, source_glaciers

    folder = source_folder(name, path)
    if flowlines is None:
        flowlines = find_flowlines(folder)
    names = source_glaciers(name, folder).set_index("glacier_id")["name"].to_dict()
    found: dict[str, GlacierDomain] = {}
    crs = crs_text(fronts)
    for glacier_id, make in _MAKERS[name](folder, crs).items():
        traces = fronts[fronts["glacier_id"] == glacier_id]
        traces = traces[traces.geometry.notna() & ~traces.geometry.is_empty]
        try:
            found[glacier_id] = make(glacier_id, names.get(glacier_id, ""), traces, flowlines)
        except DomainError as error:
            if failures is None:
                raise
            failures[glacier_id] = str(error)
    return found


Maker = Callable[
    [str, str, gpd.GeoDataFrame, gpd.GeoDataFrame | None],
    GlacierDomain,
]


def find_flowlines(path: Path) -> gpd.GeoDataFrame | None:
    """Flowlines of Felikson et al. (2021) beside a dataset.

    Parameters
    ----------
    path : path
        Folder or file of the dataset.

    Returns
    -------
    GeoDataFrame or None
        The flowlines; None where there are none.
    """
    for parent in list(path.resolve().parents)[:3]:
        if (parent / FLOWLINES).is_file():
            return gpd.read_parquet(parent / FLOWLINES).to_crs(ARCTIC)
    return None


def _read(path: Path, pattern: str, crs: str, layer: str | None = None) -> gpd.GeoDataFrame:
    """One file of a dataset; its stated projection is trusted unless it is ESRI WKT."""
    folder = path if path.is_dir() and path.suffix != ".gdb" else path.parent
    matches = sorted(folder.glob(pattern)) or sorted(folder.glob(f"*/{pattern}"))
    if not matches and path.match(pattern):
        matches = [path]
    if not matches:
        raise InputError(f"{folder}: no {pattern} there; give the folder of the published dataset")
    try:
        table = gpd.read_file(matches[0], layer=layer) if layer else gpd.read_file(matches[0])
    except (pyogrio.errors.DataSourceError, pyogrio.errors.DataLayerError) as error:
        raise InputError(f"{matches[0]}: cannot be read ({error})") from error
    code = table.crs.to_epsg() if table.crs is not None else None
    if code is None or f"EPSG:{code}" == ARCTIC:
        table = table.set_crs(ARCTIC, allow_override=True)
    return table.to_crs(crs)


def _line(geometry: shapely.Geometry) -> shapely.Geometry:
    merged = shapely.line_merge(geometry) if geometry.geom_type == "MultiLineString" else geometry
    return shapely.force_2d(merged)


def _nw_greenland(path: Path, crs: str) -> dict[str, Maker]:
    boxes = _read(path, "nwgreenland_decadal.gdb", crs, layer="glacier_boxes")
    boxes = boxes.sort_values("Glacier_ID", ignore_index=True)
    return {
        f"measures:{row.Glacier_ID}": _boxed(_line(row.geometry), crs) for row in boxes.itertuples()
    }


def _harald_moltke(path: Path, crs: str) -> dict[str, Maker]:
    box = _read(path, "box/harald_moltke_brae.shp", crs)
    return {"measures:75": _boxed(shapely.force_2d(box.geometry.iloc[0]), crs)}


def _jakobshavn(path: Path, crs: str) -> dict[str, Maker]:
    line = _read(path, "jakobshavn_centreline.shp", crs)
    return {"measures:3": _centred(_line(line.geometry.iloc[0]), crs)}


def _daugaard_jensen(path: Path, crs: str) -> dict[str, Maker]:
    lines = _read(path, "centreline_lines.geojson", crs)
    code = lines.set_index("glacier_code").geometry
    if "DJ" not in code.index:
        raise InputError(f"{path}: centreline_lines.geojson has no line with glacier_code DJ")
    return {"king:DJ": _centred(_line(code["DJ"]), crs)}


def _svalbard(path: Path, crs: str) -> dict[str, Maker]:
    lines = _read(path, "centerlines.geojson", crs).drop_duplicates("glacier")
    line_of = lines.set_index("glacier").geometry
    from termini.fronts import source_glaciers  # as above

    keys = [glacier_id.split(":")[1] for glacier_id in source_glaciers("svalbard", path).glacier_id]
    if missing := sorted(set(keys) - set(line_of.index)):
        raise InputError(f"{path}: centerlines.geojson has no line of {', '.join(missing)}")
    return {f"mannerfelt:{key}": _from_head(_line(line_of[key]), crs) for key in keys}


def _from_head(line: shapely.Geometry, crs: str) -> Maker:
    """Domain along a centreline that begins at the head of the glacier.

    The part above the fronts is the evidence of the direction: where a line is as
    long beyond them, which end is inland cannot be seen from it.
    """

    def make(
        glacier_id: str, name: str, traces: gpd.GeoDataFrame, flowlines: gpd.GeoDataFrame | None
    ) -> GlacierDomain:
        at = shapely.line_locate_point(line, shapely.Point(middle_of(traces)))
        inland = gpd.GeoDataFrame(geometry=[substring(line, 0.0, at)], crs=crs)
        return domain_from_centreline(glacier_id, name, line, traces, None, crs, flowlines=inland)

    return make


def _boxed(box: shapely.Geometry, crs: str) -> Maker:
    def make(
        glacier_id: str, name: str, traces: gpd.GeoDataFrame, flowlines: gpd.GeoDataFrame | None
    ) -> GlacierDomain:
        return domain_from_box(glacier_id, name, box, traces, crs, flowlines=flowlines)

    return make


def _centred(line: shapely.Geometry, crs: str) -> Maker:
    def make(
        glacier_id: str, name: str, traces: gpd.GeoDataFrame, flowlines: gpd.GeoDataFrame | None
    ) -> GlacierDomain:
        return domain_from_centreline(
            glacier_id, name, line, traces, None, crs, flowlines=flowlines
        )

    return make


_MAKERS: dict[str, Callable[[Path, str], dict[str, Maker]]] = {
    "nw_greenland": _nw_greenland,
    "jakobshavn": _jakobshavn,
    "harald_moltke": _harald_moltke,
    "daugaard_jensen": _daugaard_jensen,
    "svalbard": _svalbard,
}
