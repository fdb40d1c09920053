"""Months before a facility's records began: never a 0 that nobody counted."""

from __future__ import annotations

import io

import pytest
from flask import Flask
from pypdf import PdfReader

from portal.kernel.actor import Actor
from tests.factories import places
from tests.pages.test_report_pages import MONTH, october, okada, table_rows
from tests.pages.visit import Visitor

__all__ = ["october", "okada"]


@pytest.mark.proves("J6")
def test_a_month_before_the_records_is_told_from_one_without_children(
    app: Flask, okada: Actor, october: places.Site
) -> None:
    browser = Visitor(app, okada)
    rows = table_rows(browser.get(MONTH).html)
    assert ["2026年8月", "記録なし"] in rows
    assert ["2026年9月", "0"] in rows
    assert ["年度の累計（2026年9月から）", "5"] in rows
    paper = browser.get(f"{MONTH}.pdf?facility={october.facility_id}").response.data
    words = "".join(page.extract_text() for page in PdfReader(io.BytesIO(paper)).pages)
    assert "年度の累計（2026年9月から）" in words
    assert "4月〜" not in words
    before = browser.get("/reports/2026-08")
    assert "この月の記録はありません" in before.text
    assert "2026年9月から、このポータルで記録しています" in before.text
    assert ["年度の累計（記録なし）", "記録なし"] in table_rows(before.html)
    assert "0歳児" not in before.text
    file = browser.get("/reports/2026-08.csv").html
    assert "合計,記録なし,記録なし,記録なし,記録なし,記録なし" in file
    assert "年度の累計（記録なし）,,,,,記録なし" in file
    paper = browser.get("/reports/2026-08.pdf").response.data
    words = "".join(page.extract_text() for page in PdfReader(io.BytesIO(paper)).pages)
    assert "合計 記録なし" in words
