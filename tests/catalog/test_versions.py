import pytest
from hypothesis import given
from hypothesis import strategies as st

from termini.catalog.versions import release_path, version_before, version_key, versions
from termini.errors import ReleaseError


def test_order_is_that_of_semver():
    # The example of semver.org, rule 11.4.4, and a two-digit number.
    order = "1.0.0-alpha 1.0.0-alpha.1 1.0.0-alpha.beta 1.0.0-beta 1.0.0-beta.2 1.0.0-beta.11"
    order += " 1.0.0-rc.1 1.0.0 1.2.0 1.10.0"
    names = order.split()
    backwards = names[::-1]
    assert sorted(backwards, key=version_key) == names


@given(st.tuples(*[st.integers(0, 99)] * 3), st.tuples(*[st.integers(0, 99)] * 3))
def test_order_of_plain_versions_is_that_of_their_numbers(a, b):
    first, second = (".".join(map(str, v)) for v in (a, b))
    assert (version_key(first) < version_key(second)) == (a < b)


@pytest.mark.parametrize(
    "wrong", ["", "1", "1.0", "v1.0.0", "01.0.0", "1.0.0-", "../1.0.0", "1.0.0/x"]
)
def test_what_is_not_a_version(wrong):
    with pytest.raises(ReleaseError, match="write three numbers"):
        version_key(wrong)


def test_releases_of_a_folder(catalog):
    assert versions(catalog) == ["0.2.0", "0.10.0"]
    assert release_path(catalog).name == "0.10.0"
    assert release_path(catalog, "0.2.0").name == "0.2.0"
    assert version_before(catalog, "0.3.0") == "0.2.0"
    assert version_before(catalog, "0.2.0") is None
    with pytest.raises(ReleaseError, match=r"holds 0\.2\.0, 0\.10\.0"):
        release_path(catalog, "0.3.0")


def test_half_releases_do_not_count(catalog):
    (catalog / "releases" / "0.11.0").mkdir()
    (catalog / "releases" / "0.12.0").write_text("a file")
    assert versions(catalog) == ["0.2.0", "0.10.0"]


def test_no_release(tmp_path):
    with pytest.raises(ReleaseError, match="termini release"):
        release_path(tmp_path)
