"""Kind G19 (its third part), application: which documents and consents a facility asks for."""

from __future__ import annotations

from pydantic import Field

from portal.policies.rule import Rule


class AskedDocument(Rule):
    """A document that the facility wants to see, in its own words.

    Always possible later and on paper: whoever has no camera is not kept out.
    """

    name: str = Field(min_length=1, max_length=60)
    hint: str = Field(default="", max_length=200)
    #: Of every child, or once of the family.
    each_child: bool = True


class ApplicationRule(Rule):
    """What is asked with an application, besides who the children are and how they are."""

    documents: tuple[AskedDocument, ...] = Field(default=(), max_length=12)
    #: Whether it asks to tell an ambulance and a doctor about the child.
    emergency_care: bool = True
    #: Whether it asks to take photographs during care.
    photographs: bool = False
