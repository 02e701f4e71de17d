"""tocsin/runtime"""
