"""sg-alarm: nobody changes an AWS security group unseen."""

__version__ = "0.1.0"
