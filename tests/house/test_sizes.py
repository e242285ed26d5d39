"""No function is long or has many branches."""

import ast
from collections.abc import Iterator
from pathlib import Path

from b24app.config import PROJECT

LONGEST = 40
MOST_BRANCHES = 10
Function = ast.FunctionDef | ast.AsyncFunctionDef
BRANCHES = (ast.If, ast.IfExp, ast.For, ast.While, ast.ExceptHandler, ast.Assert, ast.match_case)


def functions(*folders: str) -> Iterator[tuple[str, Function]]:
    for folder in folders:
        for path in sorted((PROJECT / folder).rglob("*.py")):
            if "node_modules" not in path.parts:
                yield from of_file(path)


def of_file(path: Path) -> Iterator[tuple[str, Function]]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, Function):
            yield f"{path.relative_to(PROJECT)}: {node.name}", node


def inside(node: ast.AST) -> Iterator[ast.AST]:
    """What is in a function, apart from the functions in it, which count for themselves."""
    for child in ast.iter_child_nodes(node):
        yield child
        if not isinstance(child, Function):
            yield from inside(child)


def branches(function: Function, counted: tuple[type[ast.AST], ...] = BRANCHES) -> int:
    """Cyclomatic complexity as Radon counts it: unlike Ruff, with comprehensions, `and`, `or` and `else` of loops."""
    count = 1
    for node in inside(function):
        count += isinstance(node, counted)
        if isinstance(node, ast.comprehension):
            count += 1 + len(node.ifs)
        elif isinstance(node, ast.BoolOp):
            count += len(node.values) - 1
        elif isinstance(node, ast.For | ast.While | ast.Try):
            count += bool(node.orelse)
    return count


def test_no_function_is_longer_than_a_page() -> None:
    lengths = {
        name: (node.end_lineno or 0) - node.lineno + 1 for name, node in functions("b24app", "devportal", "tests")
    }
    lengths |= {name: (node.end_lineno or 0) - node.lineno + 1 for name, node in functions("migrations")}
    assert len(lengths) > 1000
    assert {name: length for name, length in lengths.items() if length > LONGEST} == {}


def test_no_function_of_the_program_has_many_branches() -> None:
    counts = {name: branches(node) for name, node in functions("b24app", "devportal", "migrations")}
    assert len(counts) > 1000
    assert {name: count for name, count in counts.items() if count > MOST_BRANCHES} == {}


def test_nor_has_one_of_the_tests_in_which_what_is_claimed_is_no_branch() -> None:
    counted = tuple(kind for kind in BRANCHES if kind is not ast.Assert)
    counts = {name: branches(node, counted) for name, node in functions("tests")}
    assert len(counts) > 1000
    assert {name: count for name, count in counts.items() if count > MOST_BRANCHES} == {}


def test_every_kind_of_branch_counts() -> None:
    source = """
def many(rows):
    for row in rows:
        if row and row.a or row.b:
            return [one if one else 0 for one in row if one]
    else:
        assert rows
    try:
        return 0
    except ValueError:
        return 1
"""
    (function,) = ast.parse(source).body
    assert isinstance(function, ast.FunctionDef)
    assert branches(function) == 1 + (1 + 1) + (1 + 2) + (2 + 1) + 1 + 1
