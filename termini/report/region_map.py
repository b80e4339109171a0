"""The map of a region: its glaciers by type over a rough coast and a graticule."""

from __future__ import annotations

from typing import Any

import numpy as np
import shapely
from bokeh.models import (
    ColumnDataSource,
    CustomJS,
    HoverTool,
    IndexFilter,
    Legend,
    LegendItem,
    Metric,
    RadioButtonGroup,
    Range1d,
    ScaleBar,
    TapTool,
)
from bokeh.models.sources import CDSView
from bokeh.plotting import figure

from termini.geo import ARCTIC, reproject
from termini.report.basemap import coast, frame, graticule
from termini.report.colours import (
    COAST,
    INK,
    LAND,
    UNKNOWN,
    WATER,
    mark_size,
    type_colour,
    type_mark,
    type_name,
)
from termini.report.data import SCALES, ReportData

_WIDTH, _HEIGHT = 390, 560
# More glaciers than this get smaller marks.
_MANY = 40
_GRID = "#b4c3cf"
_WORDS = {"interannual": "Inter-annual type", "seasonal": "Seasonal type"}


def region_map(glaciers: ColumnDataSource, chosen: ColumnDataSource, data: ReportData) -> list[Any]:
    """Map of all glaciers, and a switch between the two kinds of types.

    Parameters
    ----------
    glaciers : ColumnDataSource
        Columns x, y (EPSG:3413), name, glacier_id, place and what the tooltip shows.
    chosen : ColumnDataSource
        Columns x, y of the glacier that is shown, which gets a ring.
    data : ReportData
        A release.

    Returns
    -------
    list of bokeh models
        The switch, if there is something to switch, and the map.
    """
    x0, y0, x1, y1 = extent = frame(
        data.glaciers["x"].to_numpy(), data.glaciers["y"].to_numpy(), _WIDTH, _HEIGHT
    )
    rings = coast(extent)
    plot = figure(
        frame_width=_WIDTH,
        frame_height=_HEIGHT,
        x_range=Range1d(x0, x1),
        y_range=Range1d(y0, y1),
        title="Click a glacier",
        tools="pan,wheel_zoom,box_zoom,reset,save",
        active_scroll="wheel_zoom",
        background_fill_color=WATER if rings else UNKNOWN,
        toolbar_location="above",
    )
    if rings:
        xs, ys = ([ring[k].round(-2).tolist() for ring in rings] for k in (0, 1))
        plot.patches(xs, ys, fill_color=LAND, line_color=COAST)
        plot.title.text = "Click a glacier (coast: rough)"
    _draw_fjords(plot, data)
    _draw_graticule(plot, extent)
    _add_scale_bar(plot)
    drawn, legends = {}, {}
    shown = [s for s in SCALES if s == "interannual" or (data.glaciers[f"{s}_type"] >= 0).any()]
    for scale in shown:
        drawn[scale], legends[scale] = _draw_types(plot, glaciers, data, scale)
    plot.scatter("x", "y", source=chosen, size=20, fill_color=None, line_color=INK, line_width=2.5)
    dots = [dot for group in drawn.values() for dot in group]
    plot.add_tools(HoverTool(renderers=dots, tooltips=_TOOLTIP), TapTool(renderers=dots))
    plot.axis.visible = False
    plot.grid.visible = False
    plot.toolbar.logo = None
    if len(shown) < 2:
        return [plot]
    return [_switch(drawn, legends), plot]


_TOOLTIP = """<div style="max-width: 320px"><b>@name</b> (@glacier_id)<br>@place<br>
@traces<br>@change<br>inter-annual type @interannual<br>seasonal type @seasonal</div>"""


def _draw_fjords(plot: Any, data: ReportData) -> None:
    """Fjords in which fronts are measured: dots of a large region, seen when near."""
    rings = [
        np.asarray(reproject(part.exterior, domain.crs, ARCTIC).simplify(50.0).coords)
        for domain in data.domains.values()
        for part in shapely.get_parts(domain.fjord)
    ]
    if rings:
        xs, ys = ([ring[:, k].round().tolist() for ring in rings] for k in (0, 1))
        plot.patches(xs, ys, fill_color=WATER, line_color=_GRID)


def _draw_graticule(plot: Any, extent: tuple[float, float, float, float]) -> None:
    for line in graticule(extent):
        plot.line(line.x.round(), line.y.round(), color=_GRID, line_width=1)
        if not line.label:
            continue
        plot.text(
            [line.where[0]],
            [line.where[1]],
            text=[line.label],
            x_offset=3,
            y_offset=-2,
            text_font_size="8pt",
            text_color="#5d7080",
        )


def _draw_types(
    plot: Any, glaciers: ColumnDataSource, data: ReportData, scale: str
) -> tuple[list[Any], Any]:
    """Dots of each type and their legend; only the first scale is seen at first."""
    kinds, words = data.glaciers[f"{scale}_type"].to_numpy(), data.words(scale)
    first = scale == "interannual"
    dots, items = [], []
    size = 11 if len(kinds) <= _MANY else 8.5
    for kind in sorted(set(kinds.tolist())):
        mine = np.flatnonzero(kinds == kind)
        dot = plot.scatter(
            "x",
            "y",
            source=glaciers,
            view=CDSView(filter=IndexFilter(mine.tolist())),
            size=mark_size(kind, size if kind >= 0 else 0.75 * size),
            marker=type_mark(kind),
            fill_color=type_colour(kind),
            line_color=INK,
            line_width=0.7,
            nonselection_fill_alpha=1.0,
            nonselection_line_alpha=1.0,
            visible=first,
        )
        dots.append(dot)
        text = f"{type_name(kind, words.get(kind, ''))} ({len(mine)})"
        items.append(LegendItem(label=text, renderers=[dot]))
    legend = Legend(
        items=items,
        title=f"{_WORDS[scale]} (number of glaciers)",
        visible=first,
        border_line_color=None,
        location="top_left",
        label_text_font_size="9pt",
        padding=2,
        spacing=0,
    )
    plot.add_layout(legend, "below")
    return dots, legend


def _switch(drawn: dict[str, list[Any]], legends: dict[str, Any]) -> Any:
    group = RadioButtonGroup(labels=[_WORDS[s] for s in drawn], active=0, width=_WIDTH)
    layers = [[*drawn[s], legends[s]] for s in drawn]
    code = (
        "first.forEach(m => { m.visible = cb_obj.active === 0; });"
        "second.forEach(m => { m.visible = cb_obj.active === 1; });"
    )
    group.js_on_change(
        "active", CustomJS(args={"first": layers[0], "second": layers[1]}, code=code)
    )
    return group


def _add_scale_bar(plot: Any) -> None:
    plot.add_layout(
        ScaleBar(
            range=plot.x_range,
            unit="m",
            dimensional=Metric(base_unit="m"),
            orientation="horizontal",
            location="center",
            label="@{value} @{unit}",
            bar_length=0.22,
            background_fill_color=None,
            border_line_color=None,
            padding=2,
            margin=2,
        ),
        "below",
    )
