"""Worker processes, which answer within limits of time and memory.

A warm process has everything imported and forks a worker in a few milliseconds. A worker
that takes too long or too much is killed and replaced.
"""

from gradform.web.workers.pool import Busy, Pool, Reply

__all__ = ["Busy", "Pool", "Reply"]
