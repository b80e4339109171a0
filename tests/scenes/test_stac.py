"""Scenes found in a STAC API, downloaded, and read from items."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scenes_made_up import X0, picture_of, straight_domain, write_tif
from shapely.affinity import translate
from stac_made_up import Served, made_up_item, multihash, serving

from termini.domain import GlacierDomain
from termini.errors import InputError, SceneError
from termini.scenes import (
    download_item,
    fetch,
    find_scenes,
    item_asset,
    item_scene,
    item_sensor,
    read_item,
    read_multihash,
    read_scene,
)

pystac = pytest.importorskip("pystac", reason="the optional part [stac] is not installed")
DOMAIN = straight_domain()


@pytest.fixture(autouse=True)
def _no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    for place in ("find", "fetching", "raster"):
        monkeypatch.setattr(f"termini.scenes.{place}.PAUSE", 0.0)


@pytest.fixture
def served(tmp_path: Path) -> Served:
    """A band of 14 bits and its mask, whose northern sixth is cloud."""
    values, transform = picture_of(DOMAIN, 6000.0)
    band = write_tif(tmp_path / "b8.tif", values.astype(np.uint16) * 40, transform)
    codes = np.full(values.shape, 21824, np.uint16)
    codes[: len(codes) // 6] = 22280
    mask = write_tif(tmp_path / "mask.tif", codes, transform)
    return Served({"/b8.tif": band.read_bytes(), "/mask.tif": mask.read_bytes()})


def _landsat(served: Served, day: int = 2, cloud: float = 10.0, **more: Any) -> dict[str, Any]:
    data = served.files["/b8.tif"]
    assets = {
        "pan": {
            "href": f"{served.address}/b8.tif",
            "file:checksum": multihash(data),
            "file:size": len(data),
        },
        "qa_pixel": {"href": f"{served.address}/mask.tif"},
        "thumbnail": {"href": f"{served.address}/small.jpg"},
    }
    name = f"LC08_L1TP_232013_201603{day:02d}_02_T1"
    date = f"2016-03-{day:02d}T14:00:00Z"
    return made_up_item(
        name, DOMAIN, date, assets, platform="landsat-8", **{"eo:cloud_cover": cloud}, **more
    )


def _find(served: Served, **options: Any) -> Any:
    pytest.importorskip("pystac_client", reason="the optional part [stac] is not installed")
    return find_scenes(served.address, [DOMAIN], "2016-03-01", "2016-03-31", **options)


def test_every_page_is_read_and_what_is_left_out_has_a_reason(served: Served) -> None:
    with serving(served):
        served.items = [_landsat(served, day, 20.0 * (day - 1)) for day in range(1, 6)]
        away = translate(DOMAIN.fjord, xoff=12_000.0)
        half = made_up_item("S2B_half", DOMAIN, "2016-03-09T10:00:00Z", {"B08": {"href": "x"}})
        far = GlacierDomain(**{**vars(DOMAIN), "fjord": away})
        half["geometry"] = made_up_item("x", far, "2016-03-09T10:00:00Z", {})["geometry"]
        radar = made_up_item(
            "S1A_IW_GRDH", DOMAIN, "2016-03-07T10:00:00Z",
            {"vv": {"href": "a"}, "hh": {"href": "b"}},
            **{"sat:orbit_state": "descending"},
        )  # fmt: skip
        bare = made_up_item("S2A_bare", DOMAIN, "2016-03-08T10:00:00Z",
                            {"info": {"href": "x"}, "overview": {"href": "y"}})  # fmt: skip
        served.items += [radar, bare, half]
        found = _find(served)
        assert len(found.table) == len(served.items)
        assert [p for _, p, _ in served.asked].count("/search") == 4
        reasons = found.table.set_index("scene_id")["reason"]
        assert reasons["LC08_L1TP_232013_20160305_02_T1"] == "80% under cloud, 60% are allowed"
        assert "there are info, overview; name one with asset=" in reasons["S2A_bare"]
        assert "of the fjord, 35% are needed" in reasons["S2B_half"]
        assert sorted(found.items) == sorted(reasons[reasons == ""].index)
        assert len(found.items) == 5
        row = found.table.set_index("scene_id").loc["S1A_IW_GRDH"]
        assert (row["sensor"], row["orbit"]) == ("Sentinel-1", "descending")
        assert item_asset(found.items["S1A_IW_GRDH"]) == "hh"
        only = _find(served, sensors=["Sentinel-1"], orbit="ascending")
        assert only.items == {}
        assert set(only.table["reason"]) >= {
            "descending pass, not ascending",
            "taken by Landsat-8, not Sentinel-1",
        }


def test_a_search_that_breaks_off_is_asked_again(served: Served) -> None:
    with serving(served):
        served.items = [_landsat(served, day) for day in range(1, 6)]
        served.cut = [60, 100_000, 200, 100_000, 10]
        found = _find(served)
        assert not served.cut
    assert found.table["scene_id"].is_unique
    assert len(found.items) == 5


def test_what_is_no_api_or_no_period(served: Served) -> None:
    with serving(served):
        served.address += "/no"
        with pytest.raises(InputError, match=r"/no: the catalogue cannot be searched .* landing"):
            _find(served)
    with pytest.raises(InputError, match=r"ends .* before it starts"):
        find_scenes("http://127.0.0.1:9", [DOMAIN], "2016-03-02", "2016-03-01")
    with pytest.raises(InputError, match="neither ascending nor"):
        find_scenes("http://127.0.0.1:9", [DOMAIN], "2016-03-01", "2016-03-02", orbit="up")
    with pytest.raises(InputError, match="'Sentinel-9' is unknown"):
        find_scenes("x", [DOMAIN], "2016-03-01", "2016-03-02", sensors=["Sentinel-9"])


def test_an_item_becomes_a_scene(served: Served, tmp_path: Path) -> None:
    with serving(served):
        item = pystac.Item.from_dict(_landsat(served))
        scene = item_scene(item, DOMAIN)
        plain = item_scene(item, DOMAIN, masks=False)
        got = download_item(item, tmp_path / "out")
    assert (scene.scene_id, scene.sensor, scene.band) == (item.id, "Landsat-8", "PAN")
    assert scene.date == pd.Timestamp("2016-03-02 14:00")
    assert plain.valid.all()
    assert plain.cloud_cover == pytest.approx(0.1)
    assert scene.cloud_cover == pytest.approx(1 / 6, abs=0.01)
    assert not scene.valid[: len(scene.valid) // 6 - 1].any()
    assert sorted(got) == ["pan", "qa_pixel"]
    # the server is gone: what was downloaded stands on its own
    again = item_scene(read_item(tmp_path / "out" / item.id / "item.json"), DOMAIN)
    assert np.array_equal(again.values, scene.values)
    assert np.array_equal(again.valid, scene.valid)
    assert again.cloud_cover == scene.cloud_cover


def test_a_broken_download_goes_on_where_it_stopped(served: Served, tmp_path: Path) -> None:
    with serving(served):
        item = pystac.Item.from_dict(_landsat(served))
        served.cut = [100_000, 50_000]
        got = download_item(item, tmp_path, assets=["pan"])
        asked = [r for _, path, r in served.asked if path == "/b8.tif"]
        before = len(served.asked)
        download_item(item, tmp_path, assets=["pan"])
        assert len(served.asked) == before
    assert got["pan"].read_bytes() == served.files["/b8.tif"]
    starts = [int(r.removeprefix("bytes=").removesuffix("-")) for r in asked[1:]]
    assert len(starts) == 2
    assert 0 < starts[0] <= 100_000 < starts[1] + 50_000 <= 150_000 + 50_000
    assert not list(tmp_path.rglob("*.part*"))


def test_a_download_that_fails_is_kept_and_continued_the_next_time(
    served: Served, tmp_path: Path
) -> None:
    with serving(served):
        item = pystac.Item.from_dict(_landsat(served))
        served.cut = [100_000, 0]
        with pytest.raises(SceneError, match="what came is kept, run the command again to go on"):
            download_item(item, tmp_path, assets=["pan"], retries=1)
        got = download_item(item, tmp_path, assets=["pan"], retries=0)
        assert served.asked[-1][2].startswith("bytes=")
    assert got["pan"].read_bytes() == served.files["/b8.tif"]


def test_a_wrong_checksum_or_size_is_not_kept(served: Served, tmp_path: Path) -> None:
    with serving(served):
        item = pystac.Item.from_dict(_landsat(served))
        item.assets["pan"].extra_fields["file:checksum"] = "1220" + "0" * 64
        with pytest.raises(SceneError, match=r"its sha256 is \w+..., 000000000000... is stated"):
            download_item(item, tmp_path / "out", retries=1)
        assert not list((tmp_path / "out").rglob("*.tif*"))
        url = f"{served.address}/b8.tif?key=secret"
        with pytest.raises(SceneError, match="bytes came, 7 are stated") as caught:
            fetch(url, tmp_path / "x.tif", size=7, retries=0)
        assert "secret" not in str(caught.value)
        with pytest.raises(SceneError, match=r"no.tif: not given \(status 404\)"):
            fetch(f"{served.address}/no.tif", tmp_path / "x.tif", retries=0)


@pytest.mark.parametrize(
    ("text", "function"),
    [("1220" + "ab" * 32, "sha256"), ("d50110" + "ab" * 16, "md5"), ("1114" + "ab" * 20, "sha1")],
)
def test_multihashes(text: str, function: str) -> None:
    found = read_multihash(text)
    assert found.function == function
    assert text.endswith(found.digest)


@pytest.mark.parametrize("text", ["", "12", "1220ab", "zz", "ff" * 20, "1320" + "ab" * 32])
def test_what_is_no_multihash(text: str) -> None:
    with pytest.raises(SceneError, match="checksum"):
        read_multihash(text)


def test_items_that_lack_something(tmp_path: Path) -> None:
    item = pystac.Item.from_dict(made_up_item("a", DOMAIN, "2016-03-02T00:00:00Z", {}))
    assert item_sensor(item) == ""
    with pytest.raises(SceneError, match=r"none of its assets is a band .*there are none"):
        item_asset(item)
    item.add_asset("pan", pystac.Asset(href="pan.tif"))
    with pytest.raises(SceneError, match="has no asset 'red'; there are pan"):
        item_asset(item, asset="red")
    with pytest.raises(SceneError, match=r"the link to its pan \(pan.tif\) is relative"):
        item_scene(item)
    with pytest.raises(SceneError, match=r"none.json: no such file"):
        read_item(tmp_path / "none.json")
    for text in ("{", "[]", json.dumps({"type": "Feature", "id": "x"})):
        (tmp_path / "bad.json").write_text(text)
        with pytest.raises(SceneError, match=r"bad.json: is no STAC item"):
            read_item(tmp_path / "bad.json")


def test_an_items_projection_stands_in_for_a_file_that_states_none(tmp_path: Path) -> None:
    values, transform = picture_of(DOMAIN, 6000.0)
    write_tif(tmp_path / "bare.tif", values, transform, crs=None)
    given = made_up_item(
        "../../LC08_20160302", DOMAIN, "2016-03-02T00:00:00Z", {"pan": {"href": "./bare.tif"}},
        platform="landsat-8", **{"proj:epsg": 3413},
    )  # fmt: skip
    (tmp_path / "item.json").write_text(json.dumps(given))
    item = read_item(tmp_path / "item.json")
    scene = item_scene(item, DOMAIN)
    assert scene.crs == "EPSG:3413"
    assert scene.transform.c < X0 + 3000.0
    copied = download_item(item, tmp_path / "out")["pan"]
    assert copied.resolve().is_relative_to((tmp_path / "out").resolve())
    assert np.array_equal(read_scene(copied, crs="EPSG:3413", date="2016-03-02").values, values)
