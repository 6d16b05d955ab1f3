"""Analyses all shards of a division with Spark: spark-submit spark-run.py /shared/shards

The folder is one that all executors see. A task that fails or is made twice does no harm: a part is there as a whole or not at
all, and always the same.
"""

import glob
import os
import subprocess
import sys

from pyspark.sql import SparkSession


def part_of(shard):
    part = shard.removesuffix(".pcapng") + ".part"
    subprocess.run(["tcpscope", "part", shard, "-o", part, "-q"], check=True)
    return part


if __name__ == "__main__":
    shards = sorted(glob.glob(os.path.join(sys.argv[1], "*.pcapng")))
    spark = SparkSession.builder.appName("tcpscope").getOrCreate()
    parts = spark.sparkContext.parallelize(shards, len(shards)).map(part_of).collect()
    print(f"{len(parts)} parts; now: tcpscope merge {sys.argv[1]}/*.part")
