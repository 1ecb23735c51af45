"""What is worked out once and kept: the structure of a realm, and what each part of it effectively has."""
