// SPDX-License-Identifier: Apache-2.0
#include "sim/fast/state.hpp"

namespace lnsim::fast {

// Apart, so that what is done for every number is short enough to be inlined.
void Snapshot::grow() {
  values_.resize(2 * size_ + 64);
  kinds_.resize(2 * size_ + 64);
}

}  // namespace lnsim::fast
