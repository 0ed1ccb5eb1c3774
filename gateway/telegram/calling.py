"""/call: have the telephone ring."""

from agentops import AgentOpsClient
from gateway.outbound import Ringer
from gateway.telegram.access import Speaker

NO_TELEPHONE = "I have no telephone yet: it needs an account at Twilio. docs/phone.md says how to begin."
NO_NUMBER = "I do not know your number yet. /phone links it."
UNKNOWN = "My ledger does not know you yet, so I cannot call you. Please try again in a moment."
WHAT_FOR = "You asked me to call. What can I do for you?"


async def call_me(ops: AgentOpsClient, ringer: Ringer | None, speaker: Speaker, words: str) -> str:
    """Ring the speaker's own number; what to say meanwhile.

    Raises:
        AgentOpsError: The ledger did not answer, or not now.
    """
    if ringer is None:
        return NO_TELEPHONE
    if speaker.person_id is None:
        return UNKNOWN
    contacts = (await ops.get_person(speaker.person_id)).contacts
    number = next((one.address for one in contacts if one.channel == "phone" and one.verified_at), None)
    if number is None:
        return NO_NUMBER
    refusal = await ringer.begin(number, words or WHAT_FOR, speaker.session_id)
    return refusal or f"I am ringing your number ending in {number[-3:]}."
