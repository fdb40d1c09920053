"""The portal's own Markdown on a page: what it writes, and nothing that a page would run."""

from __future__ import annotations

import re

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


def test_each_part_stands_under_its_heading_and_is_found_by_links() -> None:
    opening, first, second = parts(TEXT, without_foreign_quotes=True)
    assert opening.body == (
        "<p>はじめに <code>a &lt; b</code> と<strong><code>太字</code></strong> のこと。</p>"
    )
    assert (first.title, first.id, second.id) == ("種類 (one)", "種類-one", "種類-one-1")
    assert "programmers" not in first.body
    assert "<blockquote><p>園の人も読みます。</p></blockquote>" in first.body
    assert (
        '<tr><th scope="row"><code>min</code></th><td data-label="意味"><div>表 → '
        '<a href="#limit">Limit</a><br>か <code>a|b</code></div></td></tr>'
    ) in first.body
    assert "<ul><li>1つめの続き</li><li>2つめ</li></ul>" in first.body
    assert "<code>a = 1\n\n# &lt;b&gt;</code>" in first.body
    assert "<h4 id='limit'>Limit</h4>" in first.body
    assert "For programmers alone." in parts(TEXT)[1].body


def test_nothing_written_becomes_a_tag_or_a_script() -> None:
    body = parts("<script>x</script> [a](javascript:x) [b](//else.where) [c](/rules)")[0].body
    assert "<script" not in body
    assert body.count("<a ") == 1
    assert 'href="/rules"' in body


def test_every_link_of_the_reference_leads_to_a_heading() -> None:
    found = parts(reference(), without_foreign_quotes=True)
    html = "".join(str(each.body) for each in found)
    names = {each.id for each in found} | set(re.findall(r"<h\d id='([^']+)'", html))
    assert len(found) > 30
    assert set(re.findall(r'href="#([^"]+)"', html)) <= names
    assert "```" not in html
    assert not re.search(r"<p>[^<]*\|", html), "every table is a table"
