"""The access graph: every right is a path of grant edges, and every question is asked of the paths.

Pure Python: no Django, no HTTP, no clock, no settings.
"""
