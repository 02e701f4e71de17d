"""streams/stages/cases"""
