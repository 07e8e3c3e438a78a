"""The pieces of work a person starts in the panel: what each needs, does, and says of what it found."""
