"""The reader of Terraform code: lexer, parser, evaluator, module, root, in this order.

:func:`read_code` reads every root module below a folder. Needs nothing but the standard library, so that it
can run inside other programs.
"""

from sg_alarm.readers.files import Files
from sg_alarm.readers.terraform.config import Loader, roots_below
from sg_alarm.readers.terraform.root import read_code, read_root, read_roots

__all__ = ["Files", "Loader", "read_code", "read_root", "read_roots", "roots_below"]
