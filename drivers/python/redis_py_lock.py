#!/usr/bin/env python3
"""Measures redis-py's Lock: the reference driver of redlock-bench. ../README.md is the protocol.

A thread and a connection for each client. The clients pack what they did; the main thread sends it.
"""

import bisect
import functools
import itertools
import json
import math
import os
import platform
import queue
import random
import struct
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor

try:
    import redis
    import redis.lock
    from redis.backoff import NoBackoff
    from redis.retry import Retry
except ImportError:
    # Debian's package belongs to the system's Python, which need not be the first one on PATH.
    SYSTEM_PYTHON = "/usr/bin/python3"
    if sys.executable != SYSTEM_PYTHON and os.access(SYSTEM_PYTHON, os.X_OK):
        os.execv(SYSTEM_PYTHON, [SYSTEM_PYTHON, *sys.argv])
    sys.exit(f"{sys.executable} has no package named redis")

CONTROL, OPERATIONS = 1, 2
HEADER = struct.Struct("<4sII")
BATCH_HEAD = struct.Struct("<QQ")
RECORD = struct.Struct("<BBBxIIIQQQQQQ")
BATCH_SECONDS = 0.1
BATCH_RECORDS = 1_000
MOST_RECORDS_IN_A_FRAME = 16_000
CONNECTING_AT_ONCE = 64
CONNECTION_TRIES = 5
LAST_SECONDS = 0.8

ACQUIRED, HELD, INDETERMINATE, DROPPED, UNFINISHED = 0, 1, 3, 5, 6
NOT_RELEASED, RELEASED, LOST, RELEASE_INDETERMINATE = 0, 1, 2, 3

now_ns = time.monotonic_ns  # CLOCK_MONOTONIC, which is the clock of the runner


class Stopped(Exception):
    """The run is over, and the lock was not acquired."""


class CountingLock(redis.lock.Lock):
    """The library's lock as it is. It tells how often it asked and when it asked last, and gives up with the run."""

    over = threading.Event()
    attempts = 0
    asked_ns = 0

    def do_acquire(self, token):
        if self.over.is_set():
            raise Stopped
        self.attempts += 1
        self.asked_ns = now_ns()
        return super().do_acquire(token)

    @property
    def valid_until_ns(self):
        return self.asked_ns + int(self.timeout * 1000) * 1_000_000  # rounded as the library does


class Reporter:
    """Collects the records of all clients, and knows the watermark."""

    def __init__(self):
        self._lock = threading.Lock()
        self._full = threading.Event()
        self._records = []
        self._releasing = {}
        self.watermark_ns = 0

    def begin_release(self, client):
        # The clock is read under the lock, so that no watermark is taken before the instant is known.
        with self._lock:
            instant = self._releasing[client] = now_ns()
        return instant

    def add(self, client, *fields):
        record = RECORD.pack(*fields)
        with self._lock:
            self._releasing.pop(client, None)
            self._records.append(record)
            if len(self._records) >= BATCH_RECORDS:
                self._full.set()

    def send(self):
        """Sends a frame, an empty one if need be: the runner takes silence for a stall."""
        self._full.wait(BATCH_SECONDS)
        with self._lock:
            records, self._records = self._records, []
            if len(records) > MOST_RECORDS_IN_A_FRAME:
                records, self._records = records[:MOST_RECORDS_IN_A_FRAME], records[MOST_RECORDS_IN_A_FRAME:]
            else:
                self._full.clear()
                self.watermark_ns = min(self._releasing.values(), default=now_ns())
        send(OPERATIONS, BATCH_HEAD.pack(self.watermark_ns, time.process_time_ns()) + b"".join(records))
        return not self._records


