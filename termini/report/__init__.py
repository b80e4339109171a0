"""Figures and the HTML report."""

from termini.report.html import html_report

__all__ = ["html_report"]
