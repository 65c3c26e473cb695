// SPDX-License-Identifier: Apache-2.0
#include "sim/systemc/context.hpp"

#include <cstdlib>

namespace lnsim::systemc {

ScopedContext::ScopedContext() {
  // The banner would go to the user's terminal at the first call into the library.
  ::setenv("SYSTEMC_DISABLE_COPYRIGHT_MESSAGE", "1", 1);
  outer_ = sc_core::sc_get_curr_simcontext();
  own_ = new sc_core::sc_simcontext;
  sc_core::sc_curr_simcontext = own_;
}

ScopedContext::~ScopedContext() {
  sc_core::sc_curr_simcontext = outer_;
  delete own_;
}

}  // namespace lnsim::systemc

/// libsystemc brings a main() that calls this. Programs here have a main() of their own, and no simulation runs from
/// this function; it exists because the library refers to it.
extern "C" int sc_main(int, char**);
extern "C" int sc_main(int, char**) { return 1; }
