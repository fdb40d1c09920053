"""The description of the interface: OpenAPI 3.1, made of the very models that read and answer."""

from __future__ import annotations

from functools import lru_cache
from typing import Any, Final

from pydantic.json_schema import models_json_schema

from portal.accounts.api_tokens import USES_A_MINUTE, Scope
from portal.api import answers, problems, schemas
from portal.consents.sharing import SHARING_VERSION
from portal.referrals.rules import ReferralState

VERSION: Final = "1.0.0"
_SENT: Final = (schemas.ReferralIn,)
_ANSWERED: Final = (
    answers.ReceiversOut,
    answers.ReferralWithEventsOut,
    answers.TakenOut,
    answers.PageOut,
)
_WORDS: Final[dict[str, str]] = {
    "ReferralIn": "紹介1件。紹介先が2つなら、紹介も2つできます。",
    "InterviewIn": "どの面談か。guide_ticked_on は「子育てガイド」の一時預かりに印をつけた日。",
    "GuardianIn": "面談した保護者。電話番号、メール、住所のどれかは要ります。",
    "ChildIn": "生まれていれば born_on と name、これからなら due_on。ふたごは2つ書きます。",
    "LearnedIn": "面談で分かったこと。同意した項目だけが伝わります。",
    "ReceiverIn": "紹介先。/receivers にある facility_id か organisation_id のどちらか1つ。",
    "SharingIn": "同意1：情報を伝えること。",
    "ToldIn": "同意2：連絡が来ること。until_on は、いつまでに連絡が来るか。",
    "BookingIn": "同意3：いま予約をすること。なくてもかまいません。",
    "ConsentsIn": (
        "3つの記録。sharing と told がないと、何も送りません。"
        "source が paper_form なら reference は紙の番号。"
        "tablet（ポータルの面談の画面で同意ずみ）なら、同意の記録の番号。"
        "日、期限、項目は、その記録と同じにします。"
    ),
    "ItemToShare": "伝えること。",
    "TakenOut": "できた紹介。紹介先ごとに1つ。",
    "PageOut": "紹介のページ。next_after があれば、after に入れて次のページを読みます。",
    "ReferralOut": "紹介と、どこまで進んだか。ご家庭の名前は入りません。",
    "ReferralWithEventsOut": "紹介と、これまでのこと。ご家庭の名前は入りません。",
    "ReceiversOut": "紹介できる園と窓口、いまの同意の文面の版。",
}
_KEY: Final = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": True,
    "description": "紹介ごとにちがう文字。同じ内容で送りなおすと、同じ答えが返ります（7日間）。",
    "schema": {"type": "string", "minLength": 8, "maxLength": 200, "pattern": "^[!-~]+$"},
}
_STATUSES: Final = {
    "400": "読めません",
    "401": "トークンがないか、使えません",
    "403": "このトークンの範囲ではありません",
    "404": "ありません",
    "409": "同じキーがほかの内容で使われたか、もう紹介しています",
    "413": "大きすぎます",
    "415": "JSONではありません",
    "422": "直すところがあります",
    "429": "回数が多すぎます",
    "503": "こみ合っています",
}


@lru_cache(maxsize=4)
def description(base_url: str) -> dict[str, Any]:
    """Return the whole document, with the address at which this portal answers."""
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "一時預かりポータル 紹介API",
            "version": VERSION,
            "description": (
                "市区町村やこども家庭センターのシステムから、ご家庭を園につなぎます。"
                f"同意の記録がないと、何も送りません。いまの文面の版は {SHARING_VERSION} です。"
                f"トークン1つにつき、1分に{USES_A_MINUTE}回までです。"
            ),
        },
        "servers": [{"url": f"{base_url.rstrip('/')}{problems.PREFIX.rstrip('/')}"}],
        "security": [{"token": []}],
        "paths": _paths(),
        "components": {
            "schemas": _schemas(),
            "responses": {f"Problem{code}": _problem(words) for code, words in _STATUSES.items()},
            "securitySchemes": {
                "token": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": "担当者のページ「ほかのシステムとつなぐ」で発行します。",
                }
            },
        },
    }


def _schemas() -> dict[str, Any]:
    template = "#/components/schemas/{model}"
    _, sent = models_json_schema([(each, "validation") for each in _SENT], ref_template=template)
    _, said = models_json_schema(
        [(each, "serialization") for each in _ANSWERED], ref_template=template
    )
    found: dict[str, Any] = {**sent["$defs"], **said["$defs"], "Problem": _PROBLEM}
    for name, words in _WORDS.items():
        found[name]["description"] = words
    for schema in found.values():
        if not _is_japanese(schema.get("description", "")):
            schema.pop("description", None)
    return dict(sorted(found.items()))


