"""Pairs of names that are one person's, and hard ones that are not: what the matcher's quality is measured on."""
