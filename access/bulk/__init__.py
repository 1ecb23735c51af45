"""What a bulk change means on the access side: reading files, naming columns, judging rows."""
