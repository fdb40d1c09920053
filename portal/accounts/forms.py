"""Shape of what is typed around accounts."""

from __future__ import annotations

import unicodedata

from wtforms import PasswordField, RadioField, SelectField, StringField
from wtforms.validators import DataRequired, Length, Optional, Regexp

from portal.documents.i18n import Later
from portal.documents.i18n import gettext as _
from portal.kernel.signs import on_one_line
from portal.web.forms import PortalForm

#: Shape alone; whether it reaches somebody is seen when the mail is answered.
_MAIL = r"^[^@\s<>\"(),:;\\]+@[^@\s<>\"(),:;\\]+\.[^@\s<>\"(),:;\\]+$"


def _half_width(text: str | None) -> str:
    return unicodedata.normalize("NFKC", text or "").strip()


def mail_field(label: str = "メールアドレス", *, needed: bool = True) -> StringField:
    """Return a field for a mail address; full-width letters are taken."""
    return StringField(
        label,
        filters=[_half_width],
        validators=[
            DataRequired(_("メールアドレスを入れてください")) if needed else Optional(),
            Length(max=254, message=_("メールアドレスは254文字までです")),
            Regexp(_MAIL, message=_("メールアドレスは name@example.jp のような形で入れてください")),
        ],
        render_kw={"type": "email", "autocomplete": "email", "inputmode": "email"},
    )


def name_field() -> StringField:
    """Return a field for a person's name, any script."""
    return StringField(
        "お名前",
        filters=[on_one_line],
        validators=[
            DataRequired(_("お名前を入れてください")),
            Length(max=80, message=_("お名前は80文字までです")),
        ],
        render_kw={"autocomplete": "name"},
    )


def password_field(label: str = "パスワード", *, new: bool = False) -> PasswordField:
    """Return a field for a password; what was typed is never sent back."""
    return PasswordField(
        label,
        validators=[DataRequired(Later("%(label)sを入れてください", {"label": label}))],
        render_kw={"autocomplete": "new-password" if new else "current-password"},
    )


class SignInForm(PortalForm):
    """Mail address and password."""

    mail = mail_field()
    password = password_field()


class ChooseForm(PortalForm):
    """In whose name to go on; the choices are set by the route."""

    name = RadioField(
        "どの立場で使いますか",
        validators=[DataRequired(_("どの立場で使うかをえらんでください"))],
    )


class CodeForm(PortalForm):
    """Six digits of the app, or a recovery code."""

    code = StringField(
        "認証コード",
        filters=[_half_width],
        validators=[
            DataRequired(_("認証コードを入れてください")),
            Length(max=40, message=_("認証コードは数字6けたです")),
        ],
        render_kw={"autocomplete": "one-time-code", "spellcheck": "false"},
    )


class NameForm(PortalForm):
    """One's own name."""

    name = name_field()


class PasswordForm(PortalForm):
    """The password again, before something that matters."""

    password = password_field()


class ChangePasswordForm(PortalForm):
    """The password of before and the new one."""

    password = password_field("いまのパスワード")
    new_password = password_field("新しいパスワード", new=True)


class NewPasswordForm(PortalForm):
    """A new password, by a link."""

    new_password = password_field("新しいパスワード", new=True)


class MailForm(PortalForm):
    """A mail address alone."""

    mail = mail_field()


class ChangeMailForm(PortalForm):
    """A new mail address, with the password."""

    mail = mail_field("新しいメールアドレス")
    password = password_field()


class NewAccountForm(PortalForm):
    """Name and first password, by a link that proves the address."""

    name = name_field()
    new_password = password_field("パスワード", new=True)


class InviteForm(PortalForm):
    """Whom to invite, as what; the choices are set by the route."""

    name = StringField(
        "お名前",
        filters=[on_one_line],
        validators=[
            DataRequired(_("お名前を入れてください")),
            Length(max=80, message=_("お名前は80文字までです")),
        ],
        render_kw={"autocomplete": "off"},
    )
    mail = mail_field()
    role = RadioField("役割", validators=[DataRequired(_("役割をえらんでください"))])


class BodyForm(PortalForm):
    """Into which body the operator invites; the choices are set by the route."""

    organisation = SelectField("組織", validators=[DataRequired(_("組織をえらんでください"))])


class IdentifiedForm(PortalForm):
    """A guardian's new address, after staff have made sure who she is."""

    mail = mail_field("新しいメールアドレス")
    how = RadioField(
        "本人だとたしかめた方法",
        validators=[DataRequired(_("本人だとたしかめた方法をえらんでください"))],
    )
