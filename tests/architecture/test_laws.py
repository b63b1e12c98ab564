"""Laws of the house that can be read from the source text."""

import ast
from datetime import date
from pathlib import Path

import pytest

from tests.architecture.test_imports import PACKAGES, modules

# Files that touch the outside say so with "(I/O)" in their docstring; everything else is a function of its arguments.
CLOCK_CALLS = {
    ("datetime", "now"), ("datetime", "utcnow"), ("datetime", "today"), ("date", "today"),
    ("time", "time"), ("time", "time_ns"), ("time", "sleep"),
}  # fmt: skip


def calls(tree: ast.AST) -> set[tuple[str, str]]:
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            owner = node.func.value
            label = owner.id if isinstance(owner, ast.Name) else owner.attr if isinstance(owner, ast.Attribute) else ""
            found.add((label, node.func.attr))
    return found


def all_modules() -> list[tuple[str, Path]]:
    return [pair for package in PACKAGES for pair in modules(package)]


def test_no_wall_clock_outside_io_files() -> None:
    wrong = []
    for name, path in all_modules():
        tree = ast.parse(path.read_text("utf-8"))
        if calls(tree) & CLOCK_CALLS and "(I/O)" not in (ast.get_docstring(tree) or ""):
            wrong.append(name)
    assert wrong == []


def test_policy_is_pure() -> None:
    outside = {"os", "socket", "requests", "httpx", "random", "secrets", "subprocess", "sqlalchemy"}
    wrong = []
    for name, path in modules("policy"):
        tree = ast.parse(path.read_text("utf-8"))
        if "(I/O)" in (ast.get_docstring(tree) or ""):
            continue
        names = {alias.name.split(".")[0] for n in ast.walk(tree) if isinstance(n, ast.Import) for alias in n.names}
        names |= {(n.module or "").split(".")[0] for n in ast.walk(tree) if isinstance(n, ast.ImportFrom)}
        if names & outside:
            wrong.append((name, names & outside))
    assert wrong == []


def test_only_the_gate_makes_a_clearance() -> None:
    makers = {
        name
        for name, path in all_modules()
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Call)
        and (getattr(node.func, "id", None) == "Clearance" or getattr(node.func, "attr", None) == "Clearance")
    }
    assert makers == {"outreach.dialer.gate"}


@pytest.mark.parametrize("method", ["place", "send_message"])
def test_every_carrier_method_that_reaches_a_person_demands_a_clearance(method: str) -> None:
    seen = 0
    for name, path in modules("outreach"):
        if not name.startswith("outreach.telephony"):
            continue
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.ClassDef) and "Carrier" in node.name:
                for item in node.body:
                    if isinstance(item, ast.FunctionDef | ast.AsyncFunctionDef) and item.name == method:
                        seen += 1
                        assert item.args.args[1].arg == "clearance", f"{name}.{node.name}.{method}"
    assert seen >= 2  # the port and at least one adapter


def test_no_statement_is_built_from_strings() -> None:
    """SQL is parameterised: text() takes a literal, never an f-string or a sum."""
    wrong = []
    for name, path in modules("outreach"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            called = getattr(node.func, "id", getattr(node.func, "attr", "")) if isinstance(node, ast.Call) else ""
            if called == "text" and node.args and isinstance(node.args[0], ast.JoinedStr | ast.BinOp):
                wrong.append((name, node.lineno))
    assert wrong == []


def test_no_swallowed_failures() -> None:
    """`except Exception: pass` hides an unended call; nothing in product code may do it."""
    wrong = []
    for name, path in all_modules():
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.ExceptHandler):
                broad = node.type is None or getattr(node.type, "id", "") in {"Exception", "BaseException"}
                if broad and all(isinstance(item, ast.Pass | ast.Continue) for item in node.body):
                    wrong.append((name, node.lineno))
    assert wrong == []


def test_modules_stay_readable() -> None:
    long = {name: lines for name, path in all_modules() if (lines := len(path.read_text("utf-8").splitlines())) > 400}
    assert long == {}


@pytest.mark.parametrize("pack", ["cn", "in-rbi", "uk-conc7", "us-reg-f"])
def test_violation_labels_are_the_same_on_both_sides(pack: str) -> None:
    """The law's categories and the detectors' labels are one vocabulary (data/labels): graded and cited, every day."""
    from nlp.labels import ViolationKind
    from policy.book import SEVERITIES
    from policy.duties import prohibited_statements
    from policy.schema import load_rulebook

    book = load_rulebook()
    assert pack in book.packs
    for day in (book.packs[pack].covers_from, date(2026, 11, 23), date(2027, 6, 1)):
        statements = prohibited_statements(book, pack, day)
        named = {label for statement in statements for label in statement.category.labels}
        assert named == {kind.value for kind in ViolationKind}
        assert all(statement.category.severity in SEVERITIES for statement in statements)
        assert all(citation.source.link for statement in statements for citation in statement.citations)
        assert all(statement.citations for statement in statements)


def test_every_pack_is_held_to_the_labels() -> None:
    """A pack added later joins the test above, or this one fails."""
    from policy.schema import load_rulebook

    assert set(load_rulebook().packs) == {"cn", "in-rbi", "uk-conc7", "us-reg-f"}
