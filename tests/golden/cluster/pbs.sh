#!/bin/sh
#PBS -N lnsim-a_b__SBAT
#PBS -J 1-12
#PBS -l select=1:ncpus=4
#PBS -r y
#PBS -j oe
#PBS -o logs/
# Each task evaluates a share of the sweep's designs. A task that runs again goes on where it was.
# Submit from the folder of this file: qsub pbs.sh
# When all tasks have ended: lnsim sweep --merge FOLDER
set -eu
cd -- '/home/a user/$(touch x)'
exec '/opt/it'\''s/bin/lnsim' sweep --shards '/scratch/`x`/job
rm -rf /' --shard "${PBS_ARRAY_INDEX:-1}/12" --jobs 4 --quiet '--again' '--data-dir=/d "e"'
