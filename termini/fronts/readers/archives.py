"""Archives of fronts of many glaciers that their publishers keep in files of their own."""

from __future__ import annotations

from termini.fronts.readers.cobra import (
    cobra,
    cobra_antarctica,
    cobra_antarctica_glaciers,
    cobra_glaciers,
)
from termini.fronts.readers.esa_cci import esa_cci, esa_cci_glaciers
from termini.fronts.readers.icelines import icelines, icelines_glaciers
from termini.fronts.readers.measures_0642 import measures_0642, measures_0642_glaciers
from termini.fronts.readers.measures_0781 import measures_0781, measures_0781_glaciers
from termini.fronts.readers.promice import promice, promice_glaciers
from termini.fronts.readers.source import Source
from termini.fronts.readers.tu_dresden import (
    tu_dresden,
    tu_dresden_antarctica,
    tu_dresden_antarctica_glaciers,
    tu_dresden_glaciers,
)

LOEBEL = (
    "Loebel, E. et al. (2024): Calving front monitoring at a subseasonal resolution: a deep "
    "learning application for Greenland glaciers. The Cryosphere 18, 3315-3332, "
    "doi:10.5194/tc-18-3315-2024"
)
HEIDLER = (
    "Heidler, K. et al. (2023): A Deep Active Contour Model for Delineating Glacier Calving "
    "Fronts. IEEE Transactions on Geoscience and Remote Sensing 61"
)

ARCHIVES: list[Source] = [
    Source(
        "measures_0642",
        "MEaSUREs annual (winter) terminus positions of Greenland, NSIDC-0642",
        "Joughin, I., Moon, T., Joughin, J. and Black, T. (2021): MEaSUREs Annual Greenland "
        "Outlet Glacier Terminus Positions from SAR Mosaics, Version 2. NASA NSIDC DAAC, "
        "doi:10.5067/ESFWE11AVFKW",
        "open (NASA Earth science data policy)",
        "measures_0642",
        measures_0642,
        measures_0642_glaciers,
    ),
    Source(
        "measures_0781",
        "MEaSUREs weekly to monthly terminus positions of Greenland, NSIDC-0781",
        "Black, T. E. and Joughin, I. (2022): MEaSUREs Weekly to Monthly Greenland Outlet "
        "Glacier Terminus Positions from Sentinel-1 Mosaics, Version 1. NASA NSIDC DAAC, "
        "doi:10.5067/DGBOSSIULSTD",
        "open (NASA Earth science data policy)",
        "measures_0781",
        measures_0781,
        measures_0781_glaciers,
    ),
    Source(
        "promice",
        "PROMICE end-of-season fronts of 47 glaciers of Greenland, from 1999",
        "Andersen, J. K. et al. (2019): Update of annual calving front lines for 47 marine "
        "terminating outlet glaciers in Greenland (1999-2018). GEUS Bulletin 43, "
        "e2019430202",
        "see the publisher",
        "promice",
        promice,
        promice_glaciers,
    ),
    Source(
        "esa_cci",
        "ESA Greenland Ice Sheet CCI calving front locations of 28 glaciers",
        "Nagler, T., Hetzenecker, M. and Blumthaler, U. (2016): ESA Greenland Ice Sheet "
        "Climate Change Initiative: Greenland Calving Front Locations. Centre for "
        "Environmental Data Analysis; state the version used",
        "ESA CCI terms and conditions",
        "esa_cci",
        esa_cci,
        esa_cci_glaciers,
    ),
    Source(
        "icelines",
        "IceLines fronts of Antarctic ice shelves on Sentinel-1, from 2014 (EPSG:3031)",
        "Baumhoer, C. A. et al. (2023): IceLines - A new data set of Antarctic ice shelf front "
        "positions. Scientific Data 10, 138, doi:10.1038/s41597-023-02045-x",
        "see the publisher",
        "icelines",
        icelines,
        icelines_glaciers,
    ),
    Source(
        "tu_dresden",
        "Calving fronts of Greenland and Svalbard extracted by a network, from 2013",
        LOEBEL,
        "see the publisher; the program is MIT",
        "tu_dresden",
        tu_dresden,
        tu_dresden_glaciers,
    ),
    Source(
        "tu_dresden_antarctica",
        "Calving fronts of the Antarctic Peninsula extracted by a network (EPSG:3031)",
        "Loebel, E. et al. (2023): Calving front positions for 19 key glaciers of the "
        "Antarctic Peninsula: a sub-seasonal record from 2013 to 2023 based on a deep "
        "learning application to Landsat multispectral imagery. PANGAEA, "
        "doi:10.1594/PANGAEA.963725",
        "see the publisher",
        "tu_dresden",
        tu_dresden_antarctica,
        tu_dresden_antarctica_glaciers,
    ),
    Source(
        "cobra",
        "Fronts predicted by COBRA on three test sets, northern hemisphere",
        HEIDLER,
        "MIT",
        "model_fronts",
        cobra,
        cobra_glaciers,
    ),
    Source(
        "cobra_antarctica",
        "Fronts predicted by COBRA on three test sets, southern hemisphere (EPSG:3031)",
        HEIDLER,
        "MIT",
        "model_fronts",
        cobra_antarctica,
        cobra_antarctica_glaciers,
    ),
]
