#include "cli/format/template.hpp"

#include <algorithm>
#include <stdexcept>

#include "cli/failure.hpp"
#include "cli/format/template_ast.hpp"
#include "cli/format/template_functions.hpp"

namespace gantry::cli {
namespace {

using ast::Command;
using ast::Node;
using ast::Operand;
using ast::Pipeline;

/// An object's entries in the order of their keys, as Go ranges over a map.
std::vector<std::pair<std::string, Json>> sorted(const Json& object) {
  std::vector<std::pair<std::string, Json>> out;
  for (const auto& [key, value] : object.items()) out.emplace_back(key, value);
  std::sort(out.begin(), out.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  return out;
}

class Run {
 public:
  explicit Run(const Template::Data& data) : data_(data) { variables_.emplace_back("", data.value); }

  std::string block(const std::vector<Node>& nodes, const Json& dot) {
    const std::size_t mark = variables_.size();
    std::string out;
    for (const Node& node : nodes) out += one(node, dot);
    variables_.resize(mark);
    return out;
  }

 private:
  std::string one(const Node& node, const Json& dot) {
    if (node.kind == Node::Kind::text) return node.text;
    if (node.kind == Node::Kind::loop) return loop(node, dot);
    if (node.kind == Node::Kind::action) {
      const Json value = evaluate(node.pipeline, dot);
      if (node.pipeline.variables.empty()) return to_text(value);
      assign(node.pipeline, 0, value);
      return "";
    }
    const std::size_t mark = variables_.size();
    const Json value = evaluate(node.pipeline, dot);
    if (!node.pipeline.variables.empty()) assign(node.pipeline, 0, value);
    const std::string out =
        truth(value) ? block(node.body, node.kind == Node::Kind::with ? value : dot) : block(node.otherwise, dot);
    variables_.resize(mark);
    return out;
  }

  std::string loop(const Node& node, const Json& dot) {
    const Json list = evaluate(node.pipeline, dot);
    std::string out;
    const auto turn = [&](const Json& key, const Json& value) {
      const std::size_t mark = variables_.size();
      const auto& names = node.pipeline.variables;
      if (names.size() == 2) assign(node.pipeline, 0, key);
      if (!names.empty()) assign(node.pipeline, names.size() - 1, value);
      out += block(node.body, value);
      variables_.resize(mark);
    };
    if (list.is_object())
      for (const auto& [key, value] : sorted(list)) turn(key, value);
    else if (list.is_array())
      for (std::size_t i = 0; i < list.size(); ++i) turn(i, list[i]);
    else if (!list.is_null())
      fail(node.pipeline.commands[0][0], "range can't iterate over " + to_text(list));
    return truth(list) ? out : block(node.otherwise, dot);
  }

  void assign(const Pipeline& pipeline, std::size_t which, const Json& value) {
    const std::string& name = pipeline.variables[which];
    if (pipeline.declares) {
      variables_.emplace_back(name, value);
    } else {
      variable(name, nullptr) = value;
    }
  }

  Json& variable(const std::string& name, const Operand* where) {
    for (auto at = variables_.rbegin(); at != variables_.rend(); ++at)
      if (at->first == name) return at->second;
    if (where != nullptr) fail(*where, "undefined variable \"$" + name + "\"");
    throw Failure("template: undefined variable \"$" + name + "\"");
  }

  Json evaluate(const Pipeline& pipeline, const Json& dot) {
    Json value;
    bool piped = false;
    for (const Command& command : pipeline.commands) {
      value = evaluate(command, dot, piped ? &value : nullptr);
      piped = true;
    }
    return value;
  }

  Json evaluate(const Command& command, const Json& dot, const Json* piped) {
    std::vector<Json> arguments;
    for (std::size_t i = 1; i < command.size(); ++i) arguments.push_back(operand(command[i], dot, {}));
    if (piped != nullptr) arguments.push_back(*piped);
    return operand(command[0], dot, arguments);
  }

  Json operand(const Operand& o, const Json& dot, const std::vector<Json>& arguments) {
    switch (o.kind) {
      case Operand::Kind::literal:
        return o.literal;
      case Operand::Kind::dot:
        return dot;
      case Operand::Kind::variable:
        return fields(o, variable(o.name, &o), arguments);
      case Operand::Kind::pipeline:
        return fields(o, evaluate(*o.inner, dot), arguments);
      case Operand::Kind::field:
        return fields(o, dot, arguments);
      case Operand::Kind::function:
        break;
    }
    try {
      return call_function(o.name, arguments);
    } catch (const std::invalid_argument& e) {
      fail(o, e.what());
    }
  }

  Json fields(const Operand& o, const Json& from, const std::vector<Json>& arguments) {
    const Json* at = &from;
    Json made;
    for (const std::string& name : o.fields) {
      if (data_.method && at == &from)
        if (auto result = data_.method(name, arguments)) {
          made = std::move(*result);
          at = &made;
          continue;
        }
      if (at->is_null()) fail(o, "nil pointer evaluating interface {}." + name);
      const auto found = at->is_object() ? at->find(name) : at->end();
      if (at->is_object() && found != at->end()) {
        at = &*found;
      } else if (!data_.type.empty() || !at->is_object()) {
        fail(o, "can't evaluate field " + name + " in type " + (data_.type.empty() ? "interface {}" : data_.type));
      } else {
        fail(o, "map has no entry for key \"" + name + "\"");
      }
    }
    if (!arguments.empty() && at != &made)
      fail(o, o.source.substr(o.source.rfind('.') + 1) + " is not a method but has arguments");
    return *at;
  }

  [[noreturn]] void fail(const Operand& o, const std::string& what) const {
    throw Failure("template: :" + std::to_string(o.line) + ":" + std::to_string(o.column) + ": executing \"\" at <" + o.source +
                  ">: " + what);
  }

  const Template::Data& data_;
  std::vector<std::pair<std::string, Json>> variables_{};
};

} // namespace

Template::Template(const std::string& text) : nodes_(ast::parse(text)) {}
Template::~Template() = default;
Template::Template(Template&&) noexcept = default;

std::string Template::run(const Data& data) const { return Run(data).block(nodes_, data.value); }

std::string to_text(const Json& v) {
  if (v.is_string()) return v;
  if (v.is_null()) return "<no value>";
  std::string out;
  if (v.is_array()) {
    for (const Json& one : v) out += (out.empty() ? "" : " ") + to_text(one);
    return "[" + out + "]";
  }
  if (v.is_object()) {
    for (const auto& [key, value] : sorted(v)) out += (out.empty() ? "" : " ") + key + ":" + to_text(value);
    return "map[" + out + "]";
  }
  return v.dump();
}

std::string to_go_json(const Json& value) {
  const std::string plain = value.dump(-1, ' ', false, Json::error_handler_t::replace);
  std::string out;
  for (const char c : plain) {
    if (c == '<')
      out += "\\u003c";
    else if (c == '>')
      out += "\\u003e";
    else if (c == '&')
      out += "\\u0026";
    else
      out += c;
  }
  return out;
}

} // namespace gantry::cli
