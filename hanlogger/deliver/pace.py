"""Decide how long a delivery waits: before the same request is sent again, and where there is nothing to send."""

from __future__ import annotations

from dataclasses import dataclass

from tenacity import RetryCallState, wait_exponential_jitter

from hanlogger.errors import WriteUnavailable


@dataclass(frozen=True)
class Pace:
    """Waits in seconds: from `first`, doubling up to `longest`, with jitter; `slow` where the user must act.

    `idle`: how soon a redelivery is noticed that another process asks for.
    """

    first: float = 1.0
    longest: float = 60.0
    slow: float = 60.0
    idle: float = 2.0

    def __call__(self, state: RetryCallState) -> float:
        """Return the wait after an attempt that failed, in seconds; at least what the server asked for."""
        error = state.outcome.exception() if state.outcome else None
        if isinstance(error, WriteUnavailable) and error.needs_user:
            return self.slow
        asked = error.retry_after or 0.0 if isinstance(error, WriteUnavailable) else 0.0
        backoff = wait_exponential_jitter(multiplier=self.first, max=self.longest, jitter=self.first)
        return max(asked, float(backoff(state)))
