"""Reports: each module shows a result in one format."""
