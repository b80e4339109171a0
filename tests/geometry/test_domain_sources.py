from pathlib import Path

import pytest
import shapely
from made_up_glaciers import fronts_at

from termini.errors import InputError
from termini.fronts import read_source
from termini.geometry import domain_problems, domains_for_source

FOLDERS = {
    "nw_greenland": 87,
    "jakobshavn": 1,
    "harald_moltke": 1,
    "daugaard_jensen": 1,
    "svalbard": 19,
}


def test_an_unknown_source_is_an_error(tmp_path):
    with pytest.raises(InputError, match="nowhere"):
        domains_for_source("nowhere", tmp_path, fronts_at([1000]))


def test_missing_boxes_are_an_error_that_names_the_folder(tmp_path: Path):
    with pytest.raises(InputError, match=tmp_path.name):
        domains_for_source("jakobshavn", tmp_path, fronts_at([1000]))


@pytest.mark.data
@pytest.mark.parametrize("name", FOLDERS)
def test_domains_of_the_published_datasets(name, data_root):
    folder = data_root / {"daugaard_jensen": "central_east"}.get(name, name)
    fronts = read_source(name, folder)
    domains = domains_for_source(name, folder, fronts)
    assert len(domains) == FOLDERS[name]
    for glacier_id, domain in domains.items():
        traces = fronts[fronts["glacier_id"] == glacier_id].geometry
        assert domain.fjord.is_valid
        assert domain.fjord.exterior.is_ccw
        assert shapely.intersects(traces.to_numpy(), domain.fjord).all()
        assert shapely.intersects(traces.to_numpy(), domain.gate).mean() < 0.01
        assert domain_problems(domain) == []
        assert 500 < domain.reference_width < 30_000
