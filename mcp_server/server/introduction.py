"""The server's name and instructions. Standard library only: a first start sends them before the SDK is installed."""

NAME = "ops"
TITLE = "Fleet operations"
INSTRUCTIONS = (
    "Operates a fleet of coding agents on one host: logins, configs, runbooks, incidents, audits. "
    "Before troubleshooting, call index_check with the error line or a few words; "
    "match false means nothing is documented. "
    "fleet_audit reports what is wrong now, each finding with its next step. "
    "config_sync takes the digest of config_plan. "
    "Logins are Claude Max OAuth only. Every error names one next step: do that, or ask the human."
)
