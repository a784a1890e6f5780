"""What stands on a pack: its text, its layout as one bitmap per physical label, and the stock it is printed on."""
