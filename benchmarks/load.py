"""Clients that send batches as fast as they are answered, or at a given rate; what was acknowledged, and how soon.

    python benchmarks/load.py PORT SECONDS CONNECTIONS EVENTS [EVENTS_A_SECOND] [PATH]

Prints one JSON line.
"""

from __future__ import annotations

import asyncio
import json
import random
import sys
import time
import uuid

import uvloop

_HEAD = (
    "POST {path} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer bench\r\ncontent-type: application/json\r\n"
    "content-length: "
)


SHAPES = 2_000
"""Batches that are made beforehand; only the ids of their events are put in while it runs, as the clients stand for
other machines and should take little of this one."""


def shapes(count: int) -> list[str]:
    """Batches of events of 20,000 people as Segment's libraries send them, `%s` for what tells each event apart."""
    now = time.strftime("%Y-%m-%dT%H:%M:%S.000Z", time.gmtime())
    found = []
    for _ in range(SHAPES):
        events = []
        for place in range(count):
            person = random.randrange(20_000)
            name = random.choice(("view", "cart", "order"))
            events.append(
                f'{{"type":"track","event":"{name}","messageId":"{place:04x}-%s","userId":"u{person}",'
                f'"anonymousId":"a{person}","timestamp":"{now}","properties":{{"plan":"pro","value":{person}}},'
                f'"context":{{"library":{{"name":"x"}},"page":{{"url":"https://shop.example/p/{person % 100}"}}}}}}'
            )
        found.append('{"batch":[' + ",".join(events) + f'],"sentAt":"{now}"}}')
    return found


async def client(
    port: int, until: float, made: list[str], count: int, pause: float, path: str, waits: list[float]
) -> int:
    """Send until the time is over; how many events were acknowledged."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    head, taken, due = _HEAD.format(path=path).encode(), 0, time.perf_counter()
    while time.perf_counter() < until:
        if pause:
            due += pause
            await asyncio.sleep(max(0.0, due - time.perf_counter()))
        body = (random.choice(made) % ((uuid.uuid4().hex,) * count)).encode()
        began = time.perf_counter()
        writer.write(head + str(len(body)).encode() + b"\r\n\r\n" + body)
        answer = await reader.readuntil(b"\r\n\r\n")
        size = int(answer.lower().split(b"content-length: ")[1].split(b"\r\n")[0])
        await reader.readexactly(size)
        waits.append(time.perf_counter() - began)
        taken += count if answer[9:12] in (b"200", b"204") else 0
    writer.close()
    return taken


async def main(port: int, seconds: float, clients: int, count: int, rate: float, path: str) -> None:
    """Run all clients, and print what came of it."""
    waits: list[float] = []
    made = shapes(count)
    began = time.perf_counter()
    pause = clients * count / rate if rate else 0.0
    taken = await asyncio.gather(
        *(client(port, began + seconds, made, count, pause, path, waits) for _ in range(clients))
    )
    took = time.perf_counter() - began
    waits.sort()
    print(
        json.dumps(
            {
                "events_a_second": sum(taken) / took,
                "acknowledged": sum(taken),
                "p50_ms": waits[len(waits) // 2] * 1000,
                "p99_ms": waits[int(len(waits) * 0.99)] * 1000,
            }
        )
    )


if __name__ == "__main__":
    given = sys.argv[1:]
    uvloop.run(
        main(
            int(given[0]),
            float(given[1]),
            int(given[2]),
            int(given[3]),
            float(given[4]) if len(given) > 4 else 0.0,
            given[5] if len(given) > 5 else "/v1/batch",
        )
    )
