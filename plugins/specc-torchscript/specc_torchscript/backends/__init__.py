"""One component per file; the file name is the name in a spec."""
