"""The one detector of logins and keys: for records, logs, configs, notices, commits and git's hooks."""
