"""One judge for each link of the chain."""
