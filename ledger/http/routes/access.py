"""/keys and /logins."""

from litestar import Response, Router, delete, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from agentops.wire import Key, Login, MintedKey, NewKey, NewLogin, Page, RedeemLogin, RotateKey
from ledger.access import keys, logins
from ledger.caller import Caller
from ledger.errors import NotFound
from ledger.http.idempotency import Kept, answer, as_response, fingerprint_of, key_of, perform
from ledger.http.services import HttpRequest, Services
from ledger.ids import known


@post("/")
async def create_key(
    request: HttpRequest,
    data: JSONBody[NewKey],
    caller: NamedDependency[Caller],
    services: NamedDependency[Services],
) -> Response[MintedKey]:
    """Make a key. Its secret is in this answer and nowhere else."""
    return await answer(request, services, caller, lambda: keys.mint(caller, data), status=201, secret=True)


@get("/")
async def list_keys(caller: NamedDependency[Caller]) -> Page[Key]:
    """Every key, without secrets."""
    return Page(items=await keys.list_keys(caller))


@get("/self")
async def whoami(request: HttpRequest, services: NamedDependency[Services]) -> Key:
    """The key that this request came with."""
    return await services.keyring.verify(request.headers.get("authorization"))


@post("/{key_id:str}/rotate", status_code=200)
async def rotate_key(
    request: HttpRequest,
    data: JSONBody[RotateKey],
    caller: NamedDependency[Caller],
    services: NamedDependency[Services],
    key_id: FromPath[str],
) -> Response[MintedKey]:
    """Give a key a new secret, in this answer and nowhere else; for a time the old one is good too."""
    wanted = known(key_id, NotFound, "key")
    rotated = await answer(request, services, caller, lambda: keys.rotate(caller, wanted, data), secret=True)
    services.keyring.forget()
    return rotated


@delete("/{key_id:str}")
async def revoke_key(
    caller: NamedDependency[Caller], services: NamedDependency[Services], key_id: FromPath[str]
) -> None:
    """End a key; within seconds it is refused everywhere."""
    await keys.revoke(caller, known(key_id, NotFound, "key"))
    services.keyring.forget()
    services.wake.announce(caller.announced)


@post("/")
async def create_login(
    request: HttpRequest,
    data: JSONBody[NewLogin],
    caller: NamedDependency[Caller],
    services: NamedDependency[Services],
) -> Response[Login]:
    """Make a one-time login."""
    return await answer(
        request, services, caller, lambda: logins.create_login(caller, data), status=201, secret=True
    )


@post("/redeem", opt={"public": True}, status_code=201)
async def redeem_login(
    request: HttpRequest, data: JSONBody[RedeemLogin], services: NamedDependency[Services]
) -> Response[MintedKey]:
    """Turn a one-time login into a key."""
    key = key_of(request)
    once = None
    if key is not None:
        owner = "login:" + keys.hash_of(data.token).hex()[:32]
        once = Kept(owner, key, await fingerprint_of(request), mask=data.token.encode())
    return as_response(await perform(services.db, once, 201, lambda: logins.redeem(services.db, data)))


KEYS = Router(
    "/keys", route_handlers=[create_key, list_keys, whoami, rotate_key, revoke_key], tags=["access"]
)
LOGINS = Router("/logins", route_handlers=[create_login, redeem_login], tags=["access"])
