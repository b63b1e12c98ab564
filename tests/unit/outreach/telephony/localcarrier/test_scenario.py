"""The scenario file is read strictly."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from outreach.errors import InputError
from outreach.telephony.localcarrier.scenario import Conversation, load_scenario, parse_scenario

NUMBER = "+8613800000001"


def test_a_full_scenario(tmp_path: Path) -> None:
    file = tmp_path / "scenario.yaml"
    file.write_text(
        f"""
format: 1
subscribers:
  "{NUMBER}": {{behaviour: answer, after_secs: 2, conversation: calm}}
agents:
  "+861055550001": {{}}
conversations:
  calm:
    debtor:
      - {{text: 喂, wait: false}}
      - {{wav: clips/reply.wav}}
    agent:
      - {{text: 您好, pause_secs: 0.2, rate_wpm: 180}}
      - {{suggested: true, say: 再见}}
faults:
  - {{at: callback, action: drop, match: ringing}}
""",
        "utf-8",
    )
    scenario = load_scenario(file)
    talk = scenario.conversation_of(NUMBER)
    assert talk.debtor[1].wav == str(tmp_path / "clips" / "reply.wav")
    assert talk.agent[1].words == "再见"
    assert scenario.conversation_of("+8613800000009") == Conversation()


@pytest.mark.parametrize(
    ("document", "where"),
    [
        (None, "Expected `object`"),
        ({}, "format"),
        ({"format": 2}, "format"),
        ({"format": 1, "subscribers": {"13800": {}}}, "subscribers"),
        ({"format": 1, "subscribers": {NUMBER: {"behaviour": "sings"}}}, "behaviour"),
        ({"format": 1, "subscribers": {NUMBER: {"after_secs": -1}}}, "after_secs"),
        ({"format": 1, "subscribers": {NUMBER: {"conversation": "missing"}}}, "missing"),
        ({"format": 1, "conversations": {"a": {"agent": [{"txt": "x"}]}}}, "txt"),
        ({"format": 1, "conversations": {"a": {"agent": [{}]}}}, "conversations.a.agent[0]"),
        ({"format": 1, "conversations": {"a": {"agent": [{"suggested": True}]}}}, "expected say"),
        ({"format": 1, "faults": [{"at": "media", "action": "rate_limited"}]}, "faults[0].action"),
        ({"format": 1, "faults": [{"at": "media", "action": "drop", "probability": 2}]}, "probability"),
    ],
)
def test_a_mistake_names_its_place(document: Any, where: str) -> None:
    with pytest.raises(InputError) as refused:
        parse_scenario(document, source="demo.yaml")
    assert refused.value.code == "input.scenario"
    assert "demo.yaml" in refused.value.message
    assert where in refused.value.message


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("format: 1\nformat: 1\n", "repeated key"),
        ("format: [", "not YAML"),
        ("format: 1\nseed: !!python/object:os.system x\n", "not YAML"),
    ],
)
def test_a_file_that_is_not_clean_yaml(tmp_path: Path, text: str, found: str) -> None:
    file = tmp_path / "scenario.yaml"
    file.write_text(text, "utf-8")
    with pytest.raises(InputError) as refused:
        load_scenario(file)
    assert found in refused.value.message


def test_a_file_that_cannot_be_read(tmp_path: Path) -> None:
    (tmp_path / "latin.yaml").write_bytes(b"format: \xff")
    for name in ("absent.yaml", "latin.yaml"):
        with pytest.raises(InputError) as refused:
            load_scenario(tmp_path / name)
        assert name in refused.value.message


def test_the_scenario_in_the_guide_is_a_scenario() -> None:
    guide = (Path(__file__).parents[5] / "docs" / "telephony.md").read_text("utf-8")
    example = guide.split("```yaml\n")[1].split("```")[0]
    assert "hang_up_after_secs" in example
    scenario = parse_scenario(yaml.safe_load(example))
    assert len(scenario.faults) == 5
    assert scenario.conversation_of(NUMBER).agent[1].suggested