class Client(threading.Thread):
    """One client. It has one operation at a time."""

    def __init__(self, number, load):
        super().__init__(daemon=True)
        self.number = number
        self.load = load
        self.task = load.task
        self.redis = connect(load.task)
        own_key = load.task["firstClient"] + number
        self.random = random.Random(f"{load.task['seed']} client {own_key}")
        self.next_key = key_picker(load.task["keys"], own_key, self.random)

    def connect(self):
        # All clients connect at once, which may take one of them longer than a command may; that is not measured.
        for _ in range(CONNECTION_TRIES - 1):
            try:
                return self.redis.ping()
            except redis.TimeoutError:
                pass
        return self.redis.ping()

    def run(self):
        for intended in self.load.starts():
            self.operate(intended)
            self.load.free.release()

    def operate(self, intended):
        key = self.next_key()
        wait_seconds = self.task["acquireTimeoutMs"] / 1000
        lock = self.redis.lock(
            self.task["keyPrefix"] + str(key),
            timeout=self.task["ttlMs"] / 1000,
            blocking=wait_seconds > 0,
            blocking_timeout=wait_seconds if wait_seconds > 0 else None,
            lock_class=CountingLock,
        )
        invoked = now_ns()
        status = self.acquire(lock)
        returned = now_ns()
        release_status, is_cut, release_invoked, released, valid_until = NOT_RELEASED, False, 0, 0, 0
        if status == ACQUIRED:
            valid_until = lock.valid_until_ns
            is_cut = self.hold()
            release_invoked = self.load.reporter.begin_release(self.number)
            release_status = self.release(lock)
            released = now_ns()
        head = status, release_status, is_cut, lock.attempts, self.number, key
        instants = intended or invoked, invoked, returned, release_invoked, released, valid_until
        self.load.reporter.add(self.number, *head, *instants)

    def acquire(self, lock):
        try:
            return ACQUIRED if lock.acquire() else HELD
        except Stopped:
            return UNFINISHED
        except redis.RedisError:
            return INDETERMINATE

    def hold(self):
        """Holds the lock for a while. True when the end of the run cut that short."""
        seconds = self.task["hold"]["meanMs"] / 1000
        if seconds > 0 and self.task["hold"]["kind"] == "exponential":
            seconds = self.random.expovariate(1 / seconds)
        return seconds > 0 and CountingLock.over.wait(seconds)

    def release(self, lock):
        try:
            lock.release()
            return RELEASED
        except redis.exceptions.LockNotOwnedError:
            return LOST
        except redis.RedisError:
            return RELEASE_INDETERMINATE


class Load:
    """What the clients of this driver do together."""

    def __init__(self, task):
        self.task = task
        self.is_open = task["loop"]["kind"] == "open"
        self.reporter = Reporter()
        self.no_more_starts = threading.Event()
        self.is_stopped = False
        self.end_ns = math.inf  # until it is known
        self.due = queue.SimpleQueue()
        self.free = threading.Semaphore(task["clients"])
        self.barrier_passed = threading.Event()
        self.clients = [Client(number, self) for number in range(task["clients"])]
        with ThreadPoolExecutor(CONNECTING_AT_ONCE) as pool:
            for _ in pool.map(Client.connect, self.clients):
                pass
        for client in self.clients:
            client.start()

    def run(self, barrier_ns, end_ns):
        """From the barrier until every client is idle."""
        self.end_ns = end_ns
        sleep_until(barrier_ns, self.no_more_starts)
        self.reporter.watermark_ns = barrier_ns
        self.barrier_passed.set()
        threads = [*self.clients, threading.Thread(target=self.dispatch, args=(barrier_ns,), daemon=True)]
        threads[-1].start()
        # Who still waits for a lock when the grace is over is unfinished.
        grace_end_ns = end_ns + max(100, 2 * self.task["nodeTimeoutMs"]) * 1_000_000
        while self.is_under_way() or any(thread.is_alive() for thread in threads):
            if now_ns() >= grace_end_ns:
                self.give_up()
            self.reporter.send()
        while not self.reporter.send():
            pass

    def is_under_way(self):
        return now_ns() < self.end_ns and not self.no_more_starts.is_set()

    def stop(self):
        """The run ends now; if that is early, what the schedule has left is not part of it."""
        self.is_stopped = now_ns() < self.end_ns
        self.give_up()

    def give_up(self):
        self.no_more_starts.set()
        CountingLock.over.set()

    def starts(self):
        """What a client begins: whatever is due in an open loop, one after the other in a closed one."""
        return iter(self.due.get, None) if self.is_open else self.closed_loop()

    def closed_loop(self):
        self.barrier_passed.wait()
        while self.is_under_way():
            yield None

    def dispatch(self, barrier_ns):
        """Hands each start of the schedule to a client that is free; a start without one is dropped, and counted.

        So is what a machine that is too slow has left of the schedule when the grace is over.
        """
        for intended in schedule(self.task, barrier_ns, self.end_ns) if self.is_open else ():
            sleep_until(intended, self.no_more_starts)
            if self.is_stopped:
                break
            if not self.no_more_starts.is_set() and self.free.acquire(blocking=False):
                self.due.put(intended)
            else:
                now = now_ns()
                self.reporter.add(None, DROPPED, NOT_RELEASED, False, 0, 0, 0, intended, now, now, 0, 0, 0)
        for _ in self.clients:
            self.due.put(None)


