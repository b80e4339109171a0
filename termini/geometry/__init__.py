"""Glacier domains: fjord walls, gate, centreline, from boxes and lines."""
