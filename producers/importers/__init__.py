"""producers/importers"""
