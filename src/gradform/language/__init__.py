"""All text for people, in English and in every language that has a catalogue.

A text is made with ``say("Cannot add {left} and {right}.", left=…, right=…)``. It is the English
text, a ``str``, and remembers how it was made, so that it can be told in another language.
A catalogue is one file here, such as ``zh.json``: English templates and what they are there.
"""

from gradform.language.catalogue import languages, matching
from gradform.language.current import current_language, set_default_language, speaking
from gradform.language.message import Message, joined, listed, phrase, say, told

__all__ = [
    "Message",
    "current_language",
    "joined",
    "languages",
    "listed",
    "matching",
    "phrase",
    "say",
    "set_default_language",
    "speaking",
    "told",
]
