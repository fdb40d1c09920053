"""The description of the API: valid by itself, and true of what is taken and answered."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any, Literal

import pytest
from flask import Flask
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from pydantic import BaseModel, ConfigDict, Field

from portal.accounts import api_tokens
from portal.accounts.api_tokens import Scope
from portal.api.document import description
from portal.db.session import end_session
from portal.kernel.actor import Actor
from portal.referrals.rules import ReferralState
from tests.factories import outside, places
from tests.schemas import Schema, complaints, resolved

DOCUMENT = description("https://portal.example")
EXAMPLES = 60


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", populate_by_name=True)


class Media(_Strict):
    schema_: dict[str, Any] = Field(alias="schema")


class Response(_Strict):
    description: str | None = None
    content: dict[str, Media] = {}
    ref: str | None = Field(None, alias="$ref")


class Parameter(_Strict):
    name: str
    in_: Literal["query", "header", "path", "cookie"] = Field(alias="in")
    description: str | None = None
    required: bool = False
    schema_: dict[str, Any] = Field(alias="schema")


class Body(_Strict):
    required: bool
    content: dict[str, Media]


class Operation(_Strict):
    operation_id: str = Field(alias="operationId")
    summary: str
    description: str | None = None
    security: list[dict[str, list[str]]] | None = None
    parameters: list[Parameter] = []
    request_body: Body | None = Field(None, alias="requestBody")
    responses: dict[str, Response] = Field(min_length=1)


class PathItem(_Strict):
    get: Operation | None = None
    post: Operation | None = None


class Security(_Strict):
    type: Literal["http"]
    scheme: Literal["bearer"]
    description: str


class Components(_Strict):
    schemas: dict[str, dict[str, Any]]
    responses: dict[str, Response]
    security_schemes: dict[str, Security] = Field(alias="securitySchemes")


class Info(_Strict):
    title: str
    version: str
    description: str


class Server(_Strict):
    url: str


class OpenApi(_Strict):
    """As much of OpenAPI 3.1 as the description uses; what is written otherwise is refused."""

    openapi: Literal["3.1.0"]
    info: Info
    servers: list[Server]
    security: list[dict[str, list[str]]]
    paths: dict[str, PathItem]
    components: Components


def parts(of: Any) -> Iterator[dict[str, Any]]:
    if isinstance(of, dict):
        yield of
        for each in of.values():
            yield from parts(each)
    elif isinstance(of, list):
        for each in of:
            yield from parts(each)


@pytest.mark.proves("R30")
def test_the_description_is_valid_and_whole(app: Flask) -> None:
    answer = app.test_client().get("/api/v1/openapi.json")
    assert answer.status_code == 200, "public: it is read before there is a token"
    served = answer.get_json()
    read = OpenApi.model_validate(served)
    names = [each["$ref"] for each in parts(served) if "$ref" in each]
    assert names
    for ref in names:
        assert resolved(served, {"$ref": ref})
    operations = [
        op for item in read.paths.values() for op in (item.get, item.post) if op is not None
    ]
    assert len({op.operation_id for op in operations}) == len(operations)
    for path, item in read.paths.items():
        wanted = set(re.findall(r"{([^}]+)}", path))
        for op in (item.get, item.post):
            stated = {each.name for each in op.parameters if each.in_ == "path"} if op else wanted
            assert stated == wanted, path


def test_every_route_is_described_and_none_besides(app: Flask) -> None:
    served = {
        (re.sub(r"<uuid:([a-z_]+)>", r"{\1}", rule.rule.removeprefix("/api/v1")), method.lower())
        for rule in app.url_map.iter_rules()
        if rule.rule.startswith("/api/v1")
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }
    told = {(path, method) for path, item in DOCUMENT["paths"].items() for method in item}
    assert told == served


def test_the_example_of_the_tests_is_as_described(hinata: places.Site) -> None:
    sent = DOCUMENT["components"]["schemas"]["ReferralIn"]
    assert list(complaints(DOCUMENT, sent, outside.content(hinata))) == []
    wrong = outside.content(hinata, urgency="now")
    del wrong["consents"]["told"]
    found = list(complaints(DOCUMENT, sent, wrong))
    assert len(found) == 2, found


_ODD = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(allow_nan=False),
    st.text(max_size=30),
    st.just("\u0000"),
    st.just("\ud800"),
    st.just("0001-01-01"),
    st.just("9999-12-31"),
    st.lists(st.none(), max_size=2),
    st.dictionaries(st.text(max_size=3), st.none(), max_size=2),
)


def values(schema: Schema) -> st.SearchStrategy[Any]:
    """Return what fits a schema of the description, made from the description alone."""
    schema = resolved(DOCUMENT, schema)
    if "const" in schema or "enum" in schema:
        return st.sampled_from(schema.get("enum") or [schema["const"]])
    if "anyOf" in schema:
        return st.one_of([values(each) for each in schema["anyOf"]])
    kind = schema.get("type")
    if kind == "object":
        needed = set(schema.get("required", ()))
        known = {name: values(each) for name, each in schema.get("properties", {}).items()}
        return st.fixed_dictionaries(
            {name: each for name, each in known.items() if name in needed},
            optional={name: each for name, each in known.items() if name not in needed},
        )
    if kind == "array":
        most = min(schema.get("maxItems", 3), 3)
        return st.lists(values(schema["items"]), min_size=schema.get("minItems", 0), max_size=most)
    if kind == "string":
        return _texts(schema)
    return {"integer": st.integers(0, 100), "null": st.none()}[str(kind)]


def _texts(schema: Schema) -> st.SearchStrategy[str]:
    kind = schema.get("format")
    if kind == "date":
        return st.dates().map(str)
    if kind == "date-time":
        return st.datetimes(timezones=st.timezones()).map(lambda each: each.isoformat())
    if kind == "uuid":
        return st.uuids().map(str)
    most = min(schema.get("maxLength", 40), 40)
    return st.text(min_size=schema.get("minLength", 0), max_size=most)


@st.composite
def bodies(draw: st.DrawFn, whole: dict[str, Any]) -> Any:
    """A body that fits, or the good one, as it is or with parts changed for fitting or odd ones."""
    sent = DOCUMENT["components"]["schemas"]["ReferralIn"]
    if draw(st.booleans()):
        return draw(values(sent))
    body = json.loads(json.dumps(whole))
    for _ in range(draw(st.integers(0, 3))):
        place, schema = body, resolved(DOCUMENT, sent)
        while True:
            name = draw(st.sampled_from(sorted(schema["properties"])))
            below = resolved(DOCUMENT, schema["properties"][name])
            if "properties" not in below or draw(st.booleans()):
                break
            if not isinstance(place.get(name), dict):
                break
            place, schema = place[name], below
        place[name] = draw(st.one_of(_ODD, values(schema["properties"][name])))
    return body


def described(answer: Any, path: str, method: str) -> None:
    """Assert that an answer is one that the description has for this operation."""
    status = str(answer.status_code)
    assert answer.status_code < 500, answer.get_data(as_text=True)
    operation = DOCUMENT["paths"][path][method]
    assert status in operation["responses"], status
    found = resolved(DOCUMENT, operation["responses"][status])
    schema = found["content"][answer.mimetype]["schema"]
    body = json.loads(answer.get_data())
    assert list(complaints(DOCUMENT, schema, body)) == []


@pytest.mark.proves("P8", "R30")
def test_whatever_is_sent_is_answered_as_described(
    app: Flask, suzuki: Actor, hinata: places.Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("portal.api.bearer.USES_A_MINUTE", 10**6)
    token, whole = outside.token(suzuki), outside.content(hinata)
    client = app.test_client(use_cookies=False)
    statuses: set[int] = set()

    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        derandomize=True,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(body=bodies(whole), key=st.uuids().map(str))
    def sends(body: Any, key: str) -> None:
        headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": key}
        data = json.dumps(body)
        answer = client.post(
            "/api/v1/referrals", data=data, content_type="application/json", headers=headers
        )
        end_session()
        statuses.add(answer.status_code)
        described(answer, "/referrals", "post")

    sends()
    assert {201, 422} <= statuses, "both ways were tried"


@pytest.mark.proves("P8")
def test_whatever_is_asked_is_answered_as_described(
    app: Flask, suzuki: Actor, hinata: places.Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("portal.api.bearer.USES_A_MINUTE", 10**6)
    client = app.test_client(use_cookies=False)
    headers = {"Authorization": f"Bearer {outside.token(suzuki)}"}
    made = client.post(
        "/api/v1/referrals",
        json=outside.content(hinata),
        headers={**headers, "Idempotency-Key": outside.KEY},
    )
    described(made, "/referrals", "post")
    described(
        client.get(made.headers["Location"], headers=headers), "/referrals/{referral_id}", "get"
    )
    described(client.get("/api/v1/receivers", headers=headers), "/receivers", "get")
    told = {
        each["name"]: each["schema"]
        for each in DOCUMENT["paths"]["/referrals"]["get"]["parameters"]
    }
    assert set(told["state"]["enum"]) == set(ReferralState) - {ReferralState.DRAFT}

    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        derandomize=True,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(
        query=st.fixed_dictionaries(
            {},
            optional={
                name: st.one_of(values(each), st.text(max_size=20)) for name, each in told.items()
            },
        ),
        name=st.one_of(st.uuids().map(str)),
    )
    def asks(query: dict[str, Any], name: str) -> None:
        answer = client.get("/api/v1/referrals", query_string=query, headers=headers)
        described(answer, "/referrals", "get")
        one = client.get(f"/api/v1/referrals/{name}", headers=headers)
        described(one, "/referrals/{referral_id}", "get")
        end_session()

    asks()


def test_the_scopes_of_the_description_are_those_of_the_tokens() -> None:
    told = json.dumps(DOCUMENT, ensure_ascii=False)
    assert all(scope.value in told for scope in Scope)
    assert str(api_tokens.USES_A_MINUTE) in told
