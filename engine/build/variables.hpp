#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "build/dockerfile/expand.hpp"

namespace gantry::build {

using Args = std::map<std::string, std::optional<std::string>>;

/// Build arguments: what the client passes, what stands before the first FROM, and what a stage declares.
class Variables {
 public:
  /// `target`: platform that is built for; empty: this machine's.
  Variables(Args passed, const std::string& target);

  /// ARG before the first FROM.
  void declare_global(const std::string& name, std::optional<std::string> value);
  /// ARG in a stage.
  void declare(const std::string& name, std::optional<std::string> value);
  /// A stage begins: what it inherits from the stage that it is built on.
  void begin_stage(Args inherited);
  const Args& declared() const { return declared_; }

  /// For FROM: only what stands before the first one.
  std::optional<std::string> global(const std::string& name) const;
  /// For other instructions: the environment ("NAME=value") wins over arguments.
  std::optional<std::string> value(const std::string& name, const std::vector<std::string>& env) const;

  /// "NAME=value" of everything that a RUN gets beyond its environment, sorted. `for_key`: without the predefined ones, which
  /// neither history nor cache know.
  std::vector<std::string> for_run(const std::vector<std::string>& env, bool for_key) const;
  /// Names that another stage has declared.
  void add_mentioned(const std::set<std::string>& others) { mentioned_.insert(others.begin(), others.end()); }
  const std::set<std::string>& mentioned() const { return mentioned_; }
  /// What the client passed, declared or not.
  std::optional<std::string> passed(const std::string& name) const;
  /// Passed, but never declared.
  std::vector<std::string> unused() const;

 private:
  std::optional<std::string> argument(const std::string& name) const;

  Args passed_, global_, declared_;
  std::set<std::string> mentioned_;
};

/// HTTP_PROXY and friends, which need no ARG.
bool is_predefined(const std::string& name);

/// SOURCE_DATE_EPOCH and BUILDKIT_…, which are for the builder itself.
bool is_for_the_builder(const std::string& name);

/// The value of NAME in "NAME=value" lines.
std::optional<std::string> env_value(const std::vector<std::string>& env, const std::string& name);

} // namespace gantry::build
