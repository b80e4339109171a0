"""Settings of the observations, each with its reason."""

from __future__ import annotations

from dataclasses import dataclass

from termini.errors import InputError

#: Measures that `observe` takes if it is not told which.
DEFAULT_MEASURES = ("area", "length_area", "centreline", "curvilinear_box")
#: Measures that `observe` knows.
MEASURES = (*DEFAULT_MEASURES, "box", "variable_box", "flowlines")


@dataclass(frozen=True)
class ObservationSettings:
    """What is a usable front, and what its error is made of.

    Parameters
    ----------
    coverage_limit : float
        A front that covers less than this share of the fjord's width gives no
        value.
    open_end_share : float
        An end farther from its wall than this share of the reference width is
        flagged ``open_end``.
    box_share : float
        Width of the curvilinear and the straight box as a share of the reference
        width. The middle half keeps clear of walls, where hand-drawn ends scatter.
    flowlines : int
        Number of flowlines across the fjord where the domain has none. With 51 the
        median moves by no more than a hundredth of the front's relief from one line
        to the next.
    fewest_flowlines : int
        With fewer of them crossed there is no value on flowlines.
    correlation_length : float
        Distance along the front over which the drawing error is the same, metres.
        Vertices of hand-drawn fronts lie 50-100 m apart and follow one feature
        over several of them.
    machine_correlation_length : float
        The same for fronts that a network found, which leaves the true front over
        whole stretches at a time. So long that the stated errors hold on simulated
        scenes (``benchmarks/calibration.py``; chosen on the run of seed 7).
    analyst_sigma : float
        What analysts differ by in what they take to be the front, metres, one standard
        deviation of the mean over the whole width of one of them. It counts in changes
        from one's trace to another's. From traces of different analysts one to three
        days apart (``benchmarks/calibration.py``).
    analyst_sigma_middle : float
        The same for ``curvilinear_box``, ``box`` and ``centreline``: analysts differ
        most near the walls.
    default_sigma : float
        Drawing error of a trace whose source and sensor state none, metres (two
        pixels of Landsat 5).
    default_geolocation : float
        Geolocation error where the sensor is unknown or older than 1984, metres.
    full_coverage : float
        Fronts that cover at least this share serve to learn a glacier's shapes.
    fewest_shapes : int
        With fewer of them the error of missing parts comes from a table.
    most_shapes : int
        Of more complete fronts so many serve, evenly spread in time; more do not
        change what is learnt.
    gate_only : bool
        Of a fjord that a front divides into several pieces, as one does that leaves
        through a wall and comes back, only the piece that touches the upstream gate
        counts in ``area`` and ``length_area``. By default so do pieces that lie
        up-glacier of the front, between it and a wall.
    fill_missing : bool
        Fill what was not seen of a front from the glacier's own shapes
        (`termini.series.filling`), for ``area`` and ``length_area``. Without, ends
        are extended at constant position.
    learn_from_near_days : bool
        Add to the drawing errors of an analyst on a sensor what traces of a glacier at
        most three days apart show beyond those stated (`termini.series.near_days`).
    """

    coverage_limit: float = 0.5
    open_end_share: float = 0.03
    box_share: float = 0.5
    flowlines: int = 51
    fewest_flowlines: int = 5
    correlation_length: float = 500.0
    machine_correlation_length: float = 1300.0
    analyst_sigma: float = 45.0
    analyst_sigma_middle: float = 20.0
    default_sigma: float = 60.0
    default_geolocation: float = 30.0
    full_coverage: float = 0.95
    fewest_shapes: int = 5
    most_shapes: int = 200
    gate_only: bool = False
    fill_missing: bool = True
    learn_from_near_days: bool = True

    def __post_init__(self) -> None:
        for name in ("coverage_limit", "open_end_share", "box_share", "full_coverage"):
            if not 0 <= (share := getattr(self, name)) <= 1:
                raise InputError(f"{name} is {share}; it is a share, from 0 to 1")
        for name in ("flowlines", "correlation_length", "machine_correlation_length"):
            if not (value := getattr(self, name)) > 0:
                raise InputError(f"{name} is {value}; it must be more than 0")

    @property
    def slope_reach(self) -> float:
        """Distance along the front over which its slope against the flow is taken, metres.

        An eighth of the correlation length: a front crosses a line along the flow at its
        slope there, and over longer distances (half a correlation length) bends average
        out that make the crossing move farther, by 1.5 to 3.5 % of the error on
        simulated fronts (``benchmarks/calibration.py``, seeds 400 to 402).
        """
        return self.correlation_length / 8

    def analyst_sigma_of(self, measure: str) -> float:
        """What analysts differ by in a measure.

        Parameters
        ----------
        measure : str
            The measure.

        Returns
        -------
        float
            One standard deviation of one of them, metres.
        """
        middle = measure in ("curvilinear_box", "box", "centreline")
        return self.analyst_sigma_middle if middle else self.analyst_sigma

    def correlation_of(self, method: str) -> float:
        """Correlation length of the drawing error of a trace.

        Parameters
        ----------
        method : str
            How the front was found, as in the front table.

        Returns
        -------
        float
            Metres.
        """
        return self.correlation_length if method == "manual" else self.machine_correlation_length
