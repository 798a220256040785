#include "buildkit/solve/subrequests.hpp"

#include "buildkit/encoding.hpp"

namespace gantry::buildkit {
namespace {

Json ranges_of(int line) { return Json::array({{{"start", {{"line", line}}}, {"end", {{"line", line}}}}}); }

Json source_of(const std::string& file, const std::string& text) {
  return {{"filename", file}, {"language", "Dockerfile"}, {"data", base64_encode(text)}};
}

std::string dump(const Json& json) { return json.dump(2, ' ', false, Json::error_handler_t::replace); }

} // namespace

moby::buildkit::v1::VertexWarning wire_warning(const Json& warning, const std::string& vertex, const std::string& file,
                                               const std::string& text) {
  moby::buildkit::v1::VertexWarning out;
  const int line = warning.value("line", 0);
  out.set_vertex(vertex);
  out.set_level(1);
  out.set_short_(warning.value("rule", "") + ": " + warning.value("detail", "") + " (line " + std::to_string(line) + ")");
  out.add_detail(warning.value("description", ""));
  out.set_url(warning.value("url", ""));
  out.mutable_info()->set_filename(file);
  out.mutable_info()->set_data(text);
  out.mutable_info()->set_language("Dockerfile");
  auto* range = out.add_ranges();
  range->mutable_start()->set_line(line);
  range->mutable_end()->set_line(line);
  return out;
}

std::map<std::string, std::string> lint_of(const std::vector<Json>& warnings, const std::string& file, const std::string& text) {
  Json result = {{"warnings", Json::array()}, {"sources", Json::array({source_of(file, text)})}};
  std::string plain;
  for (const Json& warning : warnings) {
    const std::string rule = warning.value("rule", ""), url = warning.value("url", ""), detail = warning.value("detail", "");
    result["warnings"].push_back({{"ruleName", rule},
                                  {"description", warning.value("description", "")},
                                  {"url", url},
                                  {"detail", detail},
                                  {"location", {{"ranges", ranges_of(warning.value("line", 0))}}}});
    plain.append("\nWARNING: ").append(rule).append(" - ").append(url).append("\n").append(detail).append("\n");
    plain += warning.value("excerpt", "");
  }
  return {{"result.json", dump(result)},
          {"result.txt", plain},
          {"result.statuscode", warnings.empty() ? "0" : "1"},
          {"version", "1.0.0"}};
}

std::map<std::string, std::string> lint_failure(const Failure& failure) {
  Json result = {{"warnings", Json::array()}, {"buildError", {{"message", failure.message}}}};
  if (failure.place.line > 0) {
    result["sources"] = Json::array({source_of(failure.place.file, failure.place.text)});
    result["buildError"]["location"] = {{"ranges", ranges_of(failure.place.line)}};
  }
  return {
      {"result.json", dump(result)}, {"result.txt", failure.message + "\n"}, {"result.statuscode", "1"}, {"version", "1.0.0"}};
}

std::map<std::string, std::string> outline_of(const DockerfileNeeds& needs, const std::string& target, const std::string& text) {
  Json result = {{"sources", Json::array({base64_encode(text)})}, {"args", Json::array()}};
  std::string plain = "BUILD ARG\tVALUE\n";
  for (std::size_t i = 0; i < needs.stages.size(); ++i) {
    const StageOutline& stage = needs.stages[i];
    if (target.empty() ? i + 1 != needs.stages.size() : stage.name != target) continue;
    if (!stage.name.empty()) result["name"] = stage.name;
    if (!stage.description.empty()) result["description"] = stage.description;
    for (const auto& [name, value] : stage.args) {
      result["args"].push_back({{"name", name}, {"value", value}});
      plain.append(name).append("\t").append(value).append("\n");
    }
  }
  return {{"result.json", dump(result)}, {"result.txt", plain}, {"version", "1.0.0"}};
}

std::map<std::string, std::string> targets_of(const DockerfileNeeds& needs, const std::string& target, const std::string& text) {
  Json result = {{"targets", Json::array()}, {"sources", Json::array({base64_encode(text)})}};
  std::string plain = "TARGET\tDESCRIPTION\n";
  for (std::size_t i = 0; i < needs.stages.size(); ++i) {
    const StageOutline& stage = needs.stages[i];
    const bool is_default = target.empty() ? i + 1 == needs.stages.size() : stage.name == target;
    Json entry = Json::object();
    if (!stage.name.empty()) entry["name"] = stage.name;
    if (is_default) entry["default"] = true;
    if (!stage.description.empty()) entry["description"] = stage.description;
    entry["base"] = stage.base;
    if (!stage.platform.empty()) entry["platform"] = stage.platform;
    entry["location"] = {{"ranges", ranges_of(stage.line)}};
    result["targets"].push_back(std::move(entry));
    plain += (stage.name.empty() && is_default ? "(default)" : stage.name + (is_default ? " (default)" : "")) + "\t" +
             stage.description + "\n";
  }
  return {{"result.json", dump(result)}, {"result.txt", plain}, {"version", "1.0.0"}};
}

std::map<std::string, std::string> descriptions() {
  Json list = Json::array();
  for (const auto& [name, text] :
       {std::pair{"frontend.lint", "Lint a Dockerfile"}, std::pair{"frontend.targets", "List the targets of a Dockerfile"}})
    list.push_back({{"name", name},
                    {"version", "1.0.0"},
                    {"type", "rpc"},
                    {"description", text},
                    {"opts", Json::array({{{"name", "target"}, {"description", "Target build stage"}}})},
                    {"metadata", Json::array({{{"name", "result.json"}}, {{"name", "result.txt"}}})}});
  return {{"result.json", dump(list)}, {"result.txt", "NAME\nfrontend.lint\nfrontend.targets\n"}, {"version", "1.0.0"}};
}

} // namespace gantry::buildkit