def schedule(task, begin_ns, end_ns):
    """Every `workers`-th start of a schedule that is the same for all workers, from the `worker`-th on."""
    loop = task["loop"]
    gap_ns = 1e9 * loop["burst"] / loop["ratePerSecond"]
    chance = random.Random(f"{task['seed']} arrivals")
    if loop["arrivals"] == "constant":
        instants = (begin_ns + index * gap_ns for index in itertools.count())
    else:
        gaps = (chance.expovariate(1 / gap_ns) for _ in itertools.count())
        instants = (begin_ns + at for at in itertools.accumulate(gaps))
    bursts = itertools.takewhile(lambda instant: instant < end_ns, map(int, instants))
    starts = itertools.chain.from_iterable(itertools.repeat(instant, loop["burst"]) for instant in bursts)
    return itertools.islice(starts, task["worker"], None, task["workers"])


def key_picker(keys, own_key, chance):
    if keys["kind"] == "uncontended":
        return lambda: own_key
    if keys["kind"] == "single":
        return lambda: 0
    if keys["kind"] == "uniform":
        return lambda: chance.randrange(keys["keys"])
    if keys["kind"] == "zipf":
        sums = zipf_sums(keys["keys"], keys["theta"])
        return lambda: bisect.bisect(sums, chance.random() * sums[-1], hi=len(sums) - 1)
    # A hot spot: key 0 is hot, the others share the rest.
    return lambda: 0 if chance.random() < keys["hotShare"] else chance.randrange(1, keys["keys"])


@functools.lru_cache(maxsize=1)
def zipf_sums(count, theta):
    return list(itertools.accumulate((rank + 1) ** -theta for rank in range(count)))


def connect(task):
    master = task["masters"][0]
    place = (
        {"unix_socket_path": master["path"]}
        if "path" in master
        else {"host": master["host"], "port": master["port"], **secure(master)}
    )
    return redis.Redis(
        **place,
        db=master["database"],
        username=master.get("username"),
        password=master.get("password"),
        socket_timeout=task["nodeTimeoutMs"] / 1000,
        socket_connect_timeout=max(1, task["nodeTimeoutMs"] / 1000),
        retry=Retry(NoBackoff(), 0),  # a command that is sent again would not be counted
    )


def secure(master):
    if not master["tls"]:
        return {}
    return {
        "ssl": True,
        "ssl_check_hostname": True,
        "ssl_ca_certs": master.get("tlsCa"),
        "ssl_certfile": master.get("tlsCert"),
        "ssl_keyfile": master.get("tlsKey"),
    }


def sleep_until(instant_ns, interruption):
    """Waits for an instant of our clock, which is not always the one that a wait is measured by."""
    while (left_ns := instant_ns - now_ns()) > 0 and not interruption.wait(left_ns / 1e9):
        pass


def send(kind, payload):
    sys.stdout.buffer.write(HEADER.pack(b"RLBD", kind, len(payload)) + payload)
    sys.stdout.buffer.flush()


def say(**message):
    send(CONTROL, json.dumps(message).encode())


class Runner(threading.Thread):
    """Hears the runner from the beginning, so that the driver ends whenever the runner is gone."""

    def __init__(self):
        super().__init__(daemon=True)
        self.load = None
        self._orders = queue.SimpleQueue()
        self._has_started = False

    def run(self):
        # Without a buffer: its lock would be in the way when the interpreter ends.
        with open(0, "rb", buffering=0, closefd=False) as lines:
            for line in lines:
                order = json.loads(line)
                if order["kind"] == "stop":
                    self._stop()
                else:
                    self._has_started = self._has_started or order["kind"] == "start"
                    self._orders.put(order)
        self._stop()
        time.sleep(LAST_SECONDS)  # for the releases
        os._exit(0)

    def hear(self, kind):
        """The next order; ends the driver when it is another one."""
        order = self._orders.get()
        if order["kind"] != kind:
            sys.exit(f"expected the order {kind}, got {order['kind']}")
        return order

    def _stop(self):
        if not self._has_started:
            os._exit(0)
        self.load.stop()


def end_on_error(failure):
    """A defect in one thread ends the driver: a run with fewer clients would be another run."""
    sys.excepthook(failure.exc_type, failure.exc_value, failure.exc_traceback)
    os._exit(1)


def main():
    threading.excepthook = end_on_error
    runner = Runner()
    runner.start()
    runner.hear("hello")
    say(
        kind="hello",
        protocol=1,
        name="redis-py",
        version=redis.__version__,
        runtime=f"{platform.python_implementation()} {platform.python_version()}",
        supports={
            "maxMasters": 1,
            "loops": ["closed", "constant", "poisson", "burst"],
            "keys": ["uncontended", "single", "uniform", "zipf", "hotspot"],
        },
        parallelism=1,  # one interpreter lock
    )
    runner.load = load = Load(runner.hear("configure"))
    say(kind="ready")
    start = runner.hear("start")
    load.run(start["barrierNs"], start["endNs"])
    say(kind="finished")


if __name__ == "__main__":
    main()
