// SPDX-License-Identifier: Apache-2.0
#include "sim/sweep/stored_design.hpp"

namespace lnsim {

const char* status_name(DesignStatus status) {
  switch (status) {
    case DesignStatus::kDone: return "done";
    case DesignStatus::kFailed: return "failed";
    case DesignStatus::kExcluded: break;
  }
  return "excluded";
}

DesignStatus status_of(const std::string& name) {
  return name == "done" ? DesignStatus::kDone : name == "failed" ? DesignStatus::kFailed : DesignStatus::kExcluded;
}

}  // namespace lnsim
