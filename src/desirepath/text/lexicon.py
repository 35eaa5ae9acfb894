"""What are words of opinion worth? VADER's list of words, read from its package, under lists of our own.

    lexicon().words["superb"]       3.4
    lexicon().worth("unhelpfully")  -1.8, by its stem

Ours win: they hold what people say of goods and services, phrases that mean something else than their words do, and
polite words that are no praise (value 0).

Source: C. Hutto and E. Gilbert, VADER: a parsimonious rule-based model for sentiment analysis of social media text,
ICWSM 2014, through the package vaderSentiment.
"""

from __future__ import annotations

from functools import cache

from desirepath.text.patterns import Book, listed, spelled

OUR_LISTS = {"sentiment_words.txt": 1.0, "sentiment_service.txt": 0.85, "sentiment_quiet.txt": 1.0}
"""With how much they weigh; of two lines about the same phrase the later wins. A word that VADER's raters valued too is
worth the mean of both, unless the line begins with =."""

MOST = 4.0
"""No word is worth more, good or bad."""

NEGATORS = frozenset(
    "not never no none nobody nothing nowhere neither nor without hardly barely scarcely rarely seldom lack lacks "
    "lacked lacking zero stopped refuses refused fails failed unable devoid minus except nope".split()
)

BOOSTERS = frozenset(
    "absolutely amazingly awfully completely considerably decidedly deeply enormously entirely especially "
    "exceptionally extremely fully fucking freaking fricking frigging genuinely greatly highly hugely immensely "
    "incredibly insanely intensely majorly more most much particularly perfectly purely quite real really "
    "remarkably ridiculously seriously significantly simply so strongly stupidly substantially super supremely "
    "terribly thoroughly total totally tremendously truly uber unbelievably unusually utter utterly very way well "
    "too damn bloody hella such".split()
)
DAMPERS = frozenset(
    "almost little less marginally occasionally partly slightly somewhat sorta kinda fairly relatively moderately "
    "mildly sometimes bit mostly generally usually rather nearly".split()
)

_EMOJI = {
    "❤": 2.6, "😍": 2.8, "🥰": 2.8, "😘": 2.2, "😊": 2.2, "😀": 2.0, "😃": 2.0, "😄": 2.2, "😁": 2.2, "😂": 1.2,
    "🤣": 1.2, "🙂": 1.2, "😉": 1.2, "😎": 1.8, "🤩": 2.8, "👍": 2.0, "👏": 2.0, "🙌": 2.2, "🎉": 2.2, "💯": 2.4,
    "⭐": 1.2, "🌟": 1.8, "✨": 1.2, "🙏": 0.8, "💪": 1.6, "🔥": 1.4, "💕": 2.4, "💖": 2.6, "💙": 2.4, "💚": 2.4,
    "💛": 2.4, "💜": 2.4, "😡": -3.0, "😠": -2.6, "🤬": -3.2, "😤": -2.2, "😭": -2.0, "😢": -2.0, "😞": -2.2,
    "😔": -2.0, "😒": -2.0, "🙄": -2.2, "😩": -2.2, "😫": -2.2, "🤦": -2.2, "👎": -2.2, "💩": -2.6, "🤮": -3.0,
    "🤢": -2.6, "😱": -1.2, "😕": -1.4, "☹": -2.0, "🙁": -1.8, "😑": -1.4, "😐": -0.8, "💔": -2.2, "😥": -1.8,
    "😓": -1.6, "😖": -2.0, "😣": -2.0, "🖕": -3.4, "☺": 2.2, "✅": 1.2, "❌": -1.4, "🤗": 2.2, "😇": 2.0,
}  # fmt: skip

_NOISE = frozenset("l xp ly x d o".split())
"""Of VADER's list: names, and pieces of other words."""

_HAPPY, _SAD = frozenset(")]dp3}*"), frozenset("([/\\|c{@s")


class Lexicon:
    """Words and phrases with what they are worth, from -4 to 4; `raters` has what VADER's raters alone said."""

    def __init__(self) -> None:
        from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

        theirs = SentimentIntensityAnalyzer()
        raters: dict[str, float] = theirs.lexicon
        words = {word: value for word, value in raters.items() if word not in NEGATORS and word not in _NOISE}
        self.book: Book[float] = Book()
        for name, weight in OUR_LISTS.items():
            for value, phrase in listed(name):
                ours, alone = weight * float(value.lstrip("=")), value.startswith("=")
                for way in spelled(phrase):
                    if len(way) > 1:
                        self.book.add(" ".join(way), ours)
                    elif (rated := raters.get(way[0])) is None or alone:
                        words[way[0]] = ours
                    else:
                        words[way[0]] = (rated + ours) / 2
        for emoji, described in theirs.emojis.items():
            if len(emoji) == 1:
                described_as = sum(words.get(word, 0.0) for word in described.split())
                words.setdefault(emoji, max(-MOST, min(MOST, described_as)))
        words.update(_EMOJI)
        self.words = words
        self.raters = {word: value for word, value in raters.items() if word not in _NOISE}
        self.starts = frozenset(self.book.starts())
        self._guessed: dict[str, float] = {}

    def worth(self, word: str) -> float:
        """Return what one word is worth, by its stem if the lists do not hold it; 0 for most words."""
        found = self.words.get(word)
        if found is not None:
            return found
        found = self._guessed.get(word)
        if found is None:
            found = self._guess(word)
            if len(self._guessed) < 100_000:  # words of strangers must not fill the memory
                self._guessed[word] = found
        return found

    def _guess(self, word: str) -> float:
        if not word[0].isalpha():
            return self._face(word)
        words = self.words
        if len(word) < 6:
            return 0.0
        for end, instead in (("ly", ""), ("ily", "y"), ("bly", "ble"), ("ness", ""), ("iness", "y"), ("ically", "ic")):
            if word.endswith(end) and (value := words.get(word[: -len(end)] + instead, 0.0)):
                return 0.8 * value
        if word.startswith("un") and len(word) > 7 and (value := words.get(word[2:], 0.0)) > 0:
            return -0.8 * value
        if word.startswith("over") and len(word) > 8 and word.endswith("ed"):
            return -1.2
        return 0.0

    @staticmethod
    def _face(word: str) -> float:
        """Read an emoticon."""
        if word in {"<3", "(:", "(-:", "(;", "^_^"}:
            return 2.0
        if word in {"</3", "-_-"}:
            return -1.6
        if len(word) < 2 or word[0] not in ":;=":
            return 0.0
        return 1.8 if word[-1] in _HAPPY and "'" not in word else -1.8 if word[-1] in _SAD else 0.0


@cache
def lexicon() -> Lexicon:
    """Return the lists, read once a process."""
    return Lexicon()


__all__ = ["BOOSTERS", "DAMPERS", "NEGATORS", "Lexicon", "lexicon"]
