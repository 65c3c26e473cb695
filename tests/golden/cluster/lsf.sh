#!/bin/sh
#BSUB -J "lnsim-a_b__SBAT[1-12]"
#BSUB -n 4
#BSUB -R "span[hosts=1]"
#BSUB -r
#BSUB -o logs/%J_%I.log
# Each task evaluates a share of the sweep's designs. A task that runs again goes on where it was.
# Submit from the folder of this file: bsub < lsf.sh
# When all tasks have ended: lnsim sweep --merge FOLDER
set -eu
cd -- '/home/a user/$(touch x)'
exec '/opt/it'\''s/bin/lnsim' sweep --shards '/scratch/`x`/job
rm -rf /' --shard "${LSB_JOBINDEX}/12" --jobs 4 --quiet '--again' '--data-dir=/d "e"'
