"""What can go wrong while the parts are brought up.

OpsError
├── ProgramMissing   no PostgreSQL or Redis server program on this machine
├── StartFailed      a program or part was started and did not become ready
├── DataUnusable     data under COS_HOME that cannot be used as it is
├── SettingsUnusable a setting that cannot be understood
├── PortTaken        another program listens where a part has to
├── AlreadyRunning   another supervisor holds this COS_HOME
├── NotRunning       what was asked needs an installation that runs and answers
├── NotFoundHere     there is nothing with the name that was given
├── BackupUnusable   a backup that cannot be written, read or restored
├── TelegramRefused  the Bot API refuses the token, or cannot be reached
├── DeployFailed     a release that could not be brought to where it was to run
├── PhoneUnusable    Twilio, a wave file or a setting stands in the way of a call
├── PasswordUnusable a password that would be guessed
└── PeersMissing     the queues to measure beside are not installed
"""

# the names say what is wrong; all of them are errors


class OpsError(Exception):
    """Base of all; its text says what was wrong and what to do."""


class ProgramMissing(OpsError):
    """No server program was found; the text names the one package to install."""


class StartFailed(OpsError):
    """It was started and did not become ready; the text ends with the tail of its log."""


class DataUnusable(OpsError):
    """Data under COS_HOME belongs to another user or another version."""


class SettingsUnusable(OpsError):
    """A setting cannot be understood; the text names it."""


class PortTaken(OpsError):
    """Another program listens on a port that a part needs."""


class AlreadyRunning(OpsError):
    """Another supervisor holds this COS_HOME."""


class NotRunning(OpsError):
    """What was asked needs an installation that runs and answers."""


class NotFoundHere(OpsError):
    """There is nothing with the name that was given; the text says what there is."""


class BackupUnusable(OpsError):
    """A backup cannot be written, read or restored; nothing was changed by it."""


class TelegramRefused(OpsError):
    """The Bot API refuses the token, or cannot be reached; the text never holds the token."""


class DeployFailed(OpsError):
    """A release could not be brought to where it was to run; the text says why, and what it left."""


class PhoneUnusable(OpsError):
    """Twilio, a wave file or a setting stands in the way of a call; the text says what to do."""


class PasswordUnusable(OpsError):
    """A password that would be guessed; the text says what it needs."""


class PeersMissing(OpsError):
    """The queues that the ledger is measured beside are not installed; the text says how."""
