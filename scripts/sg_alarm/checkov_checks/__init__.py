"""What ``checkov --external-checks-dir`` points to. One check, and nothing else that Checkov would load."""
