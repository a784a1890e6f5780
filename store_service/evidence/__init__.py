"""The proof: canonical bytes, the Merkle tree, checkpoints, keys, proofs, signed snapshots.

Pure: (head, bytes) → (head, leaf). No clock, no database, no network; only `keys.py` touches files.
"""
