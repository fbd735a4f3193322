"""The representation to files: views, templates, formatted source, and the package on disk."""
