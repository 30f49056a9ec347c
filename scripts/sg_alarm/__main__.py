"""``python -m sg_alarm``."""

from sg_alarm.cli.app import main

main()
