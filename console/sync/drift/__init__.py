"""Drift: where Keycloak holds something else than what is declared, applied or accepted."""
