"""What comes of spoilt scenes: a front like that of the sound scene, a flag, or a reason.

One simulated Sentinel-2 scene at 10 m is spoilt in many ways, and `termini extract` is given
all copies together; those of servers that break off by themselves, again where it fails. Of
each is told what became of it: the distance of its front from that of the sound scene, the
flags it carries, or the reason why there is none. A front is wrong that lies farther than
four working pixels from the sound one; counted are those that no flag keeps out of series.

    python benchmarks/spoilt_scenes.py [--json PATH]
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import rasterio
import shapely
from affine import Affine
from numpy.typing import NDArray
from rasterio.windows import Window
from region_fronts import distance, filled
from scipy import ndimage

from termini.domain import GlacierDomain, write_domains
from termini.files import write_text
from termini.fronts.failure import WRONG_PX
from termini.fronttable import read_fronts
from termini.segment import NETWORK_PIXEL
from termini.sensors import get_sensor
from termini.simulate import render_scene, simulate_region, write_rendered
from termini.variables import flag_names

SEED, DATE, SENSOR = 141, "2019-07-20", "Sentinel-2"
#: Side of the largest copy, pixels, and of its tiles.
SIDE, TILE = 50_000, 512
#: Bytes of a reply after which the server that breaks off hangs up.
SENT = 20_000
#: Times that the command is given again where a server breaks off.
RUNS = 4

Image = NDArray[Any]


def sound_scene(folder: Path) -> tuple[Path, GlacierDomain, NDArray[np.bool_], NDArray[np.bool_]]:
    """The scene all others are copies of, its glacier, and where ice and water are."""
    glacier = simulate_region(SEED, 3, start="2019-01-01", end="2019-12-31").glaciers[0]
    date = pd.Timestamp(DATE)
    scene = render_scene(
        glacier.domain, glacier.front(date), date, get_sensor(SENSOR), seed=SEED, pixel=10.0
    )
    return write_rendered(scene, folder), glacier.domain, scene.truth == 1, scene.truth == 2


def soft_cloud(shape: tuple[int, ...], rng: np.random.Generator) -> Image:
    """Cloud with soft structure and no sharp edge anywhere."""
    field = ndimage.gaussian_filter(rng.normal(size=shape), 40.0)
    return np.asarray(9000 + 1500 * field / field.std())


def pictures(image: Image, ice: NDArray[np.bool_], sea: NDArray[np.bool_]) -> dict[str, Image]:
    """Copies that differ in their pixels alone."""
    rng = np.random.default_rng(SEED)
    values = image.astype(np.float32)
    gaps, holes = np.where(image == 0, np.nan, values), values.copy()
    holes[rng.random(image.shape) < 0.001] = np.inf
    left = values.copy()
    left[:, : image.shape[1] * 2 // 3] = np.nan
    patches = {"ice alone": filled(image, ice), "water alone": filled(image, sea)}
    return {
        "one value": np.full_like(image, 5000),
        "NaN alone": np.full_like(values, np.nan),
        "two thirds NaN": left,
        "cloud without a feature but noise": rng.normal(9000, 200, image.shape).astype(image.dtype),
        "soft cloud": soft_cloud(image.shape, rng).astype(image.dtype),
        **{name: patch for name, patch in patches.items() if patch is not None},
        "floats with NaN for nothing": gaps,
        "infinite pixels": holes,
        "complex": values.astype(np.complex64),
        "32-bit integers": image.astype(np.int32),
        "three bands": np.stack([image, image, image]),
    }


def write_picture(path: Path, values: Image, profile: dict[str, Any], tags: dict[str, str]) -> Path:
    """A copy with other pixels, a corner elsewhere, or more bands."""
    bands = values if values.ndim == 3 else values[np.newaxis]
    given = profile | {"dtype": bands.dtype.name, "count": len(bands)}
    if not np.issubdtype(bands.dtype, np.integer):
        given["nodata"] = None
    with rasterio.open(path, "w", **given) as target:
        target.write(bands)
        target.update_tags(**tags)
    return path


def write_large(path: Path, image: Image, profile: dict[str, Any], tags: dict[str, str]) -> Path:
    """The scene in the middle of a picture of 50,000 pixels a side."""
    rows, columns = image.shape
    corner = [(SIDE - n) // 2 // TILE * TILE for n in (rows, columns)]
    transform = profile["transform"] @ Affine.translation(-corner[1], -corner[0])
    given = profile | {
        "height": SIDE, "width": SIDE, "transform": transform, "tiled": True, "blockxsize": TILE,
        "blockysize": TILE, "compress": "deflate", "sparse_ok": True, "bigtiff": "yes",
    }  # fmt: skip
    with rasterio.open(path, "w", **given) as target:
        target.write(image, 1, window=Window(corner[1], corner[0], columns, rows))
        target.update_tags(**tags)
    return path


def write_torn(path: Path, image: Image, profile: dict[str, Any], tags: dict[str, str],
               front: shapely.LineString) -> Path:  # fmt: skip
    """The scene with one tile at the front that unpacks to wrong numbers."""
    given = profile | {
        "tiled": True,
        "blockxsize": 128,
        "blockysize": 128,
        "compress": "deflate",
        "predictor": 1,
    }
    write_picture(path, image, given, tags)
    middle = front.interpolate(0.3, normalized=True)
    column, row = ~profile["transform"] @ (middle.x, middle.y)
    with rasterio.open(path) as source:
        first, size = (
            int(source.get_tag_item(f"BLOCK_{what}_{int(column) // 128}_{int(row) // 128}",
                                    "TIFF", bidx=1))
            for what in ("OFFSET", "SIZE")
        )  # fmt: skip
    data = bytearray(path.read_bytes())
    data[first + size // 4 : first + size] = b"\xff" * (size - size // 4)
    path.write_bytes(data)
    return path


@contextmanager
def breaking_server(files: dict[str, tuple[bytes, int]]) -> Iterator[str]:
    """Address of a server; each file comes with how many replies break off."""
    left = {name: breaks for name, (_, breaks) in files.items()}

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            """Say nothing."""

        def do_HEAD(self) -> None:
            self.reply(body=False)

        def do_GET(self) -> None:
            self.reply(body=True)

        def reply(self, body: bool) -> None:
            name = self.path.strip("/")
            if name not in files:
                self.send_error(404)
                return
            data, wanted = files[name][0], self.headers.get("Range", "")
            first, last = 0, len(data) - 1
            if wanted:
                low, _, high = wanted.removeprefix("bytes=").partition("-")
                first, last = int(low), min(int(high or last), last)
            part = data[first : last + 1]
            self.send_response(206 if wanted else 200)
            self.send_header("Content-Length", str(len(part)))
            self.send_header("Accept-Ranges", "bytes")
            if wanted:
                self.send_header("Content-Range", f"bytes {first}-{last}/{len(data)}")
            self.end_headers()
            if not body:
                return
            if left[name] > 0 and len(part) > SENT:
                left[name] -= 1
                self.wfile.write(part[:SENT])
                self.close_connection = True
                return
            self.wfile.write(part)

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


def spoilt_copies(
    folder: Path, sound: Path, ice: NDArray[np.bool_], sea: NDArray[np.bool_],
    front: shapely.LineString,
) -> dict[str, Path]:  # fmt: skip
    """Name of what was done to the scene, and the file."""
    with rasterio.open(sound) as source:
        image, profile, tags = source.read(1), dict(source.profile), source.tags()
    number = iter(range(1, 100))

    def place() -> Path:
        """File whose name tells date and sensor as that of the sound scene does."""
        return folder / f"copy{next(number):02d}_{sound.name}"

    made: dict[str, Path] = {}
    elsewhere = profile | {"transform": Affine.translation(3e5, 0) @ profile["transform"]}
    made["misses the domain"] = write_picture(place(), image, elsewhere, tags)
    data = sound.read_bytes()
    text = b"This is a text.\n" * 200
    contents = {"empty": b"", "not a picture": text, "truncated": data[: len(data) // 2]}
    for what, content in contents.items():
        made[what] = place()
        made[what].write_bytes(content)
    for what, values in pictures(image, ice, sea).items():
        made[what] = write_picture(place(), values, profile, tags)
    made["50,000 x 50,000 pixels"] = write_large(place(), image, profile, tags)
    made["a tile unpacks to wrong numbers"] = write_torn(place(), image, profile, tags, front)
    return made


def outcome(
    name: str, table: gpd.GeoDataFrame, scene: str, reasons: dict[str, str],
    sound: shapely.LineString,
) -> dict[str, Any]:  # fmt: skip
    """One row of the table."""
    if scene not in table.index:
        reason = reasons.get(scene, "")
        return {"scene": name, "front": "none", "off": None, "flags": "", "reason": reason}
    row = table.loc[scene]
    line = row.geometry
    off = distance(line, sound)
    flags = " ".join(flag_names(int(row.quality)))
    return {"scene": name, "front": f"{line.length / 1000:.1f} km", "off": off,
            "flags": flags, "reason": row.note or ""}  # fmt: skip


def extract(paths: list[str], domains: Path, out: Path) -> tuple[pd.DataFrame, dict[str, str]]:
    """Fronts by scene and reasons by scene, of `termini extract` in a process of its own."""
    command = Path(sys.executable).with_name("termini")
    given = [*paths, "--domain", str(domains), "--out", str(out), "--quiet"]
    # ends with an error, after listing the reasons, where no scene gave a front
    subprocess.run([str(command), "extract", *given], capture_output=True)
    table = read_fronts(out).set_index("scene_id") if out.is_file() else gpd.GeoDataFrame()
    listed = out.with_name(f"{out.stem}.failures.csv")
    failures = pd.read_csv(listed) if listed.is_file() else pd.DataFrame({"path": [], "reason": []})
    return table, {Path(str(row.path)).stem: str(row.reason) for row in failures.itertuples()}


def outcomes(folder: Path) -> pd.DataFrame:
    """What comes of every copy."""
    sound, domain, ice, sea = sound_scene(folder)
    domains, out = folder / "domains.parquet", folder / "fronts.parquet"
    write_domains([domain], domains)
    front = extract([str(sound)], domains, folder / "sound.parquet")[0].geometry.iloc[0]
    copies = spoilt_copies(folder, sound, ice, sea, front)
    names = {path.stem: what for what, path in copies.items()}
    table, reasons = extract([str(sound), *map(str, copies.values())], domains, out)
    rows = [outcome("sound", table, sound.stem, reasons, front)]
    rows += [outcome(what, table, stem, reasons, front) for stem, what in names.items()]
    data = sound.read_bytes()
    for name, breaks, what in ((f"thrice_{sound.name}", 3, "three times"),
                               (f"never_{sound.name}", 10**6, "always")):  # fmt: skip
        runs, reasons = 0, {"": "not tried"}
        with breaking_server({name: (data, breaks)}) as address:
            while runs < RUNS and reasons:
                runs += 1
                place = folder / f"{Path(name).stem}.parquet"
                table, reasons = extract([f"{address}/{name}"], domains, place)
        scene = f"a server that breaks off {what}, run {runs}"
        rows.append(outcome(scene, table, Path(name).stem, reasons, front))
    return pd.DataFrame(rows)


def silent(table: pd.DataFrame) -> pd.DataFrame:
    """Copies whose front is wrong and not flagged as such, or of which nothing is said."""
    wrong = table["off"].fillna(0) > WRONG_PX * NETWORK_PIXEL
    lost = (table["front"] == "none") & (table["reason"] == "")
    return table[(wrong & ~table["flags"].str.contains("low_confidence")) | lost]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--json", type=Path, help="write the figures here as well")
    a = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        table = outcomes(Path(folder))
        reasons = table["reason"].str.replace(f"{folder}/", "", regex=False)
        table["reason"] = reasons.str.replace(r"^(copy\d+_|http:)\S+: ", "", regex=True)
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024**2
    with pd.option_context("display.max_colwidth", 110, "display.width", 250):
        print(table.round(1).to_string(index=False))
    print(f"{len(table) - 1} copies; wrong and not kept out, or lost without a reason: "
          f"{', '.join(silent(table)['scene']) or 'none'}; most memory {peak:.1f} GB")  # fmt: skip
    if a.json:
        content = {
            "copies": table.to_dict("records"),
            "silent": silent(table)["scene"].tolist(),
            "gb": peak,
        }
        write_text(a.json, json.dumps(content, indent=2) + "\n")


if __name__ == "__main__":
    main()
