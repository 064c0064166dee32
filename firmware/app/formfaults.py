"""What is wrong with a form, in the owner's language."""

_FILE = "/formfaults.txt"


def text(word, language):
    """The sentence for a word, or for the key of a setting; that of "nonsense" for one that has none."""
    return _line(f"{word} {language} ") or _line(f"nonsense {language} ")


def _line(begin):
    with open(__file__.rsplit("/", 1)[0] + _FILE, "r", encoding="utf-8") as file:
        for line in file:
            if line.startswith(begin):
                return line[len(begin) : -1]
    return None
