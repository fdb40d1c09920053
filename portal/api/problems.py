"""Errors as RFC 9457 problem details: what is wrong, at which field, and what to do."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

from flask import Flask, Response, request
from pydantic import ValidationError

from portal.documents.wording.sentences import help_for, sentence
from portal.kernel.errors import Refusal
from portal.referrals.rules import ReferralRefusal
from portal.referrals.sheet import Located, NotTaken

PREFIX: Final = "/api/v1/"
MEDIA_TYPE: Final = "application/problem+json"
_TITLES: Final[Mapping[int, str]] = {
    400: "読めない送り方です",
    401: "トークンが要ります",
    403: "このトークンでは、できません",
    404: "見つかりません",
    405: "この送り方はありません",
    409: "もう受け取っています",
    413: "大きすぎます",
    415: "JSONで送ってください",
    422: "直すところがあります",
    429: "送る回数が多すぎます",
    500: "ポータルの側で失敗しました",
    503: "いま、こみ合っています",
}
_REMEDIES: Final[Mapping[int, str]] = {
    400: "送り方を、説明書（/api/v1/openapi.json）とくらべてください。",
    401: "Authorization: Bearer のあとに、使えるトークンをつけてください。",
    404: "アドレスと番号をたしかめてください。ほかの機関の紹介は見られません。",
    405: "説明書（/api/v1/openapi.json）にある送り方にしてください。",
    413: "1回に1件だけ送ってください。",
    415: "Content-Type を application/json にしてください。",
    500: "少し待って、同じ Idempotency-Key でもう一度送ってください。",
    503: "少し待って、同じ Idempotency-Key でもう一度送ってください。",
}
_FIX_AND_SEND: Final = "この項目を直して、もう一度送ってください。"
#: What stands in the way is there already; sent again, it would be refused again.
_CONFLICTS: Final = frozenset({ReferralRefusal.ALREADY_REFERRED, ReferralRefusal.NUMBER_TAKEN})


@dataclass(frozen=True, slots=True)
class Wrong:
    """One thing to put right; ``pointer`` is a JSON Pointer (RFC 6901) into what was sent."""

    pointer: str
    code: str
    detail: str
    remedy: str


class Problem(Exception):  # noqa: N818 - an answer, not an error
    """A request that is not done, with the status and the words of its answer."""

    def __init__(
        self,
        status: int,
        code: str,
        detail: str,
        remedy: str | None = None,
        *,
        errors: Sequence[Wrong] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(code)
        self.status, self.code, self.detail = status, code, detail
        self.remedy = remedy or _REMEDIES.get(status, _FIX_AND_SEND)
        self.errors, self.headers = tuple(errors), dict(headers or {})

    def answer(self) -> Response:
        """Return it as it is sent."""
        body: dict[str, Any] = {
            "type": "about:blank",
            "title": _TITLES.get(self.status, _TITLES[400]),
            "status": self.status,
            "code": self.code,
            "detail": self.detail,
            "remedy": self.remedy,
        }
        if self.errors:
            body["errors"] = [asdict(each) for each in self.errors]
        data = json.dumps(body, ensure_ascii=False)
        return Response(data, self.status, headers=self.headers, content_type=MEDIA_TYPE)


def of_refusal(refusal: Refusal) -> Problem:
    """Return why a referral was not taken, each reason at its field."""
    located = (
        refusal.located
        if isinstance(refusal, NotTaken)
        else tuple(Located("", reason) for reason in refusal.reasons)
    )
    is_conflict = all(each.reason.code in _CONFLICTS for each in located)
    errors = [_wrong(each) for each in located]
    if is_conflict:
        return Problem(
            409,
            "not_taken",
            "もう受け取っている紹介なので、新しくは送っていません。",
            "別の紹介のときだけ、errors の項目を直して送ってください。",
            errors=errors,
        )
    return Problem(
        422,
        "not_taken",
        f"この紹介は、まだ送っていません。直すところは{len(located)}つです。",
        "errors の項目を直して、もう一度送ってください。",
        errors=errors,
    )


def _wrong(located: Located) -> Wrong:
    helped = help_for(located.reason)
    pointer = "".join(f"/{part}" for part in located.field.split(".") if part)
    return Wrong(
        pointer,
        located.reason.code.value,
        f"{sentence(located.reason).removesuffix('。')}。",
        helped.text if helped else _FIX_AND_SEND,
    )


_SHAPES: Final[Mapping[str, tuple[str, str]]] = {
    "missing": ("この項目がありません。", "この項目を入れてください。"),
    "string_too_short": ("中身がありません。", "この項目を入れてください。"),
    "string_too_long": ("長すぎます（{max_length}文字まで）。", "短くしてください。"),
    "too_short": ("中身がありません。", "1つ以上入れてください。"),
    "too_long": ("多すぎます（{max_length}つまで）。", "分けて送ってください。"),
    "enum": ("決まった値ではありません。", "次のどれかにしてください：{expected}"),
    "literal_error": ("決まった値ではありません。", "次のどれかにしてください：{expected}"),
    "extra_forbidden": ("この項目はありません。", "項目の名前をたしかめてください。"),
    "day": ("日付として読めません。", "2026-11-22 の形で入れてください。"),
    "one_of_two": (
        "facility_id と organisation_id のどちらか1つが要ります。",
        "どちらか1つだけを入れてください。",
    ),
    "uuid_parsing": ("IDとして読めません。", "/api/v1/receivers にあるIDを入れてください。"),
}
_ANY_SHAPE: Final = ("形がちがいます。", "説明書（/api/v1/openapi.json）とくらべてください。")
_NEEDED_RECORD: Final = {"sharing": ReferralRefusal.NO_CONSENT, "told": ReferralRefusal.NOT_TOLD}


def of_shape(error: ValidationError) -> Problem:
    """Return what is wrong with the shape of what was sent, each at its field."""
    wrong = []
    for each in error.errors(include_url=False, include_input=False):
        pointer = "".join(f"/{_escaped(part)}" for part in each["loc"])
        kind = each["type"]
        why, remedy = _SHAPES.get(kind, _ANY_SHAPE)
        context = each.get("ctx", {})
        missing = _NEEDED_RECORD.get(str(each["loc"][-1])) if each["loc"] else None
        if kind == "missing" and missing is not None:
            wrong.append(_wrong(Located(pointer[1:].replace("/", "."), _reason(missing))))
            continue
        wrong.append(Wrong(pointer, kind, why.format(**context), remedy.format(**context)))
    return Problem(
        422,
        "wrong_shape",
        f"この紹介は、まだ送っていません。直すところは{len(wrong)}つです。",
        "errors の項目を直して、もう一度送ってください。",
        errors=wrong,
    )


def _reason(code: ReferralRefusal) -> Any:
    return Refusal([code]).reasons[0]


def _escaped(part: int | str) -> str:
    return str(part).replace("~", "~0").replace("/", "~1")


def _in_json(response: Response) -> Response:
    """Answer as a program expects where the portal would show a page: no such address, too big."""
    if not request.path.startswith(PREFIX) or response.mimetype != "text/html":
        return response
    status = response.status_code
    if status < 400:  # noqa: PLR2004 - HTTP
        return response
    code = {404: "not_found", 405: "method_not_allowed", 413: "too_large", 503: "busy"}
    kept = {
        name: response.headers[name]
        for name in ("Allow", "Retry-After")
        if name in response.headers
    }
    title = _TITLES.get(status, _TITLES[400])
    return Problem(status, code.get(status, "failed"), f"{title}。", headers=kept).answer()


def install(app: Flask) -> None:
    """Answer errors below the API's address as problems. After the headers, so that they stay."""
    app.after_request(_in_json)
