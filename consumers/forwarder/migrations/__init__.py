"""Migrations of the forwarder's database (Alembic), applied whenever it is opened."""
