"""Files of referrals: tried before they are sent, told row by row, never sent twice."""

from __future__ import annotations

import csv
import io
from datetime import timedelta

import pytest
from sqlalchemy import text

from portal.db.session import acting_as, transaction
from portal.documents.csv_files import Encoding, csv_bytes
from portal.kernel import clock
from portal.kernel.actor import Actor
from portal.kernel.errors import Refusal
from portal.referrals import file_columns as columns
from portal.referrals import queries
from portal.referrals.file_export import sent_table
from portal.referrals.files import Became, FileResult, take_file
from portal.referrals.rules import FileRefusal, Item, ReferralSource
from tests.factories import places, referring, support
from tests.factories.referral_files import file_of, row

NOW = clock.now()
TODAY = clock.today(NOW)


def taken(worker: Actor, data: bytes, *, confirmed: bool = True) -> FileResult:
    with acting_as(worker) as session:
        if not confirmed:
            result = take_file(session, data, actor=worker, now=NOW)
            session.rollback()
            return result
        with transaction() as writing:
            return take_file(writing, data, actor=worker, now=NOW)


def counted(worker: Actor) -> list[int]:
    with acting_as(worker), transaction() as session:
        return [
            session.execute(text(f"SELECT count(*) FROM {table}")).scalar_one()
            for table in ("referrals", "families", "consents", "interviews")
        ]


def why(result: FileResult) -> list[tuple[int, str, str]]:
    return [
        (each.number, remark.column, remark.reason.code.value)
        for each in result.rows
        for remark in each.remarks
    ]


@pytest.mark.proves("R30", "R11", "R12")
@pytest.mark.parametrize("encoding", ["utf-8-sig", "cp932"])
def test_a_file_is_looked_at_sent_and_sent_once(
    suzuki: Actor, sato: Actor, hinata: places.Site, encoding: Encoding
) -> None:
    data = file_of(row(), encoding=encoding)
    looked = taken(suzuki, data, confirmed=False)
    assert [each.became for each in looked.rows] == [Became.NEW], why(looked)
    assert counted(suzuki) == [0, 0, 0, 0], "nothing is stored before it is confirmed"
    done = taken(suzuki, data)
    assert done.fingerprint == looked.fingerprint
    [sent] = done.of(Became.NEW)
    assert sent.referral_id is not None
    passed = referring.items_of(sato, sent.referral_id)
    assert set(passed) == {Item.NAME_AND_PHONE, Item.CHILDREN, Item.FATIGUE}
    assert passed[Item.FATIGUE] == "=夜に何度も起きます", "as it was before the spreadsheet"
    assert "髙橋 あかり" in passed[Item.NAME_AND_PHONE]
    assert referring.seen(suzuki, sent.referral_id).source is ReferralSource.CSV
    before = counted(suzuki)
    again = taken(suzuki, data)
    assert [each.became for each in again.rows] == [Became.THERE]
    assert counted(suzuki) == before, "twice changes nothing"
    del hinata


@pytest.mark.proves("R30")
def test_each_wrong_row_says_column_and_reason_and_the_others_go(
    suzuki: Actor, hinata: places.Site, midori: places.Site
) -> None:
    ahead = str(TODAY + timedelta(days=2))
    result = taken(
        suzuki,
        file_of(
            row(),
            row(管理番号="K-1", 紹介先="みどりこども園"),
            row(
                管理番号="",
                面談の日="きのう",
                急ぎ="すぐ",
                紹介先="ない園",
                電話="12",
                同意2の日=ahead,
            ),
            row(管理番号="K-3", 同意1の日="", 電話="123", 印をつけた日=""),
            row(管理番号="K-4", 同意2の日=ahead, 文面の版="2020", 書類の番号=""),
            row(管理番号="K-5", 同意の形="口頭"),
            row(管理番号="K-1"),
        ),
    )
    assert why(result) == [
        (4, "管理番号", "number_missing"),
        (4, "面談の日", "day_unreadable"),
        (4, "急ぎ", "no_choice"),
        (4, "紹介先", "receiver_unknown"),
        (4, "電話", "phone_unreadable"),
        (4, "同意2の日", "paper_in_future"),
        (5, "印をつけた日", "no_guide_tick"),
        (5, "電話", "phone_unreadable"),
        (5, "同意1の日", "no_consent"),
        (6, "書類の番号", "reference_missing"),
        (6, "文面の版", "wording_unknown"),
        (6, "同意2の日", "paper_in_future"),
        (7, "同意の形", "no_choice"),
    ]
    assert [each.number for each in result.of(Became.NEW)] == [2, 3]
    assert [each.number for each in result.of(Became.THERE)] == [8], "the same row twice"
    assert counted(suzuki)[:2] == [2, 1], "one family, referred to two"
    del hinata, midori


