"""Small lists of facilities for tests, in both known shapes."""

import csv
from collections.abc import Sequence
from pathlib import Path

import pytest

from portal.documents.csv_files import csv_bytes
from portal.documents.wording import sentences
from portal.facilities.lists.columns import BY_CODE, KORIYAMA
from portal.facilities.lists.parsing import read_list
from portal.facilities.lists.projecting import Listed
from portal.facilities.lists.rows import FacilityRow, ParsedList
from portal.facilities.rules import ListRefusal, portal_number
from portal.kernel.errors import Refusal

DATA = Path(__file__).parents[1] / "data" / "facilities"
CITY = (DATA / "koriyama_nurseryData.cp932.csv").read_bytes()
CITY_TEXT = CITY.decode("cp932")


def open_data(name: str) -> str:
    """The text of one of the files of the standard."""
    return (DATA / name).read_text("utf-8")


STANDARD = list(csv.DictReader((DATA / "columns_v2_1.csv").read_text("utf-8").splitlines()))
PLAIN = {"Name": "ひばり園", "Add1": "郡山市朝日一丁目1-1"}


def refusal(data: bytes) -> tuple[ListRefusal, str]:
    """The code, and what people read: it must be a sentence whatever the code."""
    with pytest.raises(Refusal) as caught:
        read_list(data, "list.csv")
    (reason,) = caught.value.reasons
    said = sentences.sentence(reason)
    assert said.endswith("。")
    assert "{" not in said
    assert sentences.help_for(reason) is not None
    assert isinstance(reason.code, ListRefusal)
    return reason.code, said


def city(*rows: dict[str, str], also: Sequence[str] = ()) -> bytes:
    header = (*KORIYAMA.columns, *also)
    return csv_bytes(header, [[row.get(c, "") for c in header] for row in rows], "cp932").data


def national(*changes: dict[str, str]) -> bytes:
    """The example of the definition book, once for each change, with a NO of its own."""
    header = [each["項目名"] for each in STANDARD]
    example_row = {each["項目名"]: each["記入例"] for each in STANDARD}
    rows = [example_row | {"NO": f"{n:010}"} | change for n, change in enumerate(changes, 1)]
    return csv_bytes(header, [[row[c] for c in header] for row in rows]).data


def only(data: bytes) -> FacilityRow:
    parsed = read_list(data, "list.csv")
    assert parsed.refused == ()
    (row,) = parsed.rows
    return row


def stored(parsed: ParsedList) -> dict[str, Listed]:
    """As the portal keeps it, each facility with a number of its own."""
    shape = BY_CODE[parsed.shape]
    return {
        row.key: Listed(shape, row.raw, portal_number(at))
        for at, row in enumerate(parsed.rows, start=1)
    }


# --- The real list -------------------------------------------------------------------------------
