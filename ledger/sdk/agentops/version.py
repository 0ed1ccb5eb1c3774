"""The package's version, read by the build and sent in the User-Agent."""

VERSION = "0.1.0"
