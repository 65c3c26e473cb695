#!/bin/sh
#$ -N lnsim-a_b__SBAT
#$ -S /bin/sh
#$ -t 1-12
#$ -pe smp 4
#$ -r y
#$ -cwd
#$ -j y
#$ -o logs/
# Each task evaluates a share of the sweep's designs. A task that runs again goes on where it was.
# Submit from the folder of this file: qsub sge.sh
# When all tasks have ended: lnsim sweep --merge FOLDER
set -eu
cd -- '/home/a user/$(touch x)'
exec '/opt/it'\''s/bin/lnsim' sweep --shards '/scratch/`x`/job
rm -rf /' --shard "${SGE_TASK_ID}/12" --jobs 4 --quiet '--again' '--data-dir=/d "e"'
