"""The documents agree with the program: links lead somewhere, commands exist, every setting and dependency is there."""

import re
import tomllib
from importlib import import_module
from pathlib import Path

import pytest
import typer

from outreach.__main__ import COMMANDS
from outreach.config import VARIABLES

ROOT = Path(__file__).resolve().parents[2]
READMES = ("README.md", "README.zh-CN.md")
DOCUMENTS = [
    ROOT / name for name in (*READMES, "CHANGELOG.md", "benchmarks/README.md") if (ROOT / name).exists()
] + sorted((ROOT / "docs").rglob("*.md"))
LINK = re.compile(r"\]\(([^)\s]+)\)")
COMMAND = re.compile(r"(?:^|[`/ ])fairline (?P<name>[a-z][a-z-]*)(?: (?P<next>[^\s`]+))?", re.MULTILINE)


def code(text: str) -> str:
    """What stands in a document as code: indented and fenced blocks, and `spans`."""
    fenced = re.findall(r"^```[a-z]*\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    indented = re.findall(r"^ {4}(.*)$", text, re.MULTILINE)
    return "\n".join([*fenced, *indented, *re.findall(r"`[^`\n]+`", text)])


def anchors(text: str) -> set[str]:
    """The anchors a Markdown page offers for its headings."""
    headings = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_relative_links_lead_to_files_and_headings(document: Path) -> None:
    broken = []
    for target in LINK.findall(document.read_text("utf-8")):
        if re.match(r"[a-z]+:", target):
            continue
        path, _, anchor = target.partition("#")
        file = (document.parent / path).resolve() if path else document
        if not file.exists() or (anchor and anchor not in anchors(file.read_text("utf-8"))):
            broken.append(target)
    assert broken == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_commands_that_are_named_exist(document: Path) -> None:
    """`fairline X Y`: X is a command; where X has commands of its own, Y is one of them."""
    wrong = []
    for match in COMMAND.finditer(code(document.read_text("utf-8"))):
        name, following = match["name"], match["next"]
        if name not in COMMANDS:
            wrong.append(match[0].strip())
            continue
        module, attribute, _ = COMMANDS[name]
        command = typer.main.get_command(getattr(import_module(module), attribute))
        members = getattr(command, "commands", None)
        if members is not None and following is not None and following.strip(",.;:") not in {*members, "…", "--help"}:
            wrong.append(match[0].strip())
    assert wrong == []


def test_every_command_has_an_example_in_both_readmes() -> None:
    for readme in READMES:
        shown = {match["name"] for match in COMMAND.finditer(code((ROOT / readme).read_text("utf-8")))}
        assert set(COMMANDS) - shown == set(), readme


def test_import_takes_the_file_itself() -> None:
    """As every document says: `fairline import FILE`, not `fairline import import FILE`."""
    module, attribute, _ = COMMANDS["import"]
    command = typer.main.get_command(getattr(import_module(module), attribute))
    assert command.make_context("import", ["cases.csv"]).params["file"] == Path("cases.csv")


def test_every_setting_is_explained_to_operators() -> None:
    rows = re.findall(r"^\| `([A-Z_]+)` \|", (ROOT / "docs" / "operators.md").read_text("utf-8"), re.MULTILINE)
    assert sorted(rows) == sorted(VARIABLES)


def test_every_direct_dependency_is_weighed() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    wanted = [
        *project["dependencies"],
        *(item for extra in project["optional-dependencies"].values() for item in extra),
    ]
    names = {normal(re.split(r"[\[<>=!~ ;]", requirement)[0]) for requirement in wanted}
    rows = re.findall(r"^\| `([^`]+)` \|", (ROOT / "docs" / "dependencies.md").read_text("utf-8"), re.MULTILINE)
    assert {normal(name) for name in rows} == names
    assert len(rows) == len(names)


def test_versions_in_the_document_are_those_pinned() -> None:
    pinned = dict(
        line.strip().split("==") for line in (ROOT / "constraints.txt").read_text("utf-8").splitlines() if line
    )
    versions = {normal(name): version for name, version in pinned.items()}
    table = (ROOT / "docs" / "dependencies.md").read_text("utf-8")
    told = dict(re.findall(r"^\| `([^`]+)` \|[^|]*\| ([^|]+) \|", table, re.MULTILINE))
    assert {name: told[name] for name in told} == {name: versions.get(normal(name), "**not pinned**") for name in told}


def test_both_readmes_have_the_same_parts() -> None:
    english, chinese = ((ROOT / name).read_text("utf-8") for name in READMES)
    for part in (r"^#+ ", r"^\| ", r"^    \S", r"^\* ", r"!\[", r"^```"):
        found = [len(re.findall(part, text, re.MULTILINE)) for text in (english, chinese)]
        assert found[0] == found[1], part
    links = [{link for link in LINK.findall(text) if not link.endswith(".png")} for text in (english, chinese)]
    assert links[0] - {"README.zh-CN.md"} == links[1] - {"README.md"}


def test_column_names_of_the_import_are_explained() -> None:
    from outreach.cases.csv_file import OPTIONAL, REQUIRED

    table = (ROOT / "docs" / "integrators.md").read_text("utf-8")
    rows = dict(re.findall(r"^\| `([a-z_]+)` \| (yes|no) \|", table, re.MULTILINE))
    assert rows == dict.fromkeys(REQUIRED, "yes") | dict.fromkeys(OPTIONAL, "no")


def test_the_example_row_is_accepted() -> None:
    """The example in the guide is a file that imports without a complaint."""
    from datetime import date

    from outreach.cases.csv_file import read_table
    from outreach.cases.rows import CaseRow, check

    text = (ROOT / "docs" / "integrators.md").read_text("utf-8")
    example = re.findall(r"^```csv\n(debtor_reference.*?)^```", text, re.MULTILINE | re.DOTALL)[0]
    table = read_table(example.encode(), "example.csv")
    assert [type(check(record, date(2026, 11, 23))) for record in table.records] == [CaseRow]


def normal(name: str) -> str:
    """A distribution's name as package indexes compare it."""
    return re.sub(r"[-_.]+", "-", name).lower()
