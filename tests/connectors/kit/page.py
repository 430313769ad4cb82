"""docs/connectors.md from its text and the files it shows.

`python -m tests.connectors.kit.page` rewrites the shown parts; a test fails when that was forgotten.
"""

import ast
import re
from pathlib import Path

ROOT = Path(__file__).parents[3]
PAGE = ROOT / "docs" / "connectors.md"


def rendered(text: str) -> str:
    """The page with every shown file and the list of tests as they are now."""
    shown = re.sub(
        r"```python\n# (\S+)\n.*?```",
        lambda block: f"```python\n# {block[1]}\n{(ROOT / block[1]).read_text(encoding='utf-8')}```",
        text,
        flags=re.DOTALL,
    )
    listed = r"(What is tested:\n\n).*?\n\n(?=What a bad day)"
    return re.sub(listed, lambda part: f"{part[1]}{_tests()}\n\n", shown, flags=re.DOTALL)


def _tests() -> str:
    """One line per test of the kit: its name in words and the first line of its docstring."""
    lines = []
    for path in sorted(Path(__file__).parent.glob("test_*.py")):
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.FunctionDef) and "peer" in {argument.arg for argument in node.args.args}:
                about = (ast.get_docstring(node) or "").split("\n")[0]
                lines.append(f"- {node.name.removeprefix('test_').replace('_', ' ')}" + (f": {about}" if about else ""))
    return "\n".join(lines)


if __name__ == "__main__":
    PAGE.write_text(rendered(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
