"""docs/operations.md names only metrics that INFO has, in the section where it has them."""

import re

from broker_process import ROOT

ROW = re.compile(r"^\| `([a-z_]+)` \| ([a-z]+) \|", re.MULTILINE)


def test_every_metric_that_the_operators_guide_names_is_in_its_section_of_info(broker):
    rows = ROW.findall((ROOT / "docs/operations.md").read_text())
    assert rows
    for field, section in rows:
        names = {line.split(":")[0] for line in broker.call("INFO", section).splitlines() if ":" in line}
        assert field in names, f"INFO {section} has no {field}"
