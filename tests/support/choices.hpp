// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <random>
#include <sstream>
#include <string>
#include <vector>

namespace lnsim::test {

/// The source of a random case: a sequence of draws, recorded. Made from a seed, or replayed from a recorded sequence;
/// beyond its end every draw is 0, which all generators take as their smallest choice. So any case shrinks by cutting
/// and lowering numbers of its sequence (after Hypothesis: MacIver and Donaldson, ECOOP 2020), whatever it generates.
class Choices {
 public:
  explicit Choices(std::uint64_t seed) : engine_(seed) {}
  explicit Choices(std::vector<std::uint64_t> replay) : replay_(std::move(replay)) {}

  /// low <= result <= high; draw 0 gives low.
  std::uint64_t between(std::uint64_t low, std::uint64_t high) { return low + draw(high - low + 1); }
  bool flip() { return draw(2) == 1; }
  [[nodiscard]] const std::vector<std::uint64_t>& drawn() const { return drawn_; }

 private:
  std::uint64_t draw(std::uint64_t count) {
    std::uint64_t value = 0;
    if (!replay_) {
      value = engine_() % count;
    } else if (drawn_.size() < replay_->size()) {
      value = (*replay_)[drawn_.size()] % count;
    }
    drawn_.push_back(value);
    return value;
  }
  std::mt19937_64 engine_;
  std::optional<std::vector<std::uint64_t>> replay_;
  std::vector<std::uint64_t> drawn_;
};

inline std::string text_of(const std::vector<std::uint64_t>& draws) {
  std::ostringstream text;
  for (const std::uint64_t draw : draws) text << (text.tellp() > 0 ? "," : "") << draw;
  return text.str();
}

inline std::vector<std::uint64_t> draws_of(const std::string& text) {
  std::vector<std::uint64_t> draws;
  std::istringstream in(text);
  for (std::string part; std::getline(in, part, ',');) draws.push_back(std::stoull(part));
  return draws;
}

/// Runs the property on the sequence; the failure's text, or nullopt.
using Property = std::function<std::optional<std::string>(Choices&)>;

/// A smaller sequence that still fails: shorter, then lower in each place. Tries at most `tries` sequences.
inline std::vector<std::uint64_t> shrink(std::vector<std::uint64_t> draws, const Property& property, int tries = 400) {
  const auto fails = [&](const std::vector<std::uint64_t>& candidate) {
    if (tries-- <= 0) return false;
    Choices choices(candidate);
    return property(choices).has_value();
  };
  for (bool smaller = true; smaller && tries > 0;) {
    smaller = false;
    for (std::size_t i = draws.size(); i-- > 0 && tries > 0;) {
      for (const std::uint64_t value : {std::uint64_t{0}, draws[i] / 2, draws[i] - 1}) {
        if (value >= draws[i]) continue;
        std::vector<std::uint64_t> candidate = draws;
        candidate[i] = value;
        if (!fails(candidate)) continue;
        draws = candidate;
        smaller = true;
        break;
      }
    }
  }
  while (!draws.empty() && draws.back() == 0) draws.pop_back();
  return draws;
}

}  // namespace lnsim::test
