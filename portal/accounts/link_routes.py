"""What begins with a link by mail: sign-up, invitation, lost password, new address.

A page behind a link only shows; its form alone uses the link up, so that mail programs that look
ahead use nothing.
"""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Response

from portal.accounts import gate, links, own, service
from portal.accounts.entering import (
    enter_browser,
    from_address,
    keep_language,
    lead_after_password,
    please_wait,
)
from portal.accounts.forms import MailForm, NewAccountForm, NewPasswordForm, PasswordForm
from portal.accounts.links import Link
from portal.accounts.rules import AccountRefusal, MailTokenKind
from portal.accounts.service import Entered
from portal.accounts.wording import role_label

# Not the transaction of ``portal.web.writes``: its idempotency key would keep a quick hash of a
# password. A link that is used up refuses the second sending by itself.
from portal.db.session import current_session, transaction
from portal.documents import i18n
from portal.documents.i18n import gettext as _
from portal.documents.wording.sentences import sentence
from portal.kernel.clock import now
from portal.kernel.errors import Refusal
from portal.web.access import Permission, current_actor, requires
from portal.web.forms import PortalForm

bp = Blueprint("accounts_links", __name__)


@bp.route("/sign-up", methods=["GET", "POST"])
@requires(Permission.OPEN_TO_ALL)
def sign_up() -> ResponseReturnValue:
    """Ask a guardian for her mail address; the page after it is the same for every address."""
    return _ask(MailTokenKind.SIGN_UP, "accounts/sign_up.html")


@bp.route("/password-reset", methods=["GET", "POST"])
@requires(Permission.OPEN_TO_ALL)
def ask_password_reset() -> ResponseReturnValue:
    """Ask for the mail address of a lost password; the same page follows for every address."""
    return _ask(MailTokenKind.PASSWORD_RESET, "accounts/ask_password_reset.html")


def _ask(kind: MailTokenKind, template: str) -> ResponseReturnValue:
    form = MailForm()
    if not form.is_submitted():
        return render_template(template, form=form)
    if not form.validate():
        return render_template(template, form=form), 422
    mail = str(form.mail.data)
    with transaction() as db:
        wait = service.seconds_to_wait_for_mail(db, mail, from_address())
    if wait:
        return please_wait(wait)
    with transaction() as db:
        links.ask(db, kind, mail, actor=current_actor(), now=now())
    session["asked_mail"] = mail
    session["asked_by"] = request.endpoint
    return redirect(url_for("accounts_links.mail_sent"), 303)


@bp.get("/mail-sent")
@requires(Permission.OPEN_TO_ALL)
def mail_sent() -> ResponseReturnValue:
    """Say that a mail is on its way, and what to do if it does not come."""
    asked_by = session.get("asked_by")
    return render_template(
        "accounts/mail_sent.html",
        mail=session.get("asked_mail"),
        again_url=url_for(asked_by) if asked_by else None,
        form=MailForm(formdata=None),
    )


@bp.route("/sign-up/<token>", methods=["GET", "POST"])
@requires(Permission.OPEN_TO_ALL)
def finish_sign_up(token: str) -> ResponseReturnValue:
    """Take name and password of a guardian whose address is proved, and sign her in."""
    link = _look_at(token, MailTokenKind.SIGN_UP)
    if link is None or link.has_account:
        return _link_not_open()
    form = NewAccountForm()
    template = "accounts/finish_sign_up.html"
    if not form.is_submitted():
        return render_template(template, form=form, link=link)
    if not form.validate():
        return render_template(template, form=form, link=link), 422
    name = str(form.name.data)
    try:
        password_hash = own.new_password_hash(str(form.new_password.data), own=(name, link.mail))
        with transaction() as db:
            user_id = links.sign_up(db, token, name, password_hash, actor=current_actor())
            entered = service.enter_without_password(db, user_id, actor=current_actor(), now=now())
    except Refusal as refusal:
        return _explained(form, refusal, template, link)
    keep_language(user_id, i18n.code())
    enter_browser(entered)  # where she wanted to go is offered once her children are registered
    flash(_("登録しました。つづけて、ご家庭とお子さんのことを入れてください。"))
    return redirect(url_for("selfservice.register"), 303)


