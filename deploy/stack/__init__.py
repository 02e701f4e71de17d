"""deploy/stack"""
