"""The Grafana dashboards as code: `python -m deploy.grafana` writes them. Needs grafana-foundation-sdk (extra dev)."""
