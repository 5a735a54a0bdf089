"""A MkDocs hook: the pages under ``messages/``, one for each kind of diagnostic, and their list.

The pages travel with the package (``src/everytale/messages``), where the tests try their examples; so they are not copied here.
"""

from pathlib import Path

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files

MESSAGES = Path(__file__).parents[1] / "src" / "everytale" / "messages"

INTRODUCTION = """# Messages

What `everytale check` can say of a story, each with an example that goes wrong and how to mend it.
The code in brackets after a message names its page.

"""


def on_files(files: Files, config: MkDocsConfig) -> Files:
    pages = {page.stem: page.read_text(encoding="utf-8") for page in sorted(MESSAGES.glob("*.md"))}
    rows = [f"- [`{code}`]({code}.md): {_title(text)}" for code, text in pages.items()]
    files.append(File.generated(config, "messages/index.md", content=INTRODUCTION + "\n".join(rows) + "\n"))
    for code, text in pages.items():
        files.append(File.generated(config, f"messages/{code}.md", content=text))
    return files


def _title(page: str) -> str:
    """The heading of a page."""
    return next((line.removeprefix("# ") for line in page.splitlines() if line.startswith("# ")), "")
