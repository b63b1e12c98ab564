"""The import arrows of the house (docs/architecture.md), read from the source text."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("outreach", "speech", "nlp", "policy", "scripts")

# Layers of `outreach`, lowest first; a module may import its own layer's package or any lower layer named here.
LAYERS: dict[str, set[str]] = {
    "outreach.errors": set(),
    "outreach.clock": set(),
    "outreach.variables": {"outreach.errors"},
    "outreach.config": {"outreach.errors", "outreach.clock", "outreach.variables"},
    "outreach.db": {"outreach.errors", "outreach.clock", "outreach.config"},
    "outreach.ledger": {"outreach.errors", "outreach.clock", "outreach.config", "outreach.db"},
    "outreach.telephony": {"outreach.errors", "outreach.clock"},
    "outreach.cases": {"outreach.errors", "outreach.clock", "outreach.config", "outreach.db", "outreach.ledger"},
}
LAYERS["outreach.dialer"] = LAYERS["outreach.cases"] | {"outreach.cases", "outreach.telephony"}
LAYERS["outreach.monitor"] = LAYERS["outreach.cases"] | {"outreach.cases", "outreach.telephony"}
LAYERS["outreach.worker"] = LAYERS["outreach.dialer"] | {"outreach.dialer", "outreach.monitor"}
LAYERS["outreach.rehearing"] = LAYERS["outreach.worker"] | {"outreach.worker"}
LAYERS["outreach.timemachine"] = LAYERS["outreach.dialer"] | {"outreach.dialer"}
LAYERS["outreach.web"] = LAYERS["outreach.dialer"] | {"outreach.dialer", "outreach.monitor"}


def modules(package: str) -> Iterator[tuple[str, Path]]:
    for path in sorted((ROOT / package).rglob("*.py")):
        name = ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
        yield name, path


def imported(name: str, path: Path) -> set[str]:
    tree = ast.parse(path.read_text("utf-8"))
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                parts = name.split(".")
                parts = parts if path.name == "__init__.py" else parts[:-1]
                base = ".".join(parts[: len(parts) - node.level + 1] + ([base] if base else []))
            found |= {base} | {f"{base}.{alias.name}" for alias in node.names}
    return {item for item in found if item.split(".")[0] in PACKAGES}


def within(item: str, layer: str) -> bool:
    return item == layer or item.startswith(layer + ".")


@pytest.mark.parametrize("package", ["speech", "nlp", "policy"])
def test_siblings_know_nothing_of_each_other(package: str) -> None:
    wrong = {
        (name, item)
        for name, path in modules(package)
        for item in imported(name, path)
        if item.split(".")[0] != package
    }
    assert wrong == set()


def test_scripts_know_only_the_labels() -> None:
    wrong = {
        (name, item)
        for name, path in modules("scripts")
        for item in imported(name, path)
        if not within(item, "scripts") and item != "nlp" and not within(item, "nlp.labels")
    }
    assert wrong == set()


# Rooms of `policy`, lowest first; what stands in no room (facts, engine, loader) is used by all and uses no higher one.
POLICY_ROOMS = ("families", "overlays", "telling", "comparing", "commands")
POLICY_ENGINE = ("facts", "digest", "dated", "zones", "ruling", "law", "search", "evaluate", "scenario", "answer")


def test_rooms_of_policy_build_on_lower_ones_only() -> None:
    wrong = {
        (name, item)
        for name, path in modules("policy")
        for item in imported(name, path)
        for rank, room in enumerate(POLICY_ROOMS)
        if within(name, f"policy.{room}")
        and any(within(item, f"policy.{higher}") for higher in POLICY_ROOMS[rank + 1 :])
    }
    assert wrong == set()


def test_the_engine_knows_neither_people_nor_commands() -> None:
    wrong = {
        (name, item)
        for name, path in modules("policy")
        for item in imported(name, path)
        if name in {f"policy.{part}" for part in POLICY_ENGINE}
        and any(within(item, f"policy.{room}") for room in ("telling", "comparing", "commands"))
    }
    assert wrong == set()


@pytest.mark.parametrize("layer", sorted(LAYERS))
def test_arrows_inside_outreach_go_one_way(layer: str) -> None:
    allowed = LAYERS[layer] | {layer}
    wrong = {
        (name, item)
        for name, path in modules("outreach")
        if within(name, layer)
        for item in imported(name, path)
        if within(item, "outreach") and item != "outreach" and not any(within(item, ok) for ok in allowed)
    }
    assert wrong == set()


def test_only_the_composition_root_names_concrete_carriers() -> None:
    concrete = ("outreach.telephony.twilio", "outreach.telephony.localcarrier")
    roots = ("outreach.bootstrap", "outreach.demo", "outreach.telephony", "outreach.__main__", "outreach.doctor")
    wrong = {
        (name, item)
        for name, path in modules("outreach")
        if not any(within(name, root) for root in roots)
        for item in imported(name, path)
        if any(within(item, target) for target in concrete)
    }
    assert wrong == set()


@pytest.mark.parametrize("module", ["entry", "merkle", "checkpoint", "verify"])
def test_the_verifier_runs_without_the_rest_of_the_house(module: str) -> None:
    path = ROOT / "outreach" / "ledger" / f"{module}.py"
    name = f"outreach.ledger.{module}"
    mates = {f"outreach.ledger.{mate}" for mate in ("entry", "merkle", "checkpoint", "verify")}
    allowed = {"outreach", "outreach.errors", "outreach.ledger"} | mates
    wrong = {
        item
        for item in imported(name, path)
        if item not in allowed and not any(within(item, ok) for ok in mates | {"outreach.errors"})
    }
    assert wrong == set()


def test_scripts_is_our_own_package() -> None:
    import scripts

    assert Path(scripts.__file__ or "").resolve().is_relative_to(ROOT)
