"""A build with a mistake in a page fails, says where and why, and goes on failing until the page is mended."""

import re

from smallbook import SmallBook

MISTAKES = r"""# Opening

A formula that does not end, $\frac{1$.

$$ e^{i\pi} + 1 = \undefinedmacro $$

See $\eqref{absent}$ and [a page](absent.md).

```{code-cell} python3
def reciprocal(x):
    return 1 / x

reciprocal(0)
```
"""


def test_every_mistake_is_named(small_book: SmallBook) -> None:
    small_book.page("intro", MISTAKES)
    for attempt in ("first", "second"):
        refused = small_book.build()
        assert refused.returncode == 1, attempt
        for words in (
            "WARNING: KaTeX parse error: Unexpected end of input",
            "undefinedmacro",
            "no equation has the label 'absent'",
            "target not found: 'absent.md'",
            "def reciprocal(x):",
            "ZeroDivisionError: division by zero",
            "The site was not built",
        ):
            assert words in refused.stderr, f"{words!r} is not in the {attempt} report:\n{refused.stderr}"
        assert re.search(r"intro\.md:\d+: WARNING: KaTeX", refused.stderr), "a mistake has no line"
        assert ".err.log" not in refused.stderr
    small_book.page("intro", "# Opening\n\nAll is well, $\\frac{1}{2}$.\n")
    mended = small_book.build()
    assert mended.returncode == 0, mended.stderr


def test_a_cell_that_warns_is_refused(small_book: SmallBook) -> None:
    small_book.page("intro", "# Opening\n\n```{code-cell} python3\nimport warnings\nwarnings.warn('unsteady')\n```\n")
    refused = small_book.build()
    assert refused.returncode == 1
    assert "unsteady" in refused.stderr or "stderr" in refused.stderr
