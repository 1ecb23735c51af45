"""HTTP manners without a domain word: pages and their parts, tables, filters, forms, tags."""

from console.web.pages import client_redirect, is_partial, render_page

__all__ = ["client_redirect", "is_partial", "render_page"]
