"""The telephone: who calls, what they may do, what is said in the session, and ringing somebody.

Owns Twilio's webhooks and media streams, identity by number, verdict and PIN, the desk that holds every
call (the browser's too), outbound calls and call receipts. May import `voice`, `gateway.session`,
`gateway.identity`, `gateway.outbound` and agentops. twilio and the voice's models are loaded when a
telephone is configured or a call begins, not before. Start with `opening`, then `desk` and `conversation`.
"""
