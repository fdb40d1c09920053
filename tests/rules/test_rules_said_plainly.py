"""Rules in words where a parent could read them wrongly: what holds, until when, and for whom."""

from __future__ import annotations

import pytest

from portal.rulebooks.explain import explained
from portal.rulebooks.fact import Fact
from portal.rulebooks.files import read_document

DAY = 'tariff = { kind = "day", bands = [{ yen = 500 }] }\n'
TWO_PRICES = (
    f"[fee]\n{DAY}"
    '[[variants]]\nname = "新しい料金"\nwhen = { days = [{ from = "2026-10-16" }] }\n'
    'fee.tariff = { kind = "day", bands = [{ yen = 600 }] }\n'
)
CLOSED = (
    '[[variants]]\nname = "土曜"\nwhen = { weekdays = ["sat"] }\nunits = { max_minutes = 240 }\n'
)
BY_MONTHS = "bands = [{ below_months = 18, yen = 2000 }, { yen = 1000 }]"


def told(written: str) -> list[Fact]:
    return explained(read_document(written.encode()))


def whole(written: str) -> str:
    return "\n".join(f"{fact.term}：{fact.text}" for fact in told(written))


def cap(more: str) -> str:
    return f'[[caps]]\nmetric = "days"\namount = 3\n{more}\n'


def sibling(more: str) -> str:
    return f"[fee]\n{DAY}siblings = {{ {more} }}\n"


def extra(when: str) -> str:
    return (
        f"[fee]\n{DAY}surcharges = "
        f'[{{ kind = "extra", label = "加算", yen = 100, when = {{ {when} }} }}]\n'
    )


def paper(more: str) -> str:
    proof = f'{{ kinds = ["work_certificate"]{more} }}'
    return f'[purposes]\ntypes = [{{ code = "respite", proof = {proof} }}]\n'


@pytest.mark.proves("R6")
@pytest.mark.parametrize(
    ("written", "said"),
    [
        (paper(""), "を出します。書類に期限があれば、その日まで使えます。"),
        (
            '[registration]\nrenewal = { days_before = 20, new_from = "03-25" }\n',
            "期限の20日前から、続ける手続きができます",
        ),
        (cap('period = "month"\nscope = "municipality"'), "ご家庭の申し出だけの分も数えます。"),
        (cap('period = "month"'), "次へ持ち越せません。"),
        (sibling(""), "いっしょに預けるお子さんのなかで、何人目かを数えます。"),
        (sibling(""), "いちばん大きいお子さんを1人目と数えます。"),
        (sibling("third_percent = 50"), "きょうだい：2人目からは利用料 50% 引きです。"),
        (
            '[residence]\ncities = ["A市"]\ndiscretion = true\n',
            "ほかの地域に住む方も、認められれば使えます。園に聞いてください。",
        ),
        (
            '[age]\nmax = { unit = "years", value = 2, inclusive = true }\n',
            "2歳まで（3歳になる前の日まで）",
        ),
        ('[age]\nmin = { unit = "months", value = 6 }\n', "対象：生後6か月から"),
        (f'[fee]\ntariff = {{ kind = "day", {BY_MONTHS} }}\n', "料金：0〜1歳児クラス：1日 2,000円"),
        (
            f'[fee]\nage_basis = "on_the_day"\ntariff = {{ kind = "day", {BY_MONTHS} }}\n',
            "料金：1歳6か月になる前まで：1日 2,000円",
        ),
        (extra("class_ages = [0, 1, 2]"), "0〜2歳児クラスのときだけです。"),
        (extra("class_ages = [0, 2]"), "0・2歳児クラスのときだけです。"),
        (extra("length = { below_minutes = 241 }"), "4時間までの利用のときだけです。"),
        (extra("length = { from_minutes = 241 }"), "4時間をこえる長さの利用のときだけです。"),
        (extra("length = { below_minutes = 240 }"), "4時間未満の利用のときだけです。"),
        (extra('weekdays = ["sat", "mon"]'), "月・土曜日の利用のときだけです。"),
        (
            (
                '[purposes]\ntypes = [{ code = "respite" }]\n'
                'reasons = [{ code = "a", label = "面接まで", type = "respite" }]\n'
            ),
            "理由は、「面接まで」です。",
        ),
        ('[purposes]\ntypes = [{ code = "respite" }]\n', "この理由で使えます。"),
        (
            (
                '[cancel]\nfree_until = { days = 0, at = "24:00" }\n'
                'late_fee = { kind = "percent", percent = 50 }\n'
            ),
            "予約の始まりまで無料です。",
        ),
        (
            '[allocation]\nmethod = "lottery"\npriorities = ["fewest_uses"]\n',
            "先に決めるのは、これ",
        ),
    ],
)
def test_what_holds_is_said(written: str, said: str) -> None:
    assert said in whole(written)


