// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace lnsim::training {

// Functions of the vector operations and the loss, of additions, multiplications, divisions and exact scalings only:
// the same on every machine, whatever its mathematical library.

/// Natural logarithm of a normal x > 0, relative error below 1e-13 (absolute where the result is near 0).
[[nodiscard]] double portable_log(double x);

/// Hyperbolic tangent, absolute error below 1e-13.
[[nodiscard]] double portable_tanh(double x);

/// e^x, 0 where it would lie below e^-700; x <= 700.
[[nodiscard]] double portable_exp_or_zero(double x);

}  // namespace lnsim::training
