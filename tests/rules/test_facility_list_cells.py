"""Cells of facility lists: what each spelling means, and what stays a text with a remark."""

import pytest

from portal.facilities.lists import ages, values
from portal.facilities.lists.hours import hours
from portal.facilities.lists.parsing import read_list
from portal.facilities.rules import FacilityKind, coarse_kind
from tests.rules.facility_list_cases import PLAIN, city, national, only


@pytest.mark.parametrize(
    ("opens", "closes", "minutes", "doubts"),
    [
        ("7:30", "19:30", (450, 1170), (False, False)),
        ("７：２０", "19時20分", (440, 1160), (False, False)),
        ("7:30※1号認定は8：30", "19:30※1号認定は13：30", (450, 1170), (True, True)),
        ("0:00", "24:00", (0, 1440), (False, False)),
        ("9:00:00", "0:00", (540, 1440), (False, False)),
        ("8:00", "翌3:00", (480, 1620), (False, False)),
        ("8:00", "27:00", (480, 1620), (False, False)),
        ("8:00", "4:00", (480, 1680), (False, True)),
        ("", "18:00", (None, 1080), (False, False)),
        ("7:30 8:30", "9:60", (None, None), (True, True)),
        ("翌1:00", "翌24:00", (None, None), (True, True)),
        ("7:30～19:30", "夕方", (None, None), (True, True)),
    ],
)
def test_hours(
    opens: str, closes: str, minutes: tuple[int | None, int | None], doubts: tuple[bool, bool]
) -> None:
    read = hours(opens, closes)
    assert (read.opens.value, read.closes.value) == minutes
    assert (bool(read.opens.doubt), bool(read.closes.doubt)) == doubts


@pytest.mark.parametrize(
    ("text", "days", "months", "doubted"),
    [
        ("57日", 57, None, False),
        ("生後57日から", 57, None, False),
        ("産休あけ", 57, None, True),
        ("産休明け", 57, None, True),
        ("3か月", None, 3, False),
        ("３ヶ月", None, 3, False),
        ("0歳", None, 0, False),
        ("1歳10か月", None, 22, False),
        ("2歳半", None, 30, False),
        ("3歳児", None, 36, True),
    ],
)
def test_starting_ages(text: str, days: int | None, months: int | None, *, doubted: bool) -> None:
    read = ages.starting_age(text)
    assert read.value is not None
    assert (read.value.days, read.value.months) == (days, months)
    assert bool(read.doubt) is doubted
    assert read.value.by_class is ("児" in text)


@pytest.mark.parametrize("text", ["首がすわってから", "1", "3歳5", "応相談"])
def test_an_age_that_is_none_stays_a_text_with_a_remark(text: str) -> None:
    parsed = read_list(city(PLAIN | {"AgeS": text, "AgeE": text}), "k.csv")
    assert (parsed.rows[0].age_from_text, parsed.rows[0].age_until_text) == (text, text)
    assert (parsed.rows[0].age_from_months, parsed.rows[0].age_until_years) == (None, None)
    assert [each.column for each in parsed.remarks] == ["AgeS", "AgeE"]


@pytest.mark.parametrize(
    ("text", "years", "doubted"),
    [
        ("5歳", 5, False),
        ("2歳児", 2, False),
        ("2歳未満", 1, False),
        ("就学前", 5, False),
        ("学童", None, True),
        ("0歳未満", None, True),
        ("", None, False),
    ],
)
def test_ending_ages(text: str, years: int | None, *, doubted: bool) -> None:
    read = ages.last_age(text)
    assert (read.value, bool(read.doubt)) == (years, doubted)


@pytest.mark.parametrize(
    ("text", "months", "days", "years"),
    [
        ("0歳～5歳", 0, None, 5),
        ("6か月〜就学前", 6, None, 5),
        ("生後57日から2歳未満まで", None, 57, 1),
    ],
)
def test_both_ages_in_one_cell(
    text: str, months: int | None, days: int | None, years: int | None
) -> None:
    row = only(national({"受入年齢": text}))
    assert (row.age_from_months, row.age_from_days, row.age_until_years) == (months, days, years)


