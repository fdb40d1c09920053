"""What the rules themselves object to, in plain Japanese, by their own English words."""

from __future__ import annotations

from portal.documents.i18n import gettext as _
from portal.rulebooks.objections_dates import dates_sentences
from portal.rulebooks.objections_money import money_sentences
from portal.rulebooks.objections_people import people_sentences
from portal.rulebooks.objections_use import use_sentences


def sentences() -> dict[str, str]:
    """Return what the rules themselves object to, by their own English words."""
    return {
        **people_sentences(),
        **use_sentences(),
        **dates_sentences(),
        **money_sentences(),
        "school entry is an upper limit": _("「小学校に入る前」は、何歳までのほうにだけ書けます。"),
        "a day costs no less than half a day": _("1日の料金が、半日の料金より安くなっています。"),
        "the last band has no upper age": _(
            "料金の最後の行は「それより上の全員」です。"
            "何歳より下か（below_age・below_months）を書かない行を、最後にしてください。"
        ),
        "bands go up by age, and only the last one is open": _(
            "料金の行は、小さい年齢から順に書きます。何歳より下かを空けるのは最後の行だけです。"
        ),
        "a block ends after it starts": _("終わりの時刻を、始まりより後にしてください。"),
        "the least length is more than the greatest": _(
            "いちばん短い時間が、いちばん長い時間より長くなっています。"
            "長さは分で書きます（8時間なら 480）。"
        ),
        "a start cell lies between 0 and 47": _("始まりの時刻は、0から47の数字で書きます。"),
        "starts are said in one way": _(
            "始まりの時刻は、starts・start_every_minutes・start_cells のどれか1つで書きます。"
        ),
        "lengths are a list or a step": _(
            "長さは、lengths（並べる）か length_step_minutes（きざみ）の、どちらか1つで書きます。"
        ),
        "a length lies between the least and the greatest": _(
            "lengths の長さを、いちばん短い時間といちばん長い時間のあいだにしてください。"
        ),
        "each block has a name of its own": _(
            "同じ名前の区分が2つあります。名前を変えてください。"
        ),
        "joining needs blocks": _("続けて使えるのは区分（blocks）だけです。区分を書いてください。"),
        "stays beside blocks need blocks": _(
            "also_by_the_hour は、区分（blocks）があるときだけ書きます。"
        ),
        "no stay fits the first visit": _(
            "はじめての利用の長さが、いちばん短い利用より短くなっています。"
        ),
        "a first visit has a length or an end": _(
            "はじめての利用は、長さか終わりの時刻を書いてください。"
        ),
        "a part has a number or a share": _(
            "most と share_percent の、どちらか1つを書いてください。"
        ),
        "each class stands once": _("同じクラスが2回書かれています。1つにしてください。"),
        "a share needs a total": _("％で決めるときは、全体の人数（total）を書いてください。"),
        "a part is no more than the whole": _(
            "クラスごとの人数が、全体の人数（total）より多くなっています。"
        ),
        "no more is kept than there is": _(
            "とっておく人数が、全体の人数（total）より多くなっています。"
        ),
        "a rough number needs a number": _(
            "「約」とするときは、全体の人数（total）を書いてください。"
        ),
        "the times do not overlap": _("時間が重なっています。重ならないように書いてください。"),
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
        "days end after they begin": _("終わりの日を、始まりの日と同じか、より後にしてください。"),
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
    }
