#!/usr/bin/env bash
# The parts of all shards as an array of jobs, and one that merges them when all have ended well:
#   tcpscope split trace.pcap --shards 64 -o /shared/shards
#   parts=$(sbatch --parsable --array=0-63 slurm-array.sh /shared/shards)
#   sbatch --dependency=afterok:$parts --wrap 'tcpscope merge /shared/shards/*.part > report.txt'
#SBATCH --job-name=tcpscope-part
#SBATCH --cpus-per-task=1
#SBATCH --mem=4G
#SBATCH --requeue
set -euo pipefail
shards=("$1"/shard-*.pcapng)
shard=${shards[$SLURM_ARRAY_TASK_ID]}
tcpscope part "$shard" -o "${shard%.pcapng}.part"
