"""What can be wrong with evidence. Every error carries words for a person and none is ever swallowed here."""


class EvidenceError(ValueError):
    """The evidence offered does not hold; the base of all errors of this package."""


class NotCanonical(EvidenceError):
    """A value or its bytes are outside the restricted RFC 8785 form, or an entry is too large."""


class NoteRefused(EvidenceError):
    """A signed note is malformed, a trusted key's signature is wrong, or a required signature is absent."""


class ProofFails(EvidenceError):
    """An inclusion or consistency proof does not lead to the signed root, or a proof file is malformed."""


class KeyRefused(EvidenceError):
    """A key text or key file cannot be used; the words say what to do about it."""
