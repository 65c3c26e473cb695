#!/bin/sh
#SBATCH --job-name=lnsim-a_b__SBAT
#SBATCH --array=1-12
#SBATCH --ntasks=1
#SBATCH --cpus-per-task=4
#SBATCH --requeue
#SBATCH --open-mode=append
#SBATCH --output=logs/%A_%a.log
# Each task evaluates a share of the sweep's designs. A task that runs again goes on where it was.
# Submit from the folder of this file: sbatch slurm.sh
# When all tasks have ended: lnsim sweep --merge FOLDER
set -eu
cd -- '/home/a user/$(touch x)'
exec '/opt/it'\''s/bin/lnsim' sweep --shards '/scratch/`x`/job
rm -rf /' --shard "${SLURM_ARRAY_TASK_ID}/12" --jobs 4 --quiet '--again' '--data-dir=/d "e"'