@pytest.mark.proves("R12", "R30")
def test_nobody_is_told_of_calls_who_has_no_number(suzuki: Actor, hinata: places.Site) -> None:
    del hinata
    result = taken(
        suzuki,
        file_of(
            row(電話="", 同意2の方法="電話"),
            row(管理番号="K-2", 電話="", 同意2の方法="電話・手紙"),
            row(管理番号="K-3", 電話="", 同意2の方法="手紙"),
        ),
    )
    assert why(result) == [
        (2, "同意2の方法", "way_unreachable"),
        (4, "同意1で伝えること", "address_not_shared"),
    ]
    assert [each.number for each in result.of(Became.NEW)] == [3]


@pytest.mark.proves("R30")
def test_a_day_that_cannot_be_read_brings_no_other_reason(
    suzuki: Actor, hinata: places.Site
) -> None:
    del hinata
    result = taken(
        suzuki,
        file_of(row(お子さん1の生年月日="きのう", 同意1の期限="らいねん", 同意2の方法="のろし")),
    )
    assert why(result) == [
        (2, "お子さん1の生年月日", "day_unreadable"),
        (2, "同意2の方法", "no_choice"),
        (2, "同意1の期限", "day_unreadable"),
    ]


def test_what_is_no_list_is_told_so(suzuki: Actor) -> None:
    for data, code in (
        (b"%PDF-1.7", FileRefusal.NOT_A_TABLE),
        (b"", FileRefusal.EMPTY),
        ("名前,電話\na,b".encode(), FileRefusal.UNKNOWN_COLUMNS),
        (file_of(), FileRefusal.EMPTY),
        (file_of(*[row()] * 101), FileRefusal.TOO_MANY_ROWS),
        (b"x" * 400_000, FileRefusal.TOO_LARGE),
    ):
        with pytest.raises(Refusal) as refusal:
            taken(suzuki, data, confirmed=False)
        assert refusal.value.codes == (code,)


@pytest.mark.proves("R30")
@pytest.mark.parametrize("encoding", ["utf-8-sig", "cp932"])
def test_what_was_sent_comes_out_as_it_went_in(
    suzuki: Actor,
    hinata: places.Site,
    encoding: Encoding,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    taken(suzuki, file_of(row()))
    referring.referred(suzuki, hinata, name="小林 なお")
    reads: list[str] = []
    monkeypatch.setattr(queries, "record_read", lambda *args, **_: reads.append(args[2]))
    with acting_as(suzuki), transaction() as session:
        table = sent_table(session, actor=suzuki)
    assert reads == ["referral_items"] * 2, "each leaves a trace"
    data = csv_bytes(table.header, table.rows, encoding).data
    written = data.decode(encoding)
    lines = list(csv.DictReader(io.StringIO(written)))
    first = lines[0]
    assert first["疲れていること"] == "'=夜に何度も起きます", "no spreadsheet runs it"
    went = row()
    for name in ("管理番号", "保護者の名前", "同意1の日", "同意1の期限", "同意2の期限", "文面の版"):
        assert first[name] == went[name]
    assert first["同意1で伝えること"] == went["同意1で伝えること"]
    assert first["ようす"] == "受け取り待ち"
    assert first["保護者の健康のこと"] == "", "not agreed to, so not passed on"
    before = counted(suzuki)
    again = taken(suzuki, data)
    assert {each.became for each in again.rows} == {Became.THERE}, why(again)
    assert counted(suzuki) == before
    assert again.unknown == ()


@pytest.mark.proves("P7")
def test_nobody_takes_out_what_another_sent(suzuki: Actor, hinata: places.Site) -> None:
    row_ = referring.referred(suzuki, hinata)
    center = support.make_center()
    with acting_as(center), transaction() as session:
        assert sent_table(session, actor=center).rows == ()
    # A referral that came to one's own body is none that one sent, though one sees it.
    assert center.organisation_id is not None
    of = referring.interviewed(suzuki, name="小林 なお")
    came = referring.drafted(suzuki, of, center.organisation_id)
    referring.agreed(suzuki, of.family_id, center.organisation_id)
    referring.sent(suzuki, came.id)
    for number in (row_.number, came.number):
        stolen = file_of({**row(), "受付番号": str(number)})
        assert [each.became for each in taken(center, stolen).rows] == [Became.WRONG]


def test_days_and_choices_are_read_as_people_write_them() -> None:
    for typed in ("2026-11-22", "2026/11/22", "令和8年11月22日", "Ｒ８．１１．２２"):
        assert str(columns.day_in(typed)) == "2026-11-22"
    for typed in ("22.11.2026", "11/22", "2026-13-40", "=1"):
        with pytest.raises(ValueError, match=r"."):
            columns.day_in(typed)
    assert columns.several_of("手紙・phone", columns.channels()) == ("phone", "letter")
    said = "、".join(columns.items().values())
    assert columns.several_of(said, columns.items()) == tuple(columns.items())
