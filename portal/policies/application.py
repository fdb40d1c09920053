"""Kind G19 (its third part), application: which documents and consents a facility asks for."""

from __future__ import annotations

from pydantic import Field

from portal.policies.rule import Rule


class AskedDocument(Rule):
    """A document that the facility wants to see, in its own words.

    Always possible later and on paper: whoever has no camera is not kept out.
    """

    name: str = Field(
        min_length=1,
        max_length=60,
        description="書類の名前（家庭が読む言い方）",
        examples=["健康保険の資格がわかるもの"],
    )
    hint: str = Field(
        default="",
        max_length=200,
        description="見せ方などの説明",
        examples=["写真でかまいません。"],
    )
    #: Of every child, or once of the family.
    each_child: bool = Field(
        default=True,
        description="true：お子さん1人ごと。false：家庭で1つ",
        examples=[False],
    )


class ApplicationRule(Rule):
    """What is asked with an application, besides who the children are and how they are."""

    documents: tuple[AskedDocument, ...] = Field(
        default=(),
        max_length=12,
        description="登録のときに見せていただく書類。あとからでも、紙でも出せます",
        examples=[[{"name": "医療証", "each_child": True}]],
    )
    #: Whether it asks to tell an ambulance and a doctor about the child.
    emergency_care: bool = Field(
        default=True,
        description="救急のとき、お子さんのことを救急隊や医師に伝える同意をたずねるか",
        examples=[False],
    )
    #: Whether it asks to take photographs during care.
    photographs: bool = Field(
        default=False, description="預かりのあいだの写真の同意をたずねるか", examples=[True]
    )
