"""The portal's own Markdown on a page: what it writes, and nothing that a page would run."""

from __future__ import annotations

import re
from urllib.parse import unquote

from portal.documents.markdown import parts
from portal.rulebooks.reference.page import reference

TEXT = """# きまり

はじめに `a < b` と
**`太字`** のこと。

## 種類 (one)

> For programmers alone.

> 園の人も読みます。

| 名前 | 意味 |
|---|---|
| `min` | 表 → [Limit](#limit)<br>か `a\\|b` |

- 1つめ
  の続き
- 2つめ

```toml
a = 1

# <b>
```

#### Limit
## 種類 (one)
"""


def tight(body: object) -> str:
    """Return HTML without the line ends between its tags."""
    return re.sub(r">\n+<", "><", str(body)).strip()


def test_each_part_stands_under_its_heading_and_is_found_by_links() -> None:
    opening, first, second = parts(TEXT, without_foreign_quotes=True)
    assert tight(opening.body) == (
        "<p>はじめに <code>a &lt; b</code> と<strong><code>太字</code></strong> のこと。</p>"
    )
    assert (first.title, first.id, second.id) == ("種類 (one)", "種類-one", "種類-one-1")
    assert "programmers" not in first.body
    body = tight(first.body)
    assert "<blockquote><p>園の人も読みます。</p></blockquote>" in body
    assert (
        '<tr><th scope="row"><code>min</code></th><td data-label="意味"><div>表 → '
        '<a href="#limit">Limit</a><br>か <code>a|b</code></div></td></tr>'
    ) in body
    assert "<ul><li>1つめの続き</li><li>2つめ</li></ul>" in body
    assert "<code>a = 1\n\n# &lt;b&gt;</code>" in body
    assert '<h3 id="limit">Limit</h3>' in body, "no level is left out"
    assert "For programmers alone." in parts(TEXT)[1].body


def test_nothing_written_becomes_a_tag_or_a_script() -> None:
    body = parts("a <script>x</script> [a](javascript:x) [c](/rules)\n\n<b>b</b>")[0].body
    assert "<script" not in body
    assert "<b" not in body
    assert body.count("<a ") == 1
    assert 'href="/rules"' in body


def test_every_link_of_the_reference_leads_to_a_heading() -> None:
    found = parts(reference(), without_foreign_quotes=True)
    html = "".join(str(each.body) for each in found)
    names = {each.id for each in found} | set(re.findall(r'<h\d id="([^"]+)"', html))
    assert len(found) > 30
    assert {unquote(name) for name in re.findall(r'href="#([^"]+)"', html)} <= names
    assert "```" not in html
    assert not re.search(r"<p>[^<]*\|", html), "every table is a table"
