// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <systemc>

namespace lnsim::systemc {

/// A fresh SystemC simulation context for the life of this object, so that many machines can be elaborated one after
/// the other in one process. The context that was current before is kept and restored; the first one of the process
/// must never be deleted (libsystemc's static destructors still use it).
class ScopedContext {
 public:
  ScopedContext();
  ~ScopedContext();
  ScopedContext(const ScopedContext&) = delete;
  ScopedContext& operator=(const ScopedContext&) = delete;

 private:
  sc_core::sc_simcontext* outer_;
  sc_core::sc_simcontext* own_;
};

}  // namespace lnsim::systemc