def _is_japanese(words: str) -> bool:
    return not words.isascii()


_PROBLEM: Final[dict[str, Any]] = {
    "type": "object",
    "description": "RFC 9457 のかたちの、できなかったわけと、直しかた。",
    "required": ["type", "title", "status", "code", "detail", "remedy"],
    "additionalProperties": False,
    "properties": {
        "type": {"type": "string", "const": "about:blank"},
        "title": {"type": "string"},
        "status": {"type": "integer", "minimum": 400, "maximum": 599},
        "code": {"type": "string"},
        "detail": {"type": "string"},
        "remedy": {"type": "string"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["pointer", "code", "detail", "remedy"],
                "additionalProperties": False,
                "properties": {
                    "pointer": {"type": "string", "description": "JSON Pointer（RFC 6901）"},
                    "code": {"type": "string"},
                    "detail": {"type": "string"},
                    "remedy": {"type": "string"},
                },
            },
        },
    },
}


def _problem(words: str) -> dict[str, Any]:
    schema = {"$ref": "#/components/schemas/Problem"}
    return {"description": words, "content": {problems.MEDIA_TYPE: {"schema": schema}}}


def _paths() -> dict[str, Any]:
    return {
        "/openapi.json": {
            "get": {
                "operationId": "describe",
                "summary": "この説明書",
                "security": [],
                "responses": {
                    "200": {
                        "description": "この説明書",
                        "content": {"application/json": {"schema": {"type": "object"}}},
                    }
                },
            }
        },
        "/receivers": {
            "get": {
                "operationId": "listReceivers",
                "summary": "紹介できる園と窓口",
                "description": f"範囲：{Scope.WRITE.value}",
                "responses": _responses("ReceiversOut"),
            }
        },
        "/referrals": {
            "get": {
                "operationId": "listReferrals",
                "summary": "こちらから送った紹介",
                "description": f"範囲：{Scope.READ.value}",
                "parameters": _queries(),
                "responses": _responses("PageOut", more=("422",)),
            },
            "post": {
                "operationId": "createReferral",
                "summary": "紹介を送る",
                "description": (f"範囲：{Scope.WRITE.value}。直すところがあれば、何も残りません。"),
                "parameters": [_KEY],
                "requestBody": {
                    "required": True,
                    "content": {
                        "application/json": {"schema": {"$ref": "#/components/schemas/ReferralIn"}}
                    },
                },
                "responses": _responses(
                    "TakenOut", status="201", more=("400", "409", "413", "415", "422", "503")
                ),
            },
        },
        "/referrals/{referral_id}": {
            "get": {
                "operationId": "showReferral",
                "summary": "紹介1件と、これまでのこと",
                "description": f"範囲：{Scope.READ.value}",
                "parameters": [
                    {
                        "name": "referral_id",
                        "in": "path",
                        "required": True,
                        "schema": {"type": "string", "format": "uuid"},
                    }
                ],
                "responses": _responses("ReferralWithEventsOut", more=("404",)),
            }
        },
    }


def _queries() -> list[dict[str, Any]]:
    states = [state.value for state in ReferralState if state is not ReferralState.DRAFT]
    shapes: dict[str, dict[str, Any]] = {
        "state": {"type": "string", "enum": states},
        "changed_since": {"type": "string", "format": "date-time"},
        "after": {"type": "integer", "minimum": 0},
        "limit": {"type": "integer", "minimum": 1, "maximum": 100, "default": 50},
    }
    words = {
        "state": "この状態のものだけ",
        "changed_since": "この日時から後に変わったものだけ",
        "after": "この番号（portal_number）より後のもの",
        "limit": "1回に読む数",
    }
    return [
        {"name": name, "in": "query", "description": words[name], "schema": schema}
        for name, schema in shapes.items()
    ]


def _responses(model: str, *, status: str = "200", more: tuple[str, ...] = ()) -> dict[str, Any]:
    schema = {"$ref": f"#/components/schemas/{model}"}
    good: dict[str, Any] = {
        "description": "できました",
        "content": {"application/json": {"schema": schema}},
    }
    known = sorted({"401", "403", "429", *more})
    return {
        status: good,
        **{code: {"$ref": f"#/components/responses/Problem{code}"} for code in known},
    }
