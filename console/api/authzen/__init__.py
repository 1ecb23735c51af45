"""OpenID AuthZEN Authorization API 1.0: decisions and searches for other services."""
