"""Every error Office Hours raises on purpose, one branch per exit code.

    OfficeHoursError                 1   something failed; the base of all
    ├── UsageError                   2   the person's input cannot be used as it is
    │   ├── NotFound                 2   an id, a student, a session or a file that is not there
    │   └── BadImport                2   a line of an import file cannot be read
    ├── ConfigError                  3   settings, persona files, keys
    │   ├── PersonaError             3   a persona file that cannot be used
    │   ├── KeyRejected              3   the provider refused the key
    │   └── UnknownModel             3   the server does not have that model
    ├── ProviderError                4   the model's server or the network
    │   ├── ServerUnreachable        4   nothing answers at that address
    │   │   └── ConnectionDropped    4   it took the request and closed the connection without a word
    │   ├── RateLimited              4   too many requests, and waiting did not help
    │   ├── BadReply                 4   the server answered with something that is no reply
    │   │   └── EmptyReply           4   it answered with nothing
    │   └── ContextOverflow          4   the request does not fit the model's window
    ├── StoreError                   5   the database or the index
    │   ├── StoreBusy                5   another program holds it for too long
    │   ├── StoreFull                5   no space left on the disk
    │   ├── StoreUnwritable          5   the home cannot be written
    │   ├── StoreNewer               5   written by a newer version of this program
    │   └── StoreUnreachable         5   the database server or the Chroma server does not answer
    ├── LimitReached                 1   a limit on steps, tokens, cost or seconds
    ├── Stopped                    130   a program stopped the reply
    ├── Bug                          1   what nobody foresaw; the error log has it whole
    └── ToolFailure                  1   what a tool tells the *model*
        ├── ToolRetry                1   the arguments were wrong: mend them and call again
        └── ToolError                1   it cannot be done: adapt
    Interrupted                    130   the person stopped it (raised at the very edge only)

Each error carries its text in English and Korean: what happened, and what to do next.
"""

from __future__ import annotations

ERROR_LOG = "logs/error.log"
"""Where in the home the program writes down its own errors: the one text file there that it writes a student's words
into."""


class OfficeHoursError(Exception):
    """An error meant for a person: what happened and what to do next, in both languages.

    Args:
        en: The English text.
        ko: The Korean text; the English one stands in where a tool author gives none.
    """

    exit_code = 1

    def __init__(self, en: str, ko: str | None = None) -> None:
        super().__init__(en)
        self.en = en
        self.ko = ko if ko is not None else en

    def say(self, language: str) -> str:
        """Give the text in `language` ("ko" or anything else for English)."""
        return self.ko if language == "ko" else self.en


class UsageError(OfficeHoursError):
    """The person's input cannot be used as it is."""

    exit_code = 2


class NotFound(UsageError):
    """Something named by the person is not there."""


class BadImport(UsageError):
    """A line of an import file cannot be read; the text names the line."""


class ConfigError(OfficeHoursError):
    """Settings, persona files or keys are wrong."""

    exit_code = 3


class PersonaError(ConfigError):
    """A persona file cannot be used."""


class KeyRejected(ConfigError):
    """The provider refused the key."""


class UnknownModel(ConfigError):
    """The server does not have the model that was asked for."""


class ProviderError(OfficeHoursError):
    """The model's server or the network failed."""

    exit_code = 4


class ServerUnreachable(ProviderError):
    """Nothing answers at the address."""


class ConnectionDropped(ServerUnreachable):
    """The server took the request and closed the connection; some do so with a prompt that they cannot hold."""


class RateLimited(ProviderError):
    """The server refuses for now, and waiting as long as is polite did not help."""


class BadReply(ProviderError):
    """The server answered with something that is not a reply."""


class EmptyReply(BadReply):
    """The model answered with neither text nor a call; after words of its own in the same turn, it had no more to say."""


class ContextOverflow(ProviderError):
    """The request does not fit the model's window; `window` is its size in tokens where the server told it."""

    def __init__(self, en: str, ko: str | None = None, *, window: int | None = None) -> None:
        super().__init__(en, ko)
        self.window = window


class StoreError(OfficeHoursError):
    """The database or the index failed."""

    exit_code = 5


class StoreBusy(StoreError):
    """Another program holds the store for too long."""


class StoreFull(StoreError):
    """No space is left on the disk."""


class StoreUnwritable(StoreError):
    """The home cannot be written."""


class StoreNewer(StoreError):
    """The store was written by a newer version of this program."""


class StoreUnreachable(StoreError):
    """The database server or the Chroma server does not answer."""


class LimitReached(OfficeHoursError):
    """A limit on steps, tokens, cost or seconds was reached."""


class Stopped(OfficeHoursError):
    """A program stopped the reply; what was said so far is kept."""

    exit_code = 130


class Bug(OfficeHoursError):
    """A fault of the program itself, or of what it is made of; the error log holds it whole."""


class ToolFailure(OfficeHoursError):
    """What a tool tells the model instead of a value.

    Attributes:
        advice: What the model is told besides, which is not for the person's eyes.
        ours: No server's or file's words are in it.
    """

    advice = ""
    ours = False


class ToolRetry(ToolFailure):
    """The model can mend this: its arguments were wrong and the text says how."""


class ToolError(ToolFailure):
    """The tool cannot do it; the model must adapt."""

    def __init__(self, en: str, ko: str | None = None, *, advice: str = "", ours: bool = False) -> None:
        super().__init__(en, ko)
        self.advice, self.ours = advice, ours


class Interrupted(BaseException):
    """The person stopped the program; the exit code is 130."""

    exit_code = 130
