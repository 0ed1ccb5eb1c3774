"""`cos doctor`: looks at every setting and every connection, and says what to do.

Each module has one `check(ground)` that returns findings and raises nothing that a user could cause. To add
one, write it and put it into `ops.doctor.examining.CHECKS`. Start reading at `ops.doctor.findings`.
"""
