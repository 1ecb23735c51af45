"""The gateway: everything that is said to Keycloak is said here, over `console.transport`.

Errors leave this package as `Temporary`, `Permanent` or `Unknown`, each with a sentence.
"""
