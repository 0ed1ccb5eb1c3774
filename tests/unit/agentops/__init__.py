"""Tests of the SDK against real sockets: an HTTP server and a WebSocket server with a script of faults."""