@pytest.mark.parametrize(
    ("text", "value", "doubted"),
    [
        ("60", 60, False),
        ("１２０人", 120, False),
        ("1,000", 1000, False),
        ("ー", None, False),
        ("NA", None, False),
        ("", None, False),
        ("約60", None, True),
        ("99999999999", None, True),
    ],
)
def test_capacities(text: str, value: int | None, *, doubted: bool) -> None:
    read = values.capacity(text)
    assert (read.value, bool(read.doubt)) == (value, doubted)


@pytest.mark.parametrize(
    ("text", "value", "doubted"),
    [
        *[(text, True, False) for text in ("Y", "ｙ", "有", "あり", "○")],
        *[(text, False, False) for text in ("N", "無", "なし", "×")],
        *[(text, None, False) for text in ("", "NA", "ー", " ")],
        *[(text, None, True) for text in ("1", "2", "3", "4", "要問合せ")],
    ],
)
def test_flags(text: str, value: bool | None, *, doubted: bool) -> None:  # noqa: FBT001
    read = values.flag(text)
    assert (read.value, bool(read.doubt)) == (value, doubted)


@pytest.mark.parametrize(
    ("text", "numbers", "doubted"),
    [
        ("024-944-3601", ("024-944-3601",), False),
        ("０２４−９４４−３６０１", ("024-944-3601",), False),
        ("0120-1234-56", ("0120-1234-56",), False),
        ("+81-24-944-3601", ("+81-24-944-3601",), False),
        ("024-944-3601、090-1234-5678", ("024-944-3601", "090-1234-5678"), True),
        ("024-944-3601\n024-944-3602", ("024-944-3601", "024-944-3602"), True),
        ("249443601", ("0249443601",), True),
        ("9012345678", ("09012345678",), True),
        ("944-3601", (), True),
        ("園に聞く・024-944-3601", ("024-944-3601",), True),
        ("024-944-36", (), True),
    ],
)
def test_phones(text: str, numbers: tuple[str, ...], *, doubted: bool) -> None:
    read = values.phones(text)
    assert (read.value, bool(read.doubt)) == (numbers, doubted)


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("月火水木金", (0, 1, 2, 3, 4)),
        ("月〜土", (0, 1, 2, 3, 4, 5)),
        ("月～金・日", (0, 1, 2, 3, 4, 6)),
        ("土曜日・日曜日", (5, 6)),
        ("平日", None),
        ("月火水木金祝", None),
    ],
)
def test_weekdays(text: str, days: tuple[int, ...] | None) -> None:
    read = values.weekdays(text)
    assert (read.value, bool(read.doubt)) == (days, days is None)


@pytest.mark.parametrize(
    ("text", "iso"),
    [
        ("2017-02-10", "2017-02-10"),
        ("2017/2/10", "2017-02-10"),
        ("平成29年2月10日", "2017-02-10"),
        ("令和元年5月1日", "2019-05-01"),
        ("Ｈ29.2.10", "2017-02-10"),
        ("2/1現在", "None"),
        ("27年4月新設", "None"),
        ("2017-02-30", "None"),
    ],
)
def test_dates(text: str, iso: str) -> None:
    read = values.day(text)
    assert (str(read.value), bool(read.doubt)) == (iso, iso == "None")


@pytest.mark.parametrize(
    ("north", "east", "said"),
    [("140.39", "37.39", "逆"), ("37.39", "", "両方"), ("0", "0", "外"), ("nan", "inf", "両方")],
)
def test_a_place_that_cannot_be_is_left_out_with_a_remark(north: str, east: str, said: str) -> None:
    parsed = read_list(city(PLAIN | {"Y": north, "X": east}), "k.csv")
    assert (parsed.rows[0].latitude, parsed.rows[0].longitude) == (None, None)
    assert said in parsed.remarks[0].reason_ja


def test_an_address_that_could_run_as_a_program_is_no_link() -> None:
    assert values.web_address("javascript:alert(1)").value is None
    assert values.web_address("javascript:alert(1)").doubt
    assert values.web_address("https://example.com/園").value == "https://example.com/園"


def test_kinds() -> None:
    kinds = [
        coarse_kind(text) for text in ("幼稚園型認定こども園", "認可外保育所", "認定保育所", "")
    ]
    assert kinds == [
        FacilityKind.CERTIFIED_CENTER,
        FacilityKind.UNLICENSED,
        FacilityKind.NURSERY,
        None,
    ]
