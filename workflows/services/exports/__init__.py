"""Taking records out of the house: who may ask, what goes in, how the bundle is made."""
