"""Alerts to bureaus' own systems: signed webhooks and e-mail, retried for a day, each attempt in a ledger."""
