"""What can be said about a tool's code without running it. Pure.

This is no defence: the sandbox is. It finds early, and in words that a model can act on, what could not work.
"""

import ast
import importlib.util
import ipaddress
import re
import sys
from collections.abc import Iterator, Sequence
from typing import Any

_NAME = re.compile(r"^[a-z][a-z0-9]*(-[a-z0-9]+){0,7}$")
_MAX_NAME, _MAX_DESCRIPTION, _SHORTEST_DESCRIPTION = 50, 1_000, 20
_HOST = re.compile(r"^(?=.{4,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]*[a-z0-9]$")
_MOST_HOSTS = 8
_NO_NETWORK = "there is no network unless `hosts` are named"
_NEEDS_HOSTS = frozenset({"http", "ssl", "httpx", "requests"})
_POINTLESS = {
    **dict.fromkeys(("socket", "ftplib", "smtplib", "asyncio", "aiohttp", "websockets"), "use httpx"),
    **dict.fromkeys(("subprocess", "multiprocessing", "ctypes"), "a tool computes in its own process"),
    **dict.fromkeys(("brain", "agentops", "ledger", "gateway", "strands"), "it is not part of a tool"),
}
_DYNAMIC = frozenset({"eval", "exec", "compile", "__import__", "input", "breakpoint"})
_TYPES = {"str": "string", "int": "integer", "float": "number", "bool": "boolean"}
_HOW = "Write `def run(text: str, limit: int = 10) -> dict:`"


def problems_of(name: str, description: str, tool: str, tests: str, hosts: Sequence[str] = ()) -> list[str]:
    """What is wrong with a draft, each in a sentence; empty: nothing that can be seen."""
    return [*_of_head(name, description), *_of_hosts(hosts), *_of_tool(tool, hosts), *_of_tests(tests, hosts)]


def signature_of(tool: str) -> dict[str, Any]:
    """JSON Schema of the arguments of `run`.

    Raises:
        ValueError: there is no `run` whose arguments a model could give; the message says why.
    """
    run = _run_of(ast.parse(tool))
    given = run.args
    if given.vararg or given.kwarg or given.posonlyargs:
        raise ValueError(f"`run` must name each argument. {_HOW}.")
    described = [*given.args, *given.kwonlyargs]
    needed = [one.arg for one in given.args[: len(given.args) - len(given.defaults)]]
    needed += [
        one.arg for one, default in zip(given.kwonlyargs, given.kw_defaults, strict=True) if default is None
    ]
    properties = {one.arg: _schema_of(one.annotation, one.arg) for one in described}
    return {"type": "object", "properties": properties, "required": needed, "additionalProperties": False}


def _of_head(name: str, description: str) -> Iterator[str]:
    if not _NAME.match(name) or len(name) > _MAX_NAME:
        yield f"The name {name[:60]!r} has to be like `convert-readings`: small letters, digits, hyphens."
    if not _SHORTEST_DESCRIPTION <= len(description) <= _MAX_DESCRIPTION:
        yield "The description has to say in one to three sentences what the tool does and when to use it."


def _of_hosts(hosts: Sequence[str]) -> Iterator[str]:
    if len(hosts) > _MOST_HOSTS:
        yield f"At most {_MOST_HOSTS} hosts can be named."
    for host in hosts:
        if not _HOST.match(host) or _is_address(host):
            yield f"hosts: {host[:60]!r} has to be a whole name in small letters, such as `api.example.org`."


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def _of_tool(tool: str, hosts: Sequence[str]) -> Iterator[str]:
    try:
        tree = ast.parse(tool)
        signature_of(tool)
        if not ast.get_docstring(_run_of(tree)):
            yield "`run` needs a docstring that describes its arguments and what it returns."
    except SyntaxError as error:
        yield f"scripts/tool.py, line {error.lineno}: {error.msg}."
        return
    except ValueError as error:
        yield str(error)
        return
    yield from _of_imports(tree, "scripts/tool.py", known=_reaching(hosts))
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in _DYNAMIC:
            yield f"scripts/tool.py, line {node.lineno}: do without `{node.func.id}`."


def _reaching(hosts: Sequence[str]) -> frozenset[str]:
    return _NEEDS_HOSTS if hosts else frozenset()


def _of_tests(tests: str, hosts: Sequence[str]) -> Iterator[str]:
    try:
        tree = ast.parse(tests)
    except SyntaxError as error:
        yield f"tests/test_tool.py, line {error.lineno}: {error.msg}."
        return
    cases = [
        node
        for node in tree.body
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and node.name.lower().startswith("test")
    ]
    if not cases or not any(isinstance(node, ast.Assert) for case in cases for node in ast.walk(case)):
        yield "tests/test_tool.py needs at least one function `test_…` that asserts what `run` returns."
    if not any(
        (isinstance(node, ast.ImportFrom) and node.module == "tool")
        or (isinstance(node, ast.Import) and any(alias.name == "tool" for alias in node.names))
        for node in ast.walk(tree)
    ):
        yield "tests/test_tool.py has to import the tool: `from tool import run`."
    yield from _of_imports(tree, "tests/test_tool.py", known=_reaching(hosts) | {"tool", "pytest"})


def _of_imports(tree: ast.Module, file: str, *, known: frozenset[str]) -> Iterator[str]:
    for node in ast.walk(tree):
        names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        if isinstance(node, ast.ImportFrom):
            names = [node.module or ""]
        for name in {one.split(".")[0] for one in names} - known:
            where = f"{file}, line {getattr(node, 'lineno', 0)}"
            if name in _NEEDS_HOSTS:
                yield f"{where}: do without `{name}`; {_NO_NETWORK}."
            elif name in _POINTLESS:
                yield f"{where}: do without `{name}`; {_POINTLESS[name]}."
            elif not _is_there(name):
                yield f"{where}: there is no module `{name}`; use the standard library, polars or numpy."


def _is_there(name: str) -> bool:
    return name in sys.stdlib_module_names or (bool(name) and importlib.util.find_spec(name) is not None)


def _run_of(tree: ast.Module) -> ast.FunctionDef:
    for node in tree.body:
        if isinstance(node, ast.FunctionDef) and node.name == "run":
            return node
    raise ValueError(f"scripts/tool.py has no function `run`. {_HOW}.")


def _schema_of(annotation: ast.expr | None, argument: str) -> dict[str, Any]:
    """Of str, int, float, bool, list, dict, and these with `| None`."""
    match annotation:
        case ast.Name(id=name) if name in _TYPES:
            return {"type": _TYPES[name]}
        case ast.Name(id="list"):
            return {"type": "array"}
        case ast.Name(id="dict") | ast.Subscript(value=ast.Name(id="dict")):
            return {"type": "object"}
        case ast.Name(id="Any"):
            return {}
        case ast.Subscript(value=ast.Name(id="list"), slice=inner):
            return {"type": "array", "items": _schema_of(inner, argument)}
        case ast.BinOp(left=some, op=ast.BitOr(), right=ast.Constant(value=None)):
            return {"anyOf": [_schema_of(some, argument), {"type": "null"}]}
    raise ValueError(
        f"The argument `{argument}` of `run` has to be annotated with str, int, float, bool, list or dict."
    )
