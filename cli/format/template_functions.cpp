#include "cli/format/template_functions.hpp"

#include <algorithm>
#include <cctype>
#include <map>
#include <stdexcept>

#include "cli/format/printf.hpp"
#include "cli/format/template.hpp"

namespace gantry::cli {
namespace {

using Arguments = std::vector<Json>;
using Wrong = std::invalid_argument;

std::string text(const Json& value) { return value.is_string() ? value.get<std::string>() : to_text(value); }

template <class F>
Json mapped(const Json& value, F f) {
  std::string out = text(value);
  std::transform(out.begin(), out.end(), out.begin(), [f](unsigned char c) { return static_cast<char>(f(c)); });
  return out;
}

Json title(const Arguments& a) {
  std::string out = text(a[0]);
  bool start = true;
  for (char& c : out) {
    if (start) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
    start = std::isspace(static_cast<unsigned char>(c)) != 0;
  }
  return out;
}

Json split_text(const Arguments& a) {
  const std::string whole = text(a[0]), mark = text(a[1]);
  Json out = Json::array();
  std::size_t at = 0;
  if (!mark.empty()) {
    for (auto next = whole.find(mark); next != std::string::npos; next = whole.find(mark, at)) {
      out.push_back(whole.substr(at, next - at));
      at = next + mark.size();
    }
  }
  out.push_back(whole.substr(at));
  return out;
}

Json join_text(const Arguments& a) {
  std::string out;
  if (!a[0].is_array()) throw Wrong("join: the first argument is not a list");
  for (std::size_t i = 0; i < a[0].size(); ++i) out += (i ? text(a[1]) : "") + text(a[0][i]);
  return out;
}

Json pad(const Arguments& a) {
  const auto spaces = [](const Json& n) {
    return std::string(static_cast<std::size_t>(std::clamp<std::int64_t>(n.get<std::int64_t>(), 0, 1000)), ' ');
  };
  if (!a[1].is_number_integer() || !a[2].is_number_integer()) throw Wrong("pad: wrong type of number");
  const std::string whole = text(a[0]);
  return whole.empty() ? Json(whole) : Json(spaces(a[1]) + whole + spaces(a[2]));
}

Json truncate(const Arguments& a) {
  if (!a[1].is_number_integer()) throw Wrong("truncate: wrong type of number");
  return text(a[0]).substr(0, static_cast<std::size_t>(std::max<std::int64_t>(a[1].get<std::int64_t>(), 0)));
}

Json length(const Arguments& a) {
  if (a[0].is_string()) return a[0].get_ref<const std::string&>().size();
  if (a[0].is_array() || a[0].is_object()) return a[0].size();
  if (a[0].is_null()) return 0;
  throw Wrong("error calling len: len of type " + std::string(a[0].type_name()));
}

Json index(const Arguments& a) {
  Json value = a[0];
  for (std::size_t i = 1; i < a.size(); ++i) {
    if (value.is_object()) {
      const auto found = value.find(text(a[i]));
      const Json next = found == value.end() ? Json(nullptr) : *found;
      value = next;
    } else if (value.is_array() && a[i].is_number_integer()) {
      const auto at = a[i].get<std::int64_t>();
      if (at < 0 || at >= static_cast<std::int64_t>(value.size()))
        throw Wrong("error calling index: reflect: slice index out of range");
      const Json next = value[static_cast<std::size_t>(at)];
      value = next;
    } else {
      throw Wrong(value.is_null() ? "error calling index: index of untyped nil"
                                  : "error calling index: can't index item of type " + std::string(value.type_name()));
    }
  }
  return value;
}

Json slice(const Arguments& a) {
  if (!a[0].is_string() && !a[0].is_array())
    throw Wrong("error calling slice: can't slice item of type " + std::string(a[0].type_name()));
  const std::size_t size = a[0].is_string() ? a[0].get_ref<const std::string&>().size() : a[0].size();
  const auto bound = [&](std::size_t i, std::size_t standard) {
    if (i >= a.size()) return standard;
    if (!a[i].is_number_integer() || a[i].get<std::int64_t>() < 0 || a[i].get<std::int64_t>() > static_cast<std::int64_t>(size))
      throw Wrong("error calling slice: index out of range: " + to_text(a[i]));
    return static_cast<std::size_t>(a[i].get<std::int64_t>());
  };
  const std::size_t from = bound(1, 0), to = bound(2, size);
  if (from > to) throw Wrong("error calling slice: invalid slice index: " + std::to_string(from) + " > " + std::to_string(to));
  if (a[0].is_string()) return a[0].get<std::string>().substr(from, to - from);
  Json out = Json::array();
  for (std::size_t i = from; i < to; ++i) out.push_back(a[0][i]);
  return out;
}

void comparable(const Json& a, const Json& b) {
  const bool same = a.type() == b.type() || (a.is_number() && b.is_number()) || a.is_null() || b.is_null();
  if (!same) throw Wrong("error calling eq: incompatible types for comparison");
}

Json equal(const Arguments& a) {
  for (std::size_t i = 1; i < a.size(); ++i) {
    comparable(a[0], a[i]);
    if (a[0] == a[i]) return true;
  }
  return false;
}

Json less(const Arguments& a) {
  comparable(a[0], a[1]);
  return a[0] < a[1];
}

Json both(const Arguments& a) {
  for (const Json& value : a)
    if (!truth(value)) return value;
  return a.back();
}

Json either(const Arguments& a) {
  for (const Json& value : a)
    if (truth(value)) return value;
  return a.back();
}

Json print(const Arguments& a) {
  std::string out;
  for (std::size_t i = 0; i < a.size(); ++i)
    out += (i > 0 && !a[i].is_string() && !a[i - 1].is_string() ? " " : "") + to_text(a[i]);
  return out;
}

Json println(const Arguments& a) {
  std::string out;
  for (std::size_t i = 0; i < a.size(); ++i) out += (i ? " " : "") + to_text(a[i]);
  return out + "\n";
}

struct Function {
  std::size_t min, max;
  Json (*call)(const Arguments&);
};

constexpr std::size_t any = 1000;

const std::map<std::string, Function>& functions() {
  static const std::map<std::string, Function> table{
      {"and", {1, any, both}},
      {"eq", {2, any, equal}},
      {"ge", {2, 2, [](const Arguments& a) { return Json(!less(a).get<bool>()); }}},
      {"gt", {2, 2, [](const Arguments& a) { return Json(!less(a).get<bool>() && a[0] != a[1]); }}},
      {"index", {1, any, index}},
      {"join", {2, 2, join_text}},
      {"json", {1, 1, [](const Arguments& a) { return Json(to_go_json(a[0])); }}},
      {"le", {2, 2, [](const Arguments& a) { return Json(less(a).get<bool>() || a[0] == a[1]); }}},
      {"len", {1, 1, length}},
      {"lower", {1, 1, [](const Arguments& a) { return mapped(a[0], [](unsigned char c) { return std::tolower(c); }); }}},
      {"lt", {2, 2, less}},
      {"ne", {2, 2, [](const Arguments& a) { return Json(!equal(a).get<bool>()); }}},
      {"not", {1, 1, [](const Arguments& a) { return Json(!truth(a[0])); }}},
      {"or", {1, any, either}},
      {"pad", {3, 3, pad}},
      {"print", {0, any, print}},
      {"printf",
       {1, any,
        [](const Arguments& a) {
          return Json(go_printf(text(a[0]), {a.begin() + 1, a.end()}));
        }}},
      {"println", {0, any, println}},
      {"slice", {1, 3, slice}},
      {"split", {2, 2, split_text}},
      {"title", {1, 1, title}},
      {"truncate", {2, 2, truncate}},
      {"upper", {1, 1, [](const Arguments& a) { return mapped(a[0], [](unsigned char c) { return std::toupper(c); }); }}},
  };
  return table;
}

} // namespace

bool is_function(const std::string& name) { return functions().contains(name); }

Json call_function(const std::string& name, const Arguments& a) {
  const Function& function = functions().at(name);
  if (a.size() < function.min || a.size() > function.max) {
    const std::string want =
        function.min == function.max ? std::to_string(function.min) : "at least " + std::to_string(function.min);
    throw Wrong("wrong number of args for " + name + ": want " + want + " got " + std::to_string(a.size()));
  }
  return function.call(a);
}

bool truth(const Json& v) {
  if (v.is_boolean()) return v.get<bool>();
  if (v.is_number()) return v.get<double>() != 0;
  if (v.is_string()) return !v.get_ref<const std::string&>().empty();
  return !v.is_null() && !v.empty();
}

} // namespace gantry::cli
