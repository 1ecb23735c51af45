"""What programs use: API tokens, decisions by OpenID AuthZEN, and the REST API."""
