"""The alerting rules: right by promtool, built on metrics that exist, each with its tests and its runbook page."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import promql_parser as promql
import pytest
import yaml

import deploy
from deploy.doctor.judging import PAGES_OF_ITS_OWN
from tests.deploy.prometheus.declarations import assert_declared
from tests.deploy.prometheus.expressions import measured
from tocsin.cli.metrics_page import PAGE, page

FOLDER = Path(deploy.__file__).parent / "prometheus"
ROOT = FOLDER.parents[1]
RUNBOOKS = ROOT / "docs" / "runbooks"
INDEX = RUNBOOKS.with_suffix(".md")


def rules() -> list[dict[str, Any]]:
    document = yaml.safe_load((FOLDER / "rules.yml").read_text())
    return [rule for group in document["groups"] for rule in group["rules"]]


RULES = {rule["alert"]: rule for rule in rules()}
PAGES = (*RULES, *PAGES_OF_ITS_OWN)


def promtool(*arguments: str) -> None:
    tool = shutil.which("promtool")
    if tool is None:
        pytest.skip("promtool is not installed (Debian: prometheus)")
    done = subprocess.run([tool, *arguments], capture_output=True, text=True, cwd=FOLDER, timeout=60)
    assert done.returncode == 0, done.stdout + done.stderr


def test_promtool_accepts_the_rules() -> None:
    promtool("check", "rules", "rules.yml")


def test_every_rule_fires_on_its_trouble_and_not_without_it() -> None:
    promtool("test", "rules", "rules_test.yml")


def test_no_rule_is_without_a_test_that_it_fires() -> None:
    document = yaml.safe_load((FOLDER / "rules_test.yml").read_text())
    fired = {
        case["alertname"] for test in document["tests"] for case in test["alert_rule_test"] if case.get("exp_alerts")
    }
    assert fired == set(RULES)


@pytest.mark.parametrize("name", RULES)
def test_a_rule_is_built_on_what_processes_show(name: str) -> None:
    assert_declared(RULES[name]["expr"])


def test_a_metric_label_or_value_that_does_not_exist_is_found() -> None:
    for wrong in (
        "rate(tocsin_task_recods_total[5m])",
        "sum by (country) (tocsin_task_records_total)",
        'tocsin_task_records_total{stage="sighting"}',
        "tocsin_task_records",
    ):
        with pytest.raises(AssertionError):
            assert_declared(wrong)


def test_what_an_expression_measures_is_seen_without_its_limits() -> None:
    found = measured("(sum(a) > 3 and on () max(b) < 2) unless c")
    assert found == [promql.parse(one).prettify() for one in ("sum(a)", "max(b)", "c")]


@pytest.mark.parametrize("name", RULES)
def test_a_rule_says_how_urgent_it_is_what_happened_and_where_to_read_on(name: str) -> None:
    rule = RULES[name]
    assert rule["labels"] == {"severity": rule["labels"]["severity"]}
    assert rule["labels"]["severity"] in ("page", "ticket")
    assert set(rule["annotations"]) == {"summary", "description", "runbook_url"}
    assert rule["annotations"]["runbook_url"] == f"docs/runbooks/{name}.md"


def test_each_rule_has_a_page_and_each_page_a_rule_or_is_the_doctors() -> None:
    assert {path.stem for path in RUNBOOKS.glob("*.md")} == set(PAGES)


@pytest.mark.parametrize("name", PAGES)
def test_a_page_answers_the_four_questions_and_links_to_pages_that_exist(name: str) -> None:
    text = (RUNBOOKS / f"{name}.md").read_text()
    titles = re.findall(r"^#+ (.+)$", text, re.M)
    assert titles == [name, "What it means", "Who is affected", "How to look", "What to do"]
    for linked in re.findall(r"\]\(([^)]+)\)", text):
        assert (RUNBOOKS / linked).exists(), linked


def test_the_list_of_pages_has_each_with_its_urgency() -> None:
    listed = dict(re.findall(r"^\| \[(\w+)\]\(runbooks/\1\.md\) \| (page|ticket) \|", INDEX.read_text(), re.M))
    assert set(listed) == set(PAGES)
    assert {name: listed[name] for name in RULES} == {name: rule["labels"]["severity"] for name, rule in RULES.items()}


def test_the_page_of_metrics_is_made_from_the_declarations() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "make schemas"
