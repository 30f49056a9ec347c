"""What CloudWatch alarms do."""
