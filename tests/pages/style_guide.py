"""Every macro of the layout with invented contents, as one page: for eyes, axe and Nu."""

from __future__ import annotations

from pathlib import Path

from jinja2 import Environment
from werkzeug.datastructures import MultiDict
from wtforms import (
    BooleanField,
    FileField,
    Form,
    HiddenField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.fields import SelectChoice
from wtforms.validators import InputRequired, Length, Optional

from portal.documents.templating import environment
from portal.web.fields import DateParts, TimeCell

ROOT = Path(__file__).parents[2]


class SampleForm(Form):
    csrf_token = HiddenField(default="guard")
    once = HiddenField(default="key")
    name = StringField("お名前", [InputRequired("お名前を入れてください")])
    phone = StringField("電話番号", [Length(10, 11, "電話番号を 10けたか 11けたで入れてください")])
    temperature = StringField("平熱", [Optional()])
    relation = SelectField("続き柄", choices=[SelectChoice("母"), SelectChoice("父")])
    born_on = DateParts("生まれた日", [InputRequired("生まれた日を入れてください")])
    starts = TimeCell("はじまり", first=17, last=34)
    purpose = RadioField(
        "利用の理由",
        [InputRequired("利用の理由をえらんでください")],
        choices=[SelectChoice("respite", "リフレッシュ"), SelectChoice("work", "仕事・学校")],
    )
    children = SelectMultipleField(
        "お子さん", choices=[SelectChoice("1", "はるとさん"), SelectChoice("2", "ゆいさん")]
    )
    agreed = BooleanField("お知らせをメールで受け取ります")
    memo = TextAreaField("園に伝えたいこと", [Optional()])
    paper = FileField("書類の写真", [Optional()])


def posted(form_class: type[Form], **typed: str | list[str]) -> Form:
    """Return the form as after a post of these values, validated."""
    form = form_class(MultiDict(typed))
    form.validate()
    return form


def page_environment() -> Environment:
    """Return the portal's environment with what Flask would add."""
    env = environment()
    env.globals["fixed"] = lambda _endpoint, filename: (ROOT / "static" / filename).as_uri()
    env.globals.update(
        url_for=lambda endpoint, filename=None, **_: (
            (ROOT / "static" / filename).as_uri() if filename else f"/{endpoint}"
        ),
        get_flashed_messages=lambda **_: [("message", "予約しました")],
        csrf_token=lambda: "guard",
    )
    return env


def render_guide(*, wrong: bool) -> str:
    """Return the page, with the form as first shown or as after a post with mistakes."""
    form = (
        posted(SampleForm, name="", phone="090", **{"born_on-month": "３"})
        if wrong
        else SampleForm()
    )
    if wrong:
        form.form_errors = ["1歳児クラスが 10:30〜11:30 に満員です"]
    guide = Path(__file__).with_name("style_guide.html").read_text(encoding="utf-8")
    template = page_environment().from_string(guide)
    return template.render(
        form=form,
        is_demo=True,
        me={
            "name": "佐藤 美咲",
            "home_url": "/home",
            "role_label": "保護者",
            "sign_out_url": "/sign-out",
        },
        site_nav=[
            {"label": "ホーム", "href": "/home", "current": True},
            {"label": "予約する", "href": "/facilities", "current": False},
            {"label": "お知らせ", "href": "/messages", "current": False},
        ],
        footer_links=[
            {"label": label, "href": "/" + name}
            for name, label in (
                ("usage", "使い方"),
                ("privacy", "個人情報の取り扱い"),
                ("accessibility", "アクセシビリティ"),
                ("phone-fax", "電話・FAXで申し込む"),
            )
        ],
        operator_line="湖見市 子育て支援課　電話 0857-00-0100（平日 9:00〜17:00）",
    )
