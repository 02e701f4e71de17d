"""streams/matching"""
