"""streams/stages"""
