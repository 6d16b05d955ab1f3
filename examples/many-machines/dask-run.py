"""Analyses all shards of a division on a Dask cluster, and leaves a part beside each of them.

    tcpscope split trace.pcap --shards 64 -o /shared/shards
    python3 dask-run.py tcp://scheduler:8786 /shared/shards
    tcpscope merge /shared/shards/*.part

The folder is one that all workers see. A worker that dies takes nothing with it: Dask gives its shards to the others, and a
part that was made twice is the same.
"""

import glob
import os
import subprocess
import sys

from distributed import Client, as_completed

TCPSCOPE = os.environ.get("TCPSCOPE", "tcpscope").split()


def part_of(shard):
    """The name of the part of a shard, made anew. It is there as a whole or not at all."""
    part = shard.removesuffix(".pcapng") + ".part"
    subprocess.run([*TCPSCOPE, "part", shard, "-o", part, "-q"], check=True)
    return part


def main(scheduler, folder):
    shards = sorted(glob.glob(os.path.join(folder, "*.pcapng")))
    with Client(scheduler) as client:
        # Not pure: a part whose file was lost is to be made again.
        futures = client.map(part_of, shards, pure=False, retries=3)
        for done, future in enumerate(as_completed(futures), 1):
            print(f"{done} of {len(shards)}: {future.result()}", flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
