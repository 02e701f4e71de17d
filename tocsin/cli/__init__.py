"""tocsin/cli"""
