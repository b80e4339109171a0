"""Front tables from scenes and from published datasets, screened."""
