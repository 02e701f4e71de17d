"""`python -m tocsin.cli`: what the supervisor runs."""

from tocsin.cli import main

main()
