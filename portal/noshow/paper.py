"""One report on one A4 page: black and white, large type, so that a FAX carries it legibly."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import cache

from jinja2 import Environment

from portal.documents.pdf import pdf_on_one_page
from portal.documents.templating import environment
from portal.facilities.models import Facility
from portal.kernel.clock import local_date
from portal.noshow import words
from portal.noshow.models import CareCase, CaseReport
from portal.noshow.rules import NextStep
from portal.noshow.telling import Line, lines_of
from portal.organisations.models import Organisation
from portal.referrals.rules import Urgency

#: Classes of the style sheet, the largest type first.
SIZES = ("sheet__large", "sheet__large sheet__large--12", "sheet__large sheet__large--10")


@cache
def _papers() -> Environment:
    return environment()


def html(
    of: CareCase,
    report: CaseReport,
    said: Mapping[Line, str],
    *,
    facility: Facility,
    receiver: Organisation,
    on: date,
    is_demo: bool,
    type_size: str = SIZES[0],
) -> str:
    """Return the page as HTML: what was told, and lines to answer on by hand."""
    return (
        _papers()
        .get_template("noshow/paper.html")
        .render(
            case=of,
            report=report,
            said=said,
            lines=lines_of(of.kind),
            facility=facility,
            receiver=receiver,
            today=on,
            is_demo=is_demo,
            is_late=local_date(report.due_at) < on,
            is_urgent=report.urgency is Urgency.URGENT,
            type=type_size,
            words=words,
            steps=list(NextStep),
        )
    )


def pdf(
    of: CareCase,
    report: CaseReport,
    said: Mapping[Line, str],
    *,
    facility: Facility,
    receiver: Organisation,
    on: date,
    is_demo: bool,
) -> bytes:
    """Return the page as PDF, in the largest type in which it is one page; takes about 0.3 s.

    Raises:
        PdfUnavailable: this machine makes no PDFs.
    """
    return pdf_on_one_page(
        html(
            of,
            report,
            said,
            facility=facility,
            receiver=receiver,
            on=on,
            is_demo=is_demo,
            type_size=each,
        )
        for each in SIZES
    )
