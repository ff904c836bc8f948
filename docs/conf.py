"""The documentation site: ``sphinx-build -W docs build/docs``, read offline.

The English pages are the ones that are read on GitHub. The tutorial and the layouts are there in
Chinese too, as pages of their own in ``zh/``: a translation sentence by sentence would have to
follow the English order of thoughts, could not use the terms and notation that Chinese readers know
from *Dive into Deep Learning*, and could not be read in the repository.
"""

import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT / "src"), str(ROOT)]

project = "gradform"
author = "the authors of gradform"
language = "en"
exclude_patterns = ["extension"]
nitpicky = True
smartquotes = False  # x' is a transpose

extensions = ["myst_parser", "docs.extension.site"]
myst_enable_extensions = ["colon_fence", "dollarmath"]
myst_heading_anchors = 3

html_theme = "furo"
html_title = "gradform"
html_copy_source = False
html_use_index = False
html_show_copyright = False
html_show_sphinx = False
html_static_path = ["static", "../src/gradform/web/page/vendor"]
html_search_language = "en-zh"
html_math_renderer = "katex"
html_css_files = ["gradform.css"]
html_js_files = ["offline.js"]
