"""Dates in many formats: read where they mean one thing only, else named and explained."""

import datetime

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from termini.errors import InputError
from termini.fronts.readers.traces import read_dates as read_source_dates
from termini.times import decimal_year, read_dates, to_date, to_dates

days = st.dates(datetime.date(1900, 1, 1), datetime.date(2100, 12, 31))


@pytest.mark.parametrize(
    "form",
    [
        "%Y-%m-%d", "%Y/%m/%d", "%Y.%m.%d", "%Y%m%d", "%Y-%j", "%Y%j", "%d.%m.%Y", "%d %b %Y",
        "%B %d, %Y", "%Y-%m-%dT00:00:00Z", "%Y-%m-%d 00:00", "%Y%m%dT000000",
    ],
)  # fmt: skip
@given(days)
def test_formats_that_mean_one_day(form, day):
    assert to_dates([day.strftime(form)])[0] == pd.Timestamp(day)


@given(st.lists(days, min_size=1, max_size=5), st.sampled_from("/-"), st.booleans())
def test_a_column_tells_whether_day_or_month_comes_first_or_is_refused(dates, mark, day_first):
    form = f"%d{mark}%m{mark}%Y" if day_first else f"%m{mark}%d{mark}%Y"
    told = any(day.day > 12 for day in dates) or all(day.day == day.month for day in dates)
    texts = [day.strftime(form) for day in dates]
    if told:
        assert to_dates(texts).tolist() == [pd.Timestamp(day) for day in dates]
    else:
        with pytest.raises(InputError, match="day or the month comes first; write dates like"):
            to_dates(texts)


def test_three_formats_in_one_column():
    found = to_dates(["2015-01-02", "25/12/2015", "03/02/2016", "20150102", 2015.5, 20160303])
    assert found.strftime("%Y-%m-%d").tolist() == [
        "2015-01-02", "2015-12-25", "2016-02-03", "2015-01-02", "2015-07-02", "2016-03-03",
    ]  # fmt: skip


@given(st.lists(days, min_size=2, max_size=4))
def test_decimal_years_are_read_back(dates):
    stamps = pd.DatetimeIndex([pd.Timestamp(day) + pd.Timedelta(hours=6) for day in dates])
    years = decimal_year(stamps)
    for values in (years, [f"{year:.9f}" for year in years]):
        away = np.abs(to_dates(values) - stamps)
        assert away.max() <= pd.Timedelta(minutes=1)


@pytest.mark.parametrize(
    ("values", "words"),
    [
        (["01/02/2015", "13/02/2015", "02/13/2015"], "day first.*and also the month first"),
        (["2015-01-01", "03/02/2016"], "row 1: '03/02/2016'.*day or the month"),
        (["03/02/16"], "does not say which number is the year"),
        (["2015-13-02"], "is not a date"),
        (["2015-02-30"], "is not a date"),
        (["2015.10"], "decimal year or a year and its month"),
        ([42005], "number 42005 is neither"),
        ([1.42e18], "neither a date like 20160302 nor a decimal year"),
        ([20151302], "number 20151302 is neither"),
        (["now"], "'now' is not a date"),
        (["2015"], "a year without a day.*date_sigma_days"),
        (["2015-07"], "a month without a day.*date_sigma_days"),
        ([True], "is not a date"),
        (["1789.500"], "out of range"),
    ],
)
def test_what_cannot_be_read_says_why_and_what_to_write(values, words):
    with pytest.raises(InputError, match=words) as told:
        to_dates(values, "column day")
    assert str(told.value).startswith("column day: row ")
    assert "write" in str(told.value)


def test_dates_of_any_library_and_nothing():
    values = [datetime.date(2015, 1, 2), np.datetime64("2015-01-02"), None, "", pd.NaT,
              pd.Timestamp("2015-01-02T03:00", tz="Etc/GMT-3")]  # fmt: skip
    found, sigma, reasons = read_dates(values)
    assert found.strftime("%Y-%m-%d").tolist() == ["2015-01-02"] * 2 + [np.nan] * 3 + ["2015-01-02"]
    assert not sigma.any()
    assert not any(reasons)
    assert len(to_dates([])) == 0


def test_a_year_or_month_as_the_limit_of_a_span_is_its_first_day():
    assert to_date("2015") == pd.Timestamp("2015-01-01")
    assert to_date("2015-07") == pd.Timestamp("2015-07-01")
    with pytest.raises(InputError, match=r"--start: '03/02/2016'"):
        to_date("03/02/2016", "--start")


def test_a_published_column_that_cannot_be_told_keeps_its_rows_with_the_reason():
    dates, _, reasons = read_source_dates(["03/02/2016", "2016-02-03", "1650-01-01"])
    assert dates.isna().tolist() == [True, False, True]
    assert "day or the month" in reasons[0]
    assert "not a date" in reasons[2]