@pytest.mark.proves("R6")
@pytest.mark.parametrize(
    ("written", "unsaid"),
    [
        (paper(', demand = "may_be_asked"'), "期限があれば"),
        (
            '[registration]\nrenewal = { days_before = 20, continuing_from = "03-20" }\n',
            "期限の20日前から",
        ),
        (cap('period = "day"'), "次へ持ち越せません"),
        (cap('period = "running_days"\nrunning_days = 10'), "次へ持ち越せません"),
        ('[allocation]\nmethod = "first_come"\npriorities = ["fewest_uses"]\n', "先に決めるのは"),
        (
            (
                f"[fee]\n{DAY}siblings = {{}}\n"
                'reductions = [{ label = "減免", marks = ["welfare"], percent = 50 }]\n'
            ),
            "減免より先に見ます",
        ),
    ],
)
def test_what_does_not_hold_is_not_said(written: str, unsaid: str) -> None:
    assert unsaid not in whole(written)


@pytest.mark.proves("R6")
def test_usual_prices_stand_before_what_differs_and_how_that_is_read_is_said_once() -> None:
    terms = [fact.term for fact in told(TWO_PRICES + CLOSED)]
    assert terms.index("料金：利用料") < terms.index("いつもと違う場合")
    assert terms.count("いつもと違う場合") == 1
    (head,) = [fact.text for fact in told(TWO_PRICES + CLOSED) if fact.term == "いつもと違う場合"]
    assert head == (
        "次に書いてあることだけが、いつものきまりと違います。"
        "いくつもの場合に当てはまるときは、あとに書いてあるほうを優先します。"
    )
    assert "いくつもの場合" not in whole(TWO_PRICES)
    assert "いつもと違う場合" not in whole('title = "園"\n')


@pytest.mark.proves("R6")
@pytest.mark.parametrize(
    ("youngest", "basis", "row"),
    [
        ('{ unit = "class_age", value = 1 }', "class_age", "1〜2歳児クラス"),
        ('{ unit = "class_age", value = 3 }', "class_age", "0〜2歳児クラス"),
        ('{ unit = "years", value = 1 }', "class_age", "0〜2歳児クラス"),
        ('{ unit = "years", value = 1 }', "on_the_day", "1〜2歳"),
        ('{ unit = "months", value = 6 }', "on_the_day", "0〜2歳"),
    ],
)
def test_prices_begin_with_the_youngest_who_may_come(youngest: str, basis: str, row: str) -> None:
    fee = f'age_basis = "{basis}"\n' + DAY.replace("[{", "[{ below_age = 3, yen = 700 }, {")
    assert f"料金：{row}：1日 700円" in whole(f"[age]\nmin = {youngest}\n[fee]\n{fee}")


@pytest.mark.proves("G8", "G9")
def test_a_round_by_phone_alone_books_nothing_by_web() -> None:
    rounds = (
        '[channels]\nways = [{ channel = "web" }, { channel = "phone" }]\n'
        '[allocation]\nmethod = "staff_approval"\n[booking_window]\nphases = [\n'
        '{ name = "A", opens = { kind = "rolling", days = 30 } },\n'
        '{ name = "B", opens = { kind = "rolling", days = 0 }, allocation = "first_come"%s },\n]\n'
    )
    not_by_web = "ほかの方法で申し込みます。"
    assert not_by_web in whole(rounds % ', channels = ["phone"]')
    assert not_by_web not in whole(rounds % "")
