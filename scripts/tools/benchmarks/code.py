"""How long codebases take to be read: one small root, large roots, and many of them."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from sg_alarm.readers.terraform import read_code, read_root

_ALARM = """
resource "aws_cloudwatch_log_metric_filter" "sg" {
  name           = "sg"
  log_group_name = "trail"
  pattern        = "{ ($.eventName = CreateSecurityGroup) || ($.eventName = DeleteSecurityGroup) }"
  metric_transformation {
    name      = "Changes"
    namespace = "Security"
    value     = "1"
  }
}
resource "aws_cloudwatch_metric_alarm" "sg" {
  alarm_name          = "sg"
  metric_name         = aws_cloudwatch_log_metric_filter.sg.metric_transformation[0].name
  namespace           = "Security"
  statistic           = "Sum"
  period              = 300
  evaluation_periods  = 1
  threshold           = 1
  comparison_operator = "GreaterThanOrEqualToThreshold"
  alarm_actions       = [aws_sns_topic.alarms.arn]
}
resource "aws_sns_topic" "alarms" {
  name = "alarms"
}
"""

# What the other files of a codebase hold: about as much as people write into one.
_OTHER = """
variable "subnets_{n}" {{
  type    = list(string)
  default = ["10.{n}.1.0/24", "10.{n}.2.0/24"]
}}
locals {{
  tags_{n} = merge({{ Name = "net-{n}" }}, {{ for k in ["Team", "Stage"] : k => lower(k) }})
}}
resource "aws_vpc" "net_{n}" {{
  cidr_block = "10.0.0.0/16"
  tags       = local.tags_{n}
}}
resource "aws_subnet" "net_{n}" {{
  for_each   = toset(var.subnets_{n})
  vpc_id     = aws_vpc.net_{n}.id
  cidr_block = each.value
  tags       = local.tags_{n}
}}
resource "aws_security_group" "net_{n}" {{
  name   = "net-{n}"
  vpc_id = aws_vpc.net_{n}.id
  dynamic "ingress" {{
    for_each = [80, 443]
    content {{
      from_port   = ingress.value
      to_port     = ingress.value
      protocol    = "tcp"
      cidr_blocks = ["10.0.0.0/8"]
    }}
  }}
}}
"""


def rows() -> Iterator[tuple[str, str]]:
    """Yield wall times."""
    with tempfile.TemporaryDirectory() as folder:
        small = write_codebase(Path(folder) / "small", 1, 2)
        read_root(small / "root-0", "small")
        started = time.perf_counter()
        read_root(small / "root-0", "small")
        yield "a small root", f"{(time.perf_counter() - started) * 1000:.0f} ms"
        for roots, files in ((1, 2), (1, 100), (1, 1_000), (200, 25)):
            where = write_codebase(Path(folder) / f"{roots}-{files}", roots, files)
            started = time.perf_counter()
            readings = read_code(where)
            seconds = time.perf_counter() - started
            assert len(readings) == roots
            yield f"{roots * files:,} files in {roots} root{'s' * (roots > 1)}", f"{seconds:.2f} s"


def write_codebase(where: Path, roots: int, files: int) -> Path:
    """Write root modules with so many files each; return their folder."""
    for root in range(roots):
        folder = where / f"root-{root}"
        folder.mkdir(parents=True)
        (folder / "alarm.tf").write_text(_ALARM)
        for number in range(files - 1):
            (folder / f"net_{number}.tf").write_text(_OTHER.format(n=number))
    return where
