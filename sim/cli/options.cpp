// SPDX-License-Identifier: Apache-2.0
#include "sim/cli/options.hpp"

#include <algorithm>
#include <boost/program_options.hpp>
#include <charconv>
#include <list>
#include <map>
#include <sstream>
#include <utility>

#include "sim/cli/option_pages.hpp"
#include "sim/report/numbers.hpp"
#include "sim/support/error.hpp"
#include "sim/support/json.hpp"
#include "sim/support/text.hpp"

namespace lnsim::cli {
namespace {

namespace po = boost::program_options;

constexpr const char* kOperands = "operands";  // the name under which Boost collects words that are not options
constexpr unsigned kHelpWidth = 110;

void require_known(const std::string& option, const std::string& word, const std::vector<std::string>& names) {
  if (std::find(names.begin(), names.end(), word) != names.end()) return;
  const std::vector<std::string_view> views(names.begin(), names.end());
  throw InputError(option, "", brief_json(Json(word)), suggestion(word, views));
}

}  // namespace

struct Options::Impl {
  std::string usage, about;
  std::list<po::options_description> groups;  // a list: references to groups stay valid
  std::map<std::string, Store> stores;
  std::vector<std::string>* operands = nullptr;
  std::string form;  ///< kRoff, kBash, or "" for a reader

