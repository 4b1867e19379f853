"""Readers: encrypted files as the settings of frameworks (docs/frameworks.md).

A module each; it imports its framework, and nothing else of yamlvault imports it.
"""
