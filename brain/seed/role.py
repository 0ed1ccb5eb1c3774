"""What a worker's process is: one for everything, or a specialist."""

from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version

from agentops.wire import NewAgent
from brain.models import OFFLINE, ModelUnavailableError, choose
from brain.seed.errors import RosterRefused
from brain.seed.settings import SeedSettings
from brain.seed.specialists.roster import decoded, read
from brain.seed.specialists.spec import Spec
from brain.settings import ModelSettings


@dataclass(frozen=True)
class Role:
    """How a process registers, and what it thinks with.

    Attributes:
        agent: As the ledger knows it.
        slots: Tasks at once.
        model: Which model works, and its keys.
        spec: Of a specialist.
    """

    agent: NewAgent
    slots: int
    model: ModelSettings
    spec: Spec | None = None

    @property
    def thinks(self) -> bool:
        """Whether a model is chosen; it is loaded only when a task wants it.

        Raises:
            SystemExit: The setting cannot be understood.
        """
        try:
            return choose(self.model).provider != OFFLINE
        except ModelUnavailableError as unavailable:
            raise SystemExit(str(unavailable)) from None


def role_of(settings: SeedSettings, capabilities: list[str]) -> Role:
    """The role that the settings give.

    Args:
        settings: The worker's.
        capabilities: Of a worker for everything.

    Raises:
        SystemExit: The specialist's file cannot be read.
    """
    spec = _own_spec(settings)
    if spec is None:
        agent = NewAgent(name=settings.name, kind="seed", capabilities=capabilities, software=_software())
        return Role(agent, settings.slots, settings.mind)
    agent = NewAgent(name=spec.name, kind="specialist", capabilities=spec.capabilities, software=_software())
    model = settings.mind.model_copy(update={"model": spec.model}) if spec.model else settings.mind
    return Role(agent, spec.slots, model, spec)


def _own_spec(settings: SeedSettings) -> Spec | None:
    try:
        if settings.specialist_json is not None:
            return decoded(settings.specialist_json.get_secret_value().encode(), "SEED_SPECIALIST_JSON").spec
        return read(settings.specialist).spec if settings.specialist else None
    except RosterRefused as error:
        raise SystemExit(f"SEED_SPECIALIST: {error}") from None


def _software() -> str:
    try:
        return f"chief-of-staff {version('chief-of-staff')}"
    except PackageNotFoundError:  # run from a source tree
        return "chief-of-staff"
