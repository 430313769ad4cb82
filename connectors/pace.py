"""Keeping to a vendor's call budget: at most so many calls in any window of so many seconds.

One `Pace` belongs to one source, so that sources side by side do not slow each other down.
"""

import threading
import time
from collections import deque
from collections.abc import Callable


class Pace:
    """A sliding window of calls; `wait` returns when another one is allowed. Safe to share between threads.

    calls: how many a window may hold; 0: no limit. `sleep` and `clock` (seconds) are replaceable for tests.
    """

    def __init__(
        self,
        calls: int,
        seconds: float,
        sleep: Callable[[float], None] = time.sleep,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.calls, self.seconds = calls, seconds
        self._sleep, self._clock = sleep, clock
        self._made: deque[float] = deque()
        self._lock = threading.Lock()

    def wait(self) -> None:
        """Take one place in the window, sleeping until there is one."""
        if self.calls <= 0:
            return
        with self._lock:
            now = self._clock()
            if len(self._made) >= self.calls:
                free = self._made.popleft() + self.seconds
                if free > now:
                    self._sleep(free - now)
                    now = free
            self._made.append(now)
