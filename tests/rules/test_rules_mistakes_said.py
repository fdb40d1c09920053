from __future__ import annotations

import pytest

from portal.rulebooks.files import read_document
from portal.rulebooks.reading.mistakes import WrongFile
from portal.rulebooks.trying.read_cases import read_cases

HOURLY = '[fee]\ntariff = { kind = "hourly", bands = '
TICKET = '[[fee.coupons]]\ncode = "t"\nlabel = "券"\nyen = 1\n'
CAP = '[[caps]]\nmetric = "days"\n'
VARIANT = '[[variants]]\nname = "x"\nwhen = { weekdays = ["sat"] }\n'
MONTHLY = '[booking_window]\nopens = { kind = "monthly", at = "09:00", day = '


def said(written: str) -> list[tuple[str, str]]:
    with pytest.raises(WrongFile) as caught:
        read_document(written.encode())
    return [(one.where, one.words) for one in caught.value.problems]


@pytest.mark.parametrize(
    ("written", "where", "words"),
    [
        ('[caps]\nmetric = "days"\n', "caps", "[[ ]] とかっこを2つずつ"),
        ('[fee]\ntariff = { kind = "day", bands = { yen = 1 } }\n', "fee.tariff.bands", "[{ … }]"),
        ('[age]\nmin = { unit = "months", value = 6\n', "", "{ が } で閉じていません"),
        ("[siblings]\nsame_group = はい\n", "", "true か false です"),
        ("[siblings]\nsame_group = yes\n", "", "true か false です"),
        (HOURLY + "[{ half_day_yen = 5 }] }\n", "fee.tariff.bands[1].half_day_yen", '"half_day"'),
        ('[age]\nmin = { unit = "month", value = 6 }\n', "age.min.unit", "「months」のことでは"),
        ("[units]\nmin_minutes = 60\nmax_minutes = 8\n", "units.min_minutes", "8時間なら 480"),
        (
            HOURLY + "[{ yen = 5 }, { below_age = 1, yen = 3 }] }\n",
            "fee.tariff.bands[1]",
            "最後にしてください",
        ),
        (HOURLY + "[{ below_age = 1, yen = 3 }] }\n", "fee.tariff.bands[1]", "最後にしてください"),
        (
            HOURLY + "[{ below_age = 3, yen = 3 }, { below_age = 2, yen = 3 }, { yen = 1 }] }\n",
            "fee.tariff.bands[2]",
            "小さい年齢から順に",
        ),
        (
            '[fee]\ntariff = { kind = "day", bands = [{ yen = 1 }] }\n' + TICKET + TICKET,
            "fee.coupons[2]",
            "2つあります",
        ),
        (CAP + 'amount = "3日"\nperiod = "month"\n', "caps[1].amount", "書いてください（3）"),
        ("[hours]\nclosed_each_year = [{ from = '02-30', until = '03-01' }]",
         "hours.closed_each_year[1].from", "暦にありません"),
        ("[hours]\nweekly = [{ weekdays = ['月'], starts = '09:00', ends = '12:00' }]",
         "hours.weekly[1].weekdays[1]", "「mon」のことでは"),
        ("[age]\nmin = 6\n", "age.min", 'min = { unit = "months", value = 6'),
        ("[booking_window]\nopens = { day = 15 }\n", "booking_window.opens.kind", "monthly、"),
        ('[purposes]\ntypes = [{ code = "respite", proof = { validity = "months" } }]',
         "purposes.types[1].proof", "months（何か月か）も書いて"),
        ("[units]\nlengths = [120 240]\n", "", "「,」が抜けて"),
        (VARIANT + "capz = []\n", "variants[1].capz", "「caps」のことでは"),
        (VARIANT + 'leaves_out = ["cap"]\n', "variants[1].leaves_out", "「caps」のことでは"),
        (
            '[allocation]\nmethod = "lottery"\ndraw = { days_after_collection = 1 }\n'
            + VARIANT + "allocation = { method = 'first_come' }",
            "variants[1].allocation", 'leaves_out = ["allocation.draw"]',
        ),
        (
            "[booking_window]\nphases = [{ name = 'a' }]\n"
            + VARIANT + "booking_window = { closes = { days = 1 } }",
            "variants[1].booking_window", 'leaves_out = ["booking_window.phases"]',
        ),
    ],
)  # fmt: skip
def test_a_mistake_that_a_director_makes_names_its_remedy(
    written: str, where: str, words: str
) -> None:
    found = said(written)
    assert [text for place, text in found if place == where and words in text], found


def test_a_number_or_the_last_one_is_said_in_one_line() -> None:
    assert said(MONTHLY + "31 }\n") == [
        ("booking_window.opens.day", '28以下の数にしてください。最後なら "last" と書きます。')
    ]


def test_a_day_that_no_calendar_has_is_told_from_a_wrong_form() -> None:
    born = "[age]\nborn_from = "
    assert said(born + '"2027-02-30"\n') == [("age.born_from", "その日は、暦にありません。")]
    assert "の形で" in said(born + '"2027/02/30"\n')[0][1]
    assert said(born + "2027-02-30\n")[0][1].startswith("その日は暦にないか")


def test_a_misspelt_reason_is_answered_with_the_one_that_was_meant() -> None:
    near = "「cap_reached」のことではありませんか。"
    assert said('[exceptions]\nnever = ["cap_reachd"]\n') == [("exceptions.never[1]", near)]
    written = '[[cases]]\n[cases.expect]\nreasons = ["cap_rached"]\n'
    with pytest.raises(WrongFile) as caught:
        read_cases(written.encode())
    assert near in [one.words for one in caught.value.problems]


def test_a_share_of_one_is_told_to_be_percent() -> None:
    written = (
        '[cancel]\nfree_until = { days = 1 }\nlate_fee = { kind = "percent", percent = 0.5 }\n'
    )
    assert any("50%なら 50" in words for _where, words in said(written))


def test_names_in_a_table_of_one_line_are_no_values() -> None:
    assert "かこんでください" not in said("[age]\nmin = { value = 6, unit = 7, }\n")[0][1]
