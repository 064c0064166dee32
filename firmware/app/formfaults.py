"""What is wrong with a form, in the owner's language."""

import textfile


def text(word, language):
    """The sentence for a word, or for the key of a setting; that of "nonsense" for one that has none."""
    return _line(f"{word} {language} ") or _line(f"nonsense {language} ")


def _line(begin):
    return textfile.first(__file__, "formfaults.txt", begin)
