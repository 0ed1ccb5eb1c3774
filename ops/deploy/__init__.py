"""`cos deploy`: puts a release of the parts into Scaleway's Serverless Containers, or back.

It may import what the parts are (`ops.parts`) and nothing of what they do. The place itself (network, data,
registry) is made by `ops/terraform`. Start reading in `releasing`; `wanted` and `planning` are pure.
"""
