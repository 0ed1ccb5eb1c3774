"""Bringing replies and notices to channels that must be sent to.

Owns the durable state of each delivery; how a platform is spoken to is its channel's business
(`gateway.outbound` is the port between them). May import `gateway.session`. Start with `courier`.
"""
