"""tocsin"""
