"""The pages: built without a warning, found within two clicks of the README, no pages that nobody links to."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
LINK = re.compile(r"\]\(([^)#\s]+)(?:#[^)]*)?\)")


def links(page: Path) -> set[Path]:
    found = set()
    for target in LINK.findall(page.read_text(encoding="utf-8")):
        if "://" not in target and not target.startswith("mailto:"):
            found.add((page.parent / target).resolve())
    return found


def test_every_link_leads_somewhere():
    pages = [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")]
    broken = [(page.name, str(target)) for page in pages for target in links(page) if not target.exists()]
    assert broken == []


def test_every_test_and_folder_of_ours_that_a_page_names_exists():
    named = re.compile(
        r"\b((?:tests|schemas|streams|producers|consumers|deploy|benchmarks|examples)/[\w./-]+)|\b(test_\w+\.py)\b"
    )
    known = {path.name for path in ROOT.glob("tests/**/test_*.py")}
    missing = []
    for page in [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")]:
        for path, test in named.findall(page.read_text(encoding="utf-8")):
            place = path.rstrip("./")
            if (path and not (ROOT / place).exists()) or (test and test not in known):
                missing.append((page.name, path or test))
    assert missing == []


def test_every_page_is_within_two_clicks_of_the_readme():
    start = ROOT / "README.md"
    first = links(start)
    second = {target for page in first if page.suffix == ".md" for target in links(page)}
    near = {page for page in first | second if page.suffix == ".md"}
    far = [page for page in ROOT.glob("docs/**/*.md") if page.resolve() not in near]
    assert far == []


def test_the_site_builds_without_a_warning(tmp_path):
    shutil.copy(ROOT / "zensical.toml", tmp_path)
    shutil.copytree(ROOT / "docs", tmp_path / "docs")
    tool = Path(sys.executable).parent / "zensical"
    done = subprocess.run([tool, "build", "--strict"], cwd=tmp_path, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stdout + done.stderr
    assert (tmp_path / "site" / "index.html").is_file()
    assert "fonts.googleapis" not in (tmp_path / "site" / "index.html").read_text()  # nothing is fetched from elsewhere
