"""Files as an enemy, a broken disk or a tired clerk would send them: readers, and how files are spoilt."""
