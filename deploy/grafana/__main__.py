"""Writes the dashboards."""

from deploy.grafana.overview import FILE, as_json

FILE.write_text(as_json(), encoding="utf-8")
