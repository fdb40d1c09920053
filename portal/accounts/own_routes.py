"""Change one's own password, mail address, second factor; end other sessions."""

from __future__ import annotations

from flask import Blueprint, abort, flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue

from portal.accounts import gate, own, service
from portal.accounts.entering import enter_browser, from_address, please_wait, signed_in
from portal.accounts.forms import ChangeMailForm, ChangePasswordForm, PasswordForm
from portal.accounts.rules import local_path
from portal.db.session import transaction as plain_transaction
from portal.documents import i18n
from portal.documents.i18n import gettext as _
from portal.documents.wording.sentences import sentence
from portal.kernel.actor import Role
from portal.kernel.clock import now
from portal.kernel.errors import Refusal
from portal.web.access import Permission, current_actor, requires
from portal.web.language import remember
from portal.web.writes import see_other, transaction

bp = Blueprint("accounts_own", __name__, url_prefix="/account")


@bp.route("/password", methods=["GET", "POST"])
@requires(Permission.SIGNED_IN)
def password() -> ResponseReturnValue:
    """Change one's password; all other sessions end at once."""
    form = ChangePasswordForm()
    template = "accounts/change_password.html"
    if not form.is_submitted():
        return render_template(template, form=form)
    if not form.validate():
        return render_template(template, form=form), 422
    if wait := _seconds_to_wait():
        return please_wait(wait)
    person = signed_in()
    try:
        _check_again(str(form.password.data))
        new_hash = own.new_password_hash(
            str(form.new_password.data), own=(person.name, person.mail)
        )
    except Refusal as refusal:
        form.explain(refusal, sentence)
        return render_template(template, form=form), 409
    with plain_transaction() as db:
        entered = own.change_password(db, new_hash, person.token, actor=current_actor(), now=now())
    enter_browser(entered)
    flash(_("パスワードを変えました。ほかの端末はログアウトしました。"))
    return redirect(url_for("accounts.account"), 303)


@bp.route("/mail", methods=["GET", "POST"])
@requires(Permission.SIGNED_IN)
def mail() -> ResponseReturnValue:
    """Ask for a link at a new address; the old one stays until that link is used."""
    form = ChangeMailForm()
    template = "accounts/change_mail.html"
    if not form.is_submitted():
        return render_template(template, form=form)
    if not form.validate():
        return render_template(template, form=form), 422
    wanted = str(form.mail.data)
    with plain_transaction() as db:
        wait = service.seconds_to_wait_for_mail(db, wanted, from_address())
    if wait := wait or _seconds_to_wait():
        return please_wait(wait)
    try:
        _check_again(str(form.password.data))
    except Refusal as refusal:
        form.explain(refusal, sentence)
        return render_template(template, form=form), 409
    with plain_transaction() as db:
        own.ask_mail_change(db, wanted, actor=current_actor(), now=now())
    flash(_("新しいアドレスに、確認のメールを送りました。メールのリンクを開くと変わります。"))
    return redirect(url_for("accounts.account"), 303)


@bp.post("/language")
@requires(Permission.BE_GUARDIAN)
def language() -> ResponseReturnValue:
    """Keep the language of a guardian's pages and mails, and lead back to where she was."""
    wanted = request.form.get("code")
    if wanted is None or not i18n.known(wanted):
        abort(422)
    with plain_transaction() as db:
        own.change_language(db, wanted, actor=current_actor())
    back = local_path(request.form.get("next")) or url_for("accounts.account")
    return remember(redirect(back, 303), wanted)


@bp.post("/other-sessions")
@requires(Permission.SIGNED_IN)
def end_other_sessions() -> ResponseReturnValue:
    """Sign this person out everywhere else."""
    with transaction() as db:
        own.end_other_sessions(db, signed_in().session_id, actor=current_actor())
        flash(_("ほかの端末をログアウトしました。"))
        return see_other(db, url_for("accounts.account"))


@bp.route("/second-factor", methods=["GET", "POST"])
@requires(Permission.SIGNED_IN)
def second_factor() -> ResponseReturnValue:
    """Ask for the password again before the second factor is enrolled anew."""
    form = PasswordForm()
    template = "accounts/renew_second_factor.html"
    if signed_in().actor.role is Role.GUARDIAN:
        return redirect(url_for("accounts.account"), 303)
    if not form.is_submitted():
        return render_template(template, form=form)
    if not form.validate():
        return render_template(template, form=form), 422
    if wait := _seconds_to_wait():
        return please_wait(wait)
    try:
        _check_again(str(form.password.data))
    except Refusal as refusal:
        form.explain(refusal, sentence)
        return render_template(template, form=form), 409
    session["stepped_up"] = True
    return redirect(url_for("accounts.enrol"), 303)


def _seconds_to_wait() -> int:
    with plain_transaction() as db:
        return service.seconds_to_wait(db, gate.mail_key(signed_in().mail), from_address())


def _check_again(typed: str) -> None:
    with plain_transaction() as db:
        account = gate.account_for_sign_in(db, signed_in().mail)
    service.check_password(account, typed)
