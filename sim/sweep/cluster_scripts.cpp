// SPDX-License-Identifier: Apache-2.0
#include "sim/sweep/cluster_scripts.hpp"

#include <algorithm>

namespace lnsim {
namespace {

/// One word of a shell, whatever it holds.
std::string shell_word(const std::string& text) {
  std::string word = "'";
  for (const char c : text) word += c == '\'' ? "'\\''" : std::string(1, c);
  return word + "'";
}

/// Names of jobs are short and plain in every system: PBS takes 15 characters that begin with a letter.
std::string job_name(const std::string& name) {
  constexpr std::size_t kMost = 15;
  std::string text = "lnsim-";
  for (const char c : name) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-';
    text += plain ? c : '_';
  }
  return text.substr(0, kMost);
}

/// `header`: lines for the system; `task`: its variable with the number of a task.
std::string script(const ClusterJob& job, const std::string& header, const std::string& task,
                   const std::string& submit) {
  std::string command = "exec " + shell_word(job.program) + " sweep --shards " + shell_word(job.folder) +
                        " --shard \"" + task + "/" + std::to_string(job.shards) + "\" --jobs " +
                        std::to_string(job.cores) + " --quiet";
  for (const std::string& option : job.options) command += " " + shell_word(option);
  return "#!/bin/sh\n" + header +
         "# Each task evaluates a share of the sweep's designs. A task that runs again goes on where it was.\n"
         "# Submit from the folder of this file: " +
         submit + "\n# When all tasks have ended: lnsim sweep --merge FOLDER\nset -eu\ncd -- " +
         shell_word(job.working_folder) + "\n" + command + "\n";
}

std::string slurm(const ClusterJob& job) {
  const std::string header = "#SBATCH --job-name=" + job_name(job.name) + "\n#SBATCH --array=1-" +
                             std::to_string(job.shards) +
                             "\n#SBATCH --ntasks=1\n#SBATCH --cpus-per-task=" + std::to_string(job.cores) +
                             "\n#SBATCH --requeue\n#SBATCH --open-mode=append\n#SBATCH --output=logs/%A_%a.log\n";
  return script(job, header, "${SLURM_ARRAY_TASK_ID}", "sbatch slurm.sh");
}

std::string lsf(const ClusterJob& job) {
  const std::string header = "#BSUB -J \"" + job_name(job.name) + "[1-" + std::to_string(job.shards) +
                             "]\"\n#BSUB -n " + std::to_string(job.cores) +
                             "\n#BSUB -R \"span[hosts=1]\"\n#BSUB -r\n#BSUB -o logs/%J_%I.log\n";
  return script(job, header, "${LSB_JOBINDEX}", "bsub < lsf.sh");
}

std::string grid_engine(const ClusterJob& job) {
  // Names of parallel environments are a cluster's own: "smp" is the usual one for the cores of one machine.
  const std::string cores = job.cores > 1 ? "#$ -pe smp " + std::to_string(job.cores) + "\n" : "";
  const std::string header = "#$ -N " + job_name(job.name) + "\n#$ -S /bin/sh\n#$ -t 1-" + std::to_string(job.shards) +
                             "\n" + cores + "#$ -r y\n#$ -cwd\n#$ -j y\n#$ -o logs/\n";
  return script(job, header, "${SGE_TASK_ID}", "qsub sge.sh");
}

std::string pbs(const ClusterJob& job) {
  // It takes no arrays of one.
  const std::string array = job.shards > 1 ? "#PBS -J 1-" + std::to_string(job.shards) + "\n" : "";
  const std::string header = "#PBS -N " + job_name(job.name) + "\n" + array +
                             "#PBS -l select=1:ncpus=" + std::to_string(job.cores) +
                             "\n#PBS -r y\n#PBS -j oe\n#PBS -o logs/\n";
  return script(job, header, "${PBS_ARRAY_INDEX:-1}", "qsub pbs.sh");
}

}  // namespace

std::vector<ClusterScript> cluster_scripts(const ClusterJob& job) {
  return {{"slurm.sh", slurm(job)}, {"lsf.sh", lsf(job)}, {"sge.sh", grid_engine(job)}, {"pbs.sh", pbs(job)}};
}

}  // namespace lnsim
