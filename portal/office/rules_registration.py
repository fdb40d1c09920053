"""The part of the rules form about registration: how long, how many, how renewed and agreed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from wtforms import BooleanField, RadioField, SelectMultipleField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.widgets import CheckboxInput, ListWidget

from portal.rulebooks.reading.mistakes import Path
from portal.web.forms import PortalForm

_AT: Path = ("registration",)


def _number(label: str) -> StringField:
    return StringField(label, render_kw={"inputmode": "numeric", "autocomplete": "off"})


class RegistrationFields(PortalForm):
    """The fields, in the words of a director; typed text stays as typed."""

    registration_validity = RadioField(
        "登録はいつまで使えるか",
        choices=[
            SelectChoice("fiscal_year", "年度の終わり（3月31日）まで"),
            SelectChoice("half_year", "半年（9月30日か3月31日）まで"),
            SelectChoice("school", "小学校に入る前の3月31日まで"),
            SelectChoice("months", "承諾から○か月"),
            SelectChoice("none", "期限なし"),
        ],
        default="fiscal_year",
    )
    registration_months = _number("承諾から何か月")
    registration_next = _number("期限の何日前からの承諾を、次の期限までにするか")
    registration_limit = _number("同時に登録できる人数")
    registration_answer = _number("申し込みから返事までの日数")
    registration_agreement = BooleanField(
        "はじめての予約の前に、ご家庭は園の説明を、園は児童票を読んで、おたがいに確かめる"
    )
    renewal_days = _number("続ける手続きは、期限の何日前からか")
    renewal_confirm = SelectMultipleField(
        "続けるときに、あらためて確かめること",
        choices=[
            SelectChoice("record", "児童票（体のこと）"),
            SelectChoice("contacts", "連絡先とお迎えの人"),
            SelectChoice("agreement", "園の説明"),
        ],
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
    )
    text_illness = TextAreaField("病気のとき")


def registration_content(form: Any, text: Callable[[Path, str], str]) -> dict[str, Any] | None:
    """Return what was typed as the plain data of the rule; ``None`` where none is asked for.

    Args:
        text: Reads a field and remembers which place of the document it belongs to.
    """
    if not form.registration.data:
        return None
    content: dict[str, Any] = {
        "required": True,
        "lead_days": text((*_AT, "lead_days"), "lead_days") or "0",
        "validity": form.registration_validity.data or "fiscal_year",
        "agreement": bool(form.registration_agreement.data),
        "next_period_days": text((*_AT, "next_period_days"), "registration_next") or "0",
    }
    if content["validity"] == "months":
        content["months"] = text((*_AT, "months"), "registration_months") or None
    for key, name in (("limit", "registration_limit"), ("answer_days", "registration_answer")):
        if written := text((*_AT, key), name):
            content[key] = written
    if days := text((*_AT, "renewal", "days_before"), "renewal_days"):
        confirm = list(form.renewal_confirm.data or ())
        content["renewal"] = {"days_before": days, "confirm": confirm}
    return content


def registration_fields(rule: Mapping[str, Any] | None) -> dict[str, Any]:
    """Return the fields of a rule's plain data."""
    if rule is None:
        return {"registration": False, "lead_days": None}
    renewal = rule["renewal"] or {"days_before": None, "confirm": ()}
    return {
        "registration": bool(rule["required"]),
        "lead_days": rule["lead_days"],
        "registration_validity": rule["validity"],
        "registration_months": rule["months"],
        "registration_next": rule["next_period_days"] or None,
        "registration_limit": rule["limit"],
        "registration_answer": rule["answer_days"],
        "registration_agreement": rule["agreement"],
        "renewal_days": renewal["days_before"],
        "renewal_confirm": list(renewal["confirm"]),
    }
