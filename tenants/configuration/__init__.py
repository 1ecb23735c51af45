"""The configuration of a realm on pages: lists, details and forms, all from the registry of kinds."""
