#include "containers/selinux/labels.hpp"

#include <algorithm>

#include "base/error.hpp"
#include "containers/selinux/categories.hpp"
#include "containers/selinux/context.hpp"
#include "containers/spec/security_options.hpp"

namespace gantry::containers::selinux {
namespace {

Context context_of(const std::string& text) {
  const auto context = parse_context(text);
  if (!context) throw internal("'" + text + "' is no SELinux context");
  return *context;
}

[[noreturn]] void refuse(const std::string& option) {
  throw invalid("bad label option \"" + option +
                "\", valid options 'disable' or \n'user, role, level, type, filetype' followed by ':' and a value");
}

/// It becomes part of mount options, where a quote or a comma too many would begin another option.
bool is_plain(const std::string& value) {
  const auto allowed = [](unsigned char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '.' || c == '-';
  };
  return !value.empty() && std::all_of(value.begin(), value.end(), allowed);
}

bool is_level(std::string value) {
  std::erase_if(value, [](char c) { return c == ':' || c == ','; });
  return is_plain(value);
}

/// Two contexts, changed by one option after the other.
struct Draft {
  Context process, file;

  void apply(const std::string& option) {
    const std::size_t colon = option.find(':');
    if (colon == std::string::npos) refuse(option);
    const std::string key = option.substr(0, colon), value = option.substr(colon + 1);
    if (key == "level" ? !is_level(value) : !is_plain(value)) refuse(option);
    if (key == "user") {
      process.user = file.user = value;
    } else if (key == "level") {
      process.level = file.level = value;
    } else if (key == "role") {
      process.role = value;
    } else if (key == "type") {
      process.type = value;
    } else if (key == "filetype") {
      file.type = value;
    } else {
      refuse(option);
    }
  }
};

} // namespace

Labels make_labels(const Policy& policy, const StringList& options, const std::function<std::string()>& pick_level) {
  if (!policy.enabled()) return {};
  Draft draft{context_of(policy.process), context_of(policy.file)};
  const bool has_levels = !draft.process.level.empty();
  draft.process.level.clear();
  draft.file.level.clear();
  for (const auto& option : options) {
    if (option == "disable") {
      Context file = context_of(policy.file);
      if (has_levels) file.level = Categories::reserved;
      return {"", file.text()};
    }
    if (option != "nested") draft.apply(option);
  }
  if (has_levels && draft.process.level.empty()) draft.process.level = draft.file.level = pick_level();
  return {draft.process.text(), draft.file.text()};
}

StringList same_label(const std::string& process_label) {
  const auto context = parse_context(process_label);
  if (!context) return {};
  StringList options = {"user:" + context->user, "role:" + context->role, "type:" + context->type};
  if (!context->level.empty()) options.push_back("level:" + context->level);
  return options;
}

StringList label_options(const StringList& security_opt) { return parse_security_options(security_opt).labels; }

std::string shared_label(const std::string& mount_label) {
  auto context = parse_context(mount_label);
  if (!context) return mount_label;
  if (!context->level.empty()) context->level = "s0";
  return context->text();
}

} // namespace gantry::containers::selinux