@bp.route("/invitations/<token>", methods=["GET", "POST"])
@requires(Permission.OPEN_TO_ALL)
def invitation(token: str) -> ResponseReturnValue:
    """Take name and password of somebody invited; an account that exists gives its password."""
    link = _look_at(token, MailTokenKind.INVITATION)
    if link is None or link.role is None:
        return _link_not_open()
    form: PortalForm = PasswordForm() if link.has_account else NewAccountForm(name=link.name)
    template = "accounts/invitation.html"
    label = role_label(link.role)
    if not form.is_submitted():
        return render_template(template, form=form, link=link, role=label)
    if not form.validate():
        return render_template(template, form=form, link=link, role=label), 422
    try:
        answer = _accepted(token, link, form)
    except Refusal as refusal:
        return _explained(form, refusal, template, link, role=label)
    if isinstance(answer, Response):
        return answer
    enter_browser(answer)
    return lead_after_password(answer)


def _accepted(token: str, link: Link, form: PortalForm) -> Entered | Response:
    name, password_hash = link.name or "", ""
    if isinstance(form, NewAccountForm):
        name = str(form.name.data)
        password_hash = own.new_password_hash(str(form.new_password.data), own=(name, link.mail))
    elif isinstance(form, PasswordForm):
        with transaction() as db:
            wait = service.seconds_to_wait(db, gate.mail_key(link.mail), from_address())
            account = gate.account_for_sign_in(db, link.mail)
        if wait:
            return please_wait(wait)
        service.check_password(account, str(form.password.data))
    with transaction() as db:
        user_id = links.accept_invitation(db, token, name, password_hash, actor=current_actor())
        return service.enter_without_password(db, user_id, actor=current_actor(), now=now())


@bp.route("/password-reset/<token>", methods=["GET", "POST"])
@requires(Permission.OPEN_TO_ALL)
def reset_password(token: str) -> ResponseReturnValue:
    """Take a new password; every session of the account ends."""
    link = _look_at(token, MailTokenKind.PASSWORD_RESET)
    if link is None or not link.has_account:
        return _link_not_open()
    form = NewPasswordForm()
    template = "accounts/reset_password.html"
    if not form.is_submitted():
        return render_template(template, form=form, link=link)
    if not form.validate():
        return render_template(template, form=form, link=link), 422
    try:
        new_hash = own.new_password_hash(str(form.new_password.data), own=(link.mail,))
        with transaction() as db:
            links.reset_password(db, token, new_hash, actor=current_actor())
    except Refusal as refusal:
        return _explained(form, refusal, template, link)
    flash(_("パスワードを変えました。新しいパスワードでログインしてください。"))
    return redirect(url_for("accounts.sign_in"), 303)


@bp.route("/mail-change/<token>", methods=["GET", "POST"])
@requires(Permission.OPEN_TO_ALL)
def change_mail(token: str) -> ResponseReturnValue:
    """Confirm a new address; a link issued by staff asks for a new password as well."""
    link = _look_at(token, MailTokenKind.MAIL_CHANGE)
    if link is None or link.has_account:
        return _link_not_open()
    form: PortalForm = NewPasswordForm() if link.by_another else PortalForm()
    template = "accounts/confirm_mail.html"
    if not form.is_submitted():
        return render_template(template, form=form, link=link)
    if not form.validate():
        return render_template(template, form=form, link=link), 422
    try:
        new_hash = None
        if isinstance(form, NewPasswordForm):
            new_hash = own.new_password_hash(str(form.new_password.data), own=(link.mail,))
        with transaction() as db:
            links.change_mail(db, token, new_hash, actor=current_actor())
    except Refusal as refusal:
        return _explained(form, refusal, template, link)
    flash(_("メールアドレスを変えました。"))
    return redirect(url_for("accounts.account"), 303)


def _look_at(token: str, kind: MailTokenKind) -> Link | None:
    return links.look_at(current_session(), token, kind)


def _link_not_open() -> ResponseReturnValue:
    return render_template("accounts/link_not_open.html"), 404


def _explained(
    form: PortalForm, refusal: Refusal, template: str, link: Link, **more: object
) -> ResponseReturnValue:
    if AccountRefusal.LINK_NOT_OPEN in refusal.codes:
        return _link_not_open()
    form.explain(refusal, sentence)
    return render_template(template, form=form, link=link, **more), 409