  [[nodiscard]] std::vector<OptionRow> rows() const {
    std::vector<OptionRow> all;
    for (const auto& group : groups) {
      for (const auto& option : group.options()) {
        const bool value = option->semantic()->max_tokens() > 0;
        all.push_back(
            {titles.at(&group), option->long_name(), value ? option->format_parameter() : "", option->description()});
      }
    }
    return all;
  }
  std::map<const po::options_description*, std::string> titles;  ///< Boost keeps them to itself
};

Options::Options(std::string usage, std::string about) : impl_(std::make_unique<Impl>()) {
  impl_->usage = std::move(usage);
  impl_->about = std::move(about);
  group("Options");
  impl_->groups.back().add_options()("help", "print this help and exit");
}

Options::~Options() = default;

void Options::group(const std::string& title) { impl_->titles[&impl_->groups.emplace_back(title, kHelpWidth)] = title; }

void Options::add(const std::string& name, const std::string& value_name, const std::string& shown_default,
                  const std::string& text, Store store) {
  auto* const value = po::value<std::string>()->value_name(value_name);
  const std::string full = shown_default.empty() ? text : text + " (default " + shown_default + ")";
  impl_->groups.back().add_options()(name.c_str(), value, full.c_str());
  impl_->stores[name] = std::move(store);
}

void Options::flag(const std::string& name, bool& target, const std::string& text) {
  impl_->groups.back().add_options()(name.c_str(), text.c_str());
  impl_->stores[name] = [&target](const std::string&) { target = true; };
}

void Options::text(const std::string& name, std::string& target, const std::string& value_name,
                   const std::string& text) {
  add(name, value_name, target, text, [&target](const std::string& value) { target = value; });
}

void Options::count(const std::string& name, std::uint64_t& target, std::uint64_t min, std::uint64_t max,
                    const std::string& text) {
  add(name, "N", std::to_string(target), text,
      [&target, min, max, name](const std::string& value) { target = parse_count("--" + name, value, min, max); });
}

void Options::count(const std::string& name, std::optional<std::uint64_t>& target, std::uint64_t min, std::uint64_t max,
                    const std::string& text) {
  add(name, "N", "", text,
      [&target, min, max, name](const std::string& value) { target = parse_count("--" + name, value, min, max); });
}

void Options::choice(const std::string& name, std::string& target, const std::vector<std::string>& names,
                     const std::string& text) {
  std::string shown;
  for (const std::string& word : names) shown += (shown.empty() ? "" : "|") + word;
  add(name, shown, target, text, [&target, names, name](const std::string& value) {
    require_known("--" + name, value, names);
    target = value;
  });
}

void Options::list(const std::string& name, std::vector<std::string>& target, const std::string& value_name,
                   const std::vector<std::string>& names, const std::string& text) {
  add(name, value_name, joined(target), text, [&target, names, name](const std::string& value) {
    std::vector<std::string> words = split_list("--" + name, value);
    for (const std::string& word : words) {
      if (!names.empty()) require_known("--" + name, word, names);
    }
    target = std::move(words);
  });
}

void Options::operands(std::vector<std::string>& target) { impl_->operands = &target; }

std::vector<std::string_view> Options::names() const {
  std::vector<std::string_view> names = {"--help"};
  for (const auto& group : impl_->groups) {
    for (const auto& option : group.options()) names.emplace_back(option->long_name());
  }
  return names;
}

bool Options::parse(const std::vector<std::string>& arguments) {
  if (arguments.size() == 1 && (arguments.front() == kRoff || arguments.front() == kBash)) {
    impl_->form = arguments.front();
    return false;
  }
  std::vector<std::string> words = arguments;
  // Short options are switched off, so that "--batch -1" reads -1 as the value; -h is the one exception.
  for (std::string& word : words) {
    if (word == "--") break;
    if (word == "-h") word = "--help";
  }
  po::options_description all;
  for (const auto& group : impl_->groups) all.add(group);
  all.add_options()(kOperands, po::value<std::vector<std::string>>());
  po::positional_options_description positional;
  positional.add(kOperands, -1);
  constexpr int kStyle = po::command_line_style::allow_long | po::command_line_style::long_allow_adjacent |
                         po::command_line_style::long_allow_next;
  po::variables_map values;
  try {
    po::store(po::command_line_parser(words).options(all).positional(positional).style(kStyle).run(), values);
  } catch (const po::unknown_option& error) {
    const std::string name = error.get_option_name();
    std::vector<std::string> known;
    for (const std::string_view word : names())
      known.push_back((word.starts_with("--") ? "" : "--") + std::string(word));
    const std::string near = nearest(name, known);
    throw InputError("", "", "unknown option " + brief_json(Json(name)), near.empty() ? "one that --help lists" : near);
  } catch (const po::error& error) {
    throw InputError("", "", error.what(), "");
  }
  if (values.count("help") > 0) return false;
  for (const auto& [name, store] : impl_->stores) {
    if (values.count(name) == 0) continue;
    const auto& value = values[name].value();
    store(value.type() == typeid(std::string) ? values[name].as<std::string>() : std::string());
  }
  std::vector<std::string> operands;
  if (values.count(kOperands) > 0) operands = values[kOperands].as<std::vector<std::string>>();
  if (impl_->operands != nullptr) {
    *impl_->operands = std::move(operands);
  } else if (!operands.empty()) {
    throw InputError("", "", "unexpected word " + brief_json(Json(operands.front())), "options only");
  }
  return true;
}

std::string Options::help() const {
  if (impl_->form == kRoff) return roff_section(impl_->usage, impl_->about, impl_->rows());
  if (impl_->form == kBash) return bash_case(impl_->usage, impl_->rows());
  std::ostringstream text;
  text << "Usage: lnsim " << impl_->usage << "\n" << impl_->about << "\n";
  for (const auto& group : impl_->groups) text << "\n" << group;
  return text.str();
}

std::uint64_t parse_count(const std::string& option, const std::string& text, std::uint64_t min, std::uint64_t max) {
  std::uint64_t value = 0;
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc{} || stop != end || value < min || value > max) {
    throw InputError(option, "", text.empty() ? "\"\"" : text,
                     "a whole number " + std::to_string(min) + ".." + std::to_string(max));
  }
  return value;
}

double parse_real(const std::string& option, const std::string& text, double min, double max) {
  double value = 0.0;
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc() || stop != end || !(value >= min && value <= max)) {
    // Limits without an exponent or a point that says nothing: "0 to 1".
    const auto limit = [](double x) { return report::digits_text(x); };
    throw InputError(option, "", text, "a number from " + limit(min) + " to " + limit(max));
  }
  return value;
}

std::vector<std::string> split_list(const std::string& option, const std::string& text) {
  std::vector<std::string> words;
  std::size_t start = 0;
  while (start <= text.size()) {
    const std::size_t comma = std::min(text.find(',', start), text.size());
    words.push_back(text.substr(start, comma - start));
    if (words.back().empty()) throw InputError(option, "", brief_json(Json(text)), "words separated by single commas");
    start = comma + 1;
  }
  return words;
}

}  // namespace lnsim::cli
