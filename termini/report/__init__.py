"""Figures and the HTML report."""

from termini.report.domain_figure import domain_figure, domain_sheet, write_domain_figures
from termini.report.figures import (
    glacier_figure,
    new_figure,
    save_figure,
    write_glacier_figures,
)
from termini.report.html import html_report
from termini.report.region_figure import region_figure

__all__ = [
    "domain_figure",
    "domain_sheet",
    "glacier_figure",
    "html_report",
    "new_figure",
    "region_figure",
    "save_figure",
    "write_domain_figures",
    "write_glacier_figures",
]
