"""Whether and where segments cross or meet."""

from __future__ import annotations

from termini.series.kernels import Array, inner


@inner
def cut(
    ax: float, ay: float, bx: float, by: float, cx: float, cy: float, dx: float, dy: float
) -> tuple[float, float]:
    """Where the segments ab and cd cross, as shares of each; -1, -1 if they do not.

    A point on the other segment belongs to the side that is not positive, so that
    a line through a vertex of another crosses it once or not at all.
    """
    one = (dx - cx) * (ay - cy) - (dy - cy) * (ax - cx)
    two = (dx - cx) * (by - cy) - (dy - cy) * (bx - cx)
    if (one > 0) == (two > 0):
        return -1.0, -1.0
    three = (bx - ax) * (cy - ay) - (by - ay) * (cx - ax)
    four = (bx - ax) * (dy - ay) - (by - ay) * (dx - ax)
    if (three > 0) == (four > 0):
        return -1.0, -1.0
    return one / (one - two), three / (three - four)


@inner
def apart(one: Array, two: Array) -> bool:
    """Whether two boxes (x, y, x, y) have no point in common."""
    return bool(one[2] < two[0] or two[2] < one[0] or one[3] < two[1] or two[3] < one[1])


@inner
def folds(path: Array, i: int) -> bool:
    """Whether edge i + 1 runs straight back over edge i."""
    ax, ay = path[i + 1, 0] - path[i, 0], path[i + 1, 1] - path[i, 1]
    bx, by = path[i + 2, 0] - path[i + 1, 0], path[i + 2, 1] - path[i + 1, 1]
    return bool(ax * by == ay * bx and ax * bx + ay * by < 0)


@inner
def meet(a: Array, b: Array, c: Array, d: Array) -> bool:
    """Whether two segments have a point in common, their ends included."""
    if max(a[0], b[0]) < min(c[0], d[0]) or max(c[0], d[0]) < min(a[0], b[0]):
        return False
    if max(a[1], b[1]) < min(c[1], d[1]) or max(c[1], d[1]) < min(a[1], b[1]):
        return False
    one = (d[0] - c[0]) * (a[1] - c[1]) - (d[1] - c[1]) * (a[0] - c[0])
    two = (d[0] - c[0]) * (b[1] - c[1]) - (d[1] - c[1]) * (b[0] - c[0])
    if (one > 0 and two > 0) or (one < 0 and two < 0):
        return False
    three = (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])
    four = (b[0] - a[0]) * (d[1] - a[1]) - (b[1] - a[1]) * (d[0] - a[0])
    return not ((three > 0 and four > 0) or (three < 0 and four < 0))
