"""``python -m sg_alarm``."""

from .cli import main

main()
