"""What `switchtax doctor` looks at: each part tells findings, none changes anything."""
