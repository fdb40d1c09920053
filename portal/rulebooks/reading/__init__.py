"""Files that people write, in TOML or JSON, with the line of everything in them."""
