"""Search in both languages: in Chinese, two neighbouring characters are taken for a word."""

from __future__ import annotations

import re

from sphinx.search.en import SearchEnglish

__all__ = ["SearchEnglishAndChinese"]

_HAN = "\u4e00-\u9fff"
_RUNS = re.compile(f"[{_HAN}]+|[^{_HAN}]+")

# The same for what readers type; of a single character there are no two.
_SPLITTER = """\
function splitQuery(query) {
  const words = query.match(/[\\p{Letter}\\p{Number}_]+/gu) || [];
  const runs = words.flatMap((word) => word.match(/[\\u4e00-\\u9fff]+|[^\\u4e00-\\u9fff]+/g));
  return runs.flatMap((run) => {
    if (run.length < 3 || !/[\\u4e00-\\u9fff]/.test(run)) return [run];
    return Array.from({ length: run.length - 1 }, (_, k) => run.slice(k, k + 2));
  });
}
"""


class SearchEnglishAndChinese(SearchEnglish):
    """English words and their stems, Chinese characters and pairs of them."""

    lang = "en-zh"
    js_splitter_code = _SPLITTER

    def split(self, input: str) -> list[str]:
        runs = [run for word in super().split(input) for run in _RUNS.findall(word)]
        return [part for run in runs for part in _parts(run)]


def _parts(run: str) -> list[str]:
    if not re.match(f"[{_HAN}]", run):
        return [run]
    return [*run, *(run[k : k + 2] for k in range(len(run) - 1))]
