"""What the wire types say of their fields, which no schema carries: the strings below them."""

import ast
import inspect
import itertools
import textwrap
from collections.abc import Mapping

from agentops import wire


def docs_of(name: str) -> Mapping[str, str]:
    """By field; empty for what is no wire type. Fields of a base come with it."""
    kind = getattr(wire, name, None)
    if not inspect.isclass(kind):
        return {}
    found: dict[str, str] = {}
    for cls in reversed(kind.__mro__):
        if cls.__module__.startswith("agentops.wire"):
            found |= _fields(inspect.getsource(cls))
    return found


def summary_of(name: str) -> str:
    """The type's own docstring, if it has one that says more than its base's."""
    kind = getattr(wire, name, None)
    own = kind.__dict__.get("__doc__") if inspect.isclass(kind) else None
    return inspect.cleandoc(own) if own else ""


def _fields(source: str) -> dict[str, str]:
    tree = ast.parse(textwrap.dedent(source)).body[0]
    body = tree.body if isinstance(tree, ast.ClassDef) else []
    found = {}
    for field, text in itertools.pairwise(body):
        if not isinstance(field, ast.AnnAssign | ast.Assign) or not isinstance(text, ast.Expr):
            continue
        target = field.target if isinstance(field, ast.AnnAssign) else field.targets[0]
        if isinstance(target, ast.Name) and isinstance(text.value, ast.Constant):
            found[target.id] = " ".join(str(text.value.value).split())
    return found
