// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "sim/support/error.hpp"

namespace lnsim {

/// Collects what is wrong in one file while it is read, so that a user sees every mistake at once. Knows the JSON
/// pointer of the value being read; `add` takes the rest of the way.
class Problems {
 public:
  /// Problems in `file` at or below the JSON pointer `pointer` ("" is the whole document).
  explicit Problems(std::string file, std::string pointer = {})
      : file_(std::move(file)), pointer_(std::move(pointer)) {}

  /// `pointer_suffix` is a JSON pointer relative to the value being read: "/lanes", "/layers/3", or "" for itself.
  void add(std::string_view pointer_suffix, std::string value, std::string expected);

  [[nodiscard]] bool empty() const { return count_ == 0; }
  [[nodiscard]] std::size_t count() const { return count_; }
  [[nodiscard]] const std::string& file() const { return file_; }
  [[nodiscard]] const std::string& pointer() const { return pointer_; }
  /// Throws InputError with all problems in the order found (the first 20, and how many more), if there are any.
  void throw_if_any() const;

  /// While it lives, `problems` speaks about the member `key` (or the element `index`) of the value before.
  class Scope {
   public:
    Scope(Problems& problems, std::string_view key);
    Scope(Problems& problems, std::size_t index);
    Scope(const Scope&) = delete;
    Scope& operator=(const Scope&) = delete;
    ~Scope() { problems_.pointer_.resize(length_); }

   private:
    Problems& problems_;
    std::size_t length_;
  };

 private:
  std::string file_;
  std::string pointer_;
  std::vector<InputProblem> kept_;
  std::size_t count_ = 0;
};

}  // namespace lnsim
