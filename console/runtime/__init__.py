"""The parts that `make run` and the tests start: PostgreSQL, Keycloak, web and worker.

Until `.venv` exists only the standard library is imported (`checks`, `install`, `steps`, `problem`).
"""
