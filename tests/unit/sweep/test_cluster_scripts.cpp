// SPDX-License-Identifier: Apache-2.0
// Golden texts in tests/golden/cluster: what each batch system is given, read and found right by hand.
#include "sim/sweep/cluster_scripts.hpp"

#include <catch2/catch.hpp>
#include <fstream>
#include <iterator>

using namespace lnsim;

namespace {

std::string golden(const std::string& file) {
  std::ifstream in(std::string(LNSIM_SOURCE_DIR) + "/tests/golden/cluster/" + file, std::ios::binary);
  REQUIRE(in);
  return {std::istreambuf_iterator<char>(in), {}};
}

ClusterJob hostile_job() {
  ClusterJob job;
  job.name = "a b\n#SBATCH --wrap=`x` $(y)";
  job.shards = 12;
  job.cores = 4;
  job.program = "/opt/it's/bin/lnsim";
  job.working_folder = "/home/a user/$(touch x)";
  job.folder = "/scratch/`x`/job\nrm -rf /";
  job.options = {"--again", "--data-dir=/d \"e\""};
  return job;
}

}  // namespace

TEST_CASE("scripts for clusters are the golden ones", "[cluster]") {
  for (const ClusterScript& script : cluster_scripts(hostile_job())) {
    CAPTURE(script.file);
    CHECK(script.text == golden(script.file));
  }
}

TEST_CASE("a job of one shard has no array on PBS, which refuses such", "[cluster]") {
  ClusterJob job = hostile_job();
  job.shards = 1;
  const std::string text = cluster_scripts(job).back().text;
  CHECK(text.find("#PBS -J") == std::string::npos);
  CHECK(text.find("${PBS_ARRAY_INDEX:-1}/1") != std::string::npos);
}
