"""What the rules themselves object to, in plain Japanese, by their own English words."""

from __future__ import annotations

from portal.documents.i18n import gettext as _
from portal.rulebooks.objections_people import people_sentences


def sentences() -> dict[str, str]:
    """Return what the rules themselves object to, by their own English words."""
    return {
        **people_sentences(),
        "school entry is an upper limit": _("「小学校に入る前」は、何歳までのほうにだけ書けます。"),
        "a day costs no less than half a day": _("1日の料金が、半日の料金より安くなっています。"),
        "the last band has no upper age": _(
            "料金の最後の行は「それより上の全員」です。何歳より下かを空けてください。"
        ),
        "bands go up by age, and only the last one is open": _(
            "料金の行は、小さい年齢から順に書きます。何歳より下かを空けるのは最後の行だけです。"
        ),
        "a block ends after it starts": _("終わりの時刻を、始まりより後にしてください。"),
        "the least length is more than the greatest": _(
            "いちばん短い時間が、いちばん長い時間より長くなっています。"
        ),
        "a start cell lies between 0 and 47": _("始まりの時刻は、0から47の数字で書きます。"),
        "each step stands once": _("同じ段階が2つあります。1つにしてください。"),
        "trial care has its parts, and no other step has any": _(
            "ならし預かりには、1回目の時間を入れてください。"
        ),
        "a step that opens some uses stands before use": _(
            "一部の理由だけの段階は、「利用の前」にしてください。"
        ),
        "a fixed fee has an amount, and no other has one": _(
            "「1回いくら」のときだけ、円を入れてください。"
        ),
        "the part ends before any stay could": _("終わりの時刻を 0:30 より後にしてください。"),
        "give the number of months": _("何か月かを書いてください。"),
        "days end after they begin": _("終わりの日を、始まりの日より後にしてください。"),
        "ages end after they begin": _("年齢の終わりを、始まりより大きくしてください。"),
        "times end after they begin": _("終わりの時刻を、始まりより後にしてください。"),
        "lengths end after they begin": _("長さの終わりを、始まりより大きくしてください。"),
        "a condition without any value never holds": _(
            "空の条件は、だれにも当てはまりません。値を書くか、条件を消してください。"
        ),
        "a variant says when it holds": _("どんなときのきまりか（when）を書いてください。"),
        "there is nothing of that name": _(
            "その名前のきまりはありません。つづりを確かめてください。"
        ),
        "this belongs to the document, not to a variant": _(
            "これは全体に1つだけ書くものです。variantsの外に書いてください。"
        ),
        "give either days or months": _("何日前か、何か月前かの、どちらか1つを書いてください。"),
    }
