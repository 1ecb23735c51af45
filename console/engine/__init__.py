"""The engine: one formula, `plan(desired, actual)`, for preview, sync, drift, adoption and export.

Pure Python: no Django, no HTTP, no clock, no settings.
"""
