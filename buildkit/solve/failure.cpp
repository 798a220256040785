#include "buildkit/solve/failure.hpp"

#include "base/json.hpp"
#include "buildkit/encoding.hpp"
#include "status.pb.h"

namespace gantry::buildkit {
namespace {

constexpr std::size_t failure_max = 64 << 10;
/// Details go in a trailer, whose size clients limit.
constexpr std::size_t source_max = 1 << 20;

void add_detail(google::rpc::Status& status, const std::string& type, const Json& value) {
  auto* detail = status.add_details();
  detail->set_type_url("github.com/moby/buildkit/" + type);
  detail->set_value(value.dump(-1, ' ', false, Json::error_handler_t::replace));
}

/// Where the excerpt begins, which clients of BuildKit make themselves: "\n   2 | RUN …".
std::size_t end_of_message(const std::string& text) {
  for (std::size_t at = text.find('\n'); at != std::string::npos; at = text.find('\n', at + 1)) {
    const std::size_t number = text.find_first_not_of(' ', at + 1);
    if (number == std::string::npos || number == at + 1) continue;
    const std::size_t bar = text.find_first_not_of("0123456789", number);
    if (bar != number && bar != std::string::npos && text.compare(bar, 3, " | ") == 0) return at;
  }
  return text.size();
}

} // namespace

grpc::Status Failure::status() const {
  google::rpc::Status all;
  const std::string text = message.substr(0, failure_max);
  all.set_code(code);
  all.set_message(text);
  if (place.line > 0 && !place.text.empty() && place.text.size() <= source_max)
    add_detail(all, "errdefs.Source+json",
               {{"info", {{"filename", place.file}, {"data", base64_encode(place.text)}, {"language", "Dockerfile"}}},
                {"ranges", Json::array({{{"start", {{"line", place.line}}}, {"end", {{"line", place.line}}}}})}});
  if (!vertex.empty()) add_detail(all, "errdefs.Vertex+json", {{"digest", vertex}});
  return {code, text, all.SerializeAsString()};
}

EngineError take_apart(const std::string& text, const std::string& name) {
  EngineError error;
  error.message = text;
  if (!name.empty() && text.starts_with(name + ":")) {
    std::size_t at = name.size() + 1;
    int numbers[2] = {0, 0};
    for (int& number : numbers) {
      const std::size_t end = text.find_first_not_of("0123456789", at);
      if (end == at || end == std::string::npos || text[end] != ':' || end - at > 8) break;
      number = std::stoi(text.substr(at, end - at));
      at = end + 1;
    }
    if (numbers[0] > 0 && at < text.size()) {
      error.line = numbers[0];
      error.column = numbers[1];
      error.message = text.substr(text.find_first_not_of(' ', at) == std::string::npos ? at : text.find_first_not_of(' ', at));
    }
  }
  if (error.line > 0) error.message.resize(end_of_message(error.message));
  return error;
}

std::string in_buildkits_words(const std::string& message, const std::string& ref) {
  const std::string command = "The command '", code = "' returned a non-zero code: ";
  if (const std::size_t end = message.rfind(code); message.starts_with(command) && end != std::string::npos)
    return "process \"" + message.substr(command.size(), end - command.size()) +
           "\" did not complete successfully: exit code: " + message.substr(end + code.size());
  const std::string missing = "file not found in build context or excluded by .dockerignore: stat ",
                    end = ": file does not exist";
  const std::size_t at = message.find(missing);
  if (at != std::string::npos && message.ends_with(end)) {
    std::string path = message.substr(at + missing.size(), message.size() - at - missing.size() - end.size());
    if (!path.starts_with('/')) path = "/" + path;
    return "failed to calculate checksum of ref " + ref + ": \"" + path + "\": not found";
  }
  std::string rest = message;
  for (const char* prefix : {"COPY failed: ", "ADD failed: "})
    if (message.starts_with(prefix)) rest.erase(0, std::string(prefix).size());
  if (rest != message && rest.starts_with("stat ") && rest.ends_with(end)) {
    const std::string path = rest.substr(5, rest.size() - 5 - end.size());
    return "failed to calculate checksum of ref " + ref + ": \"" + (path.starts_with('/') ? "" : "/") + path + "\": not found";
  }
  const std::string target = "failed to reach build target ";
  if (const std::size_t in = message.rfind(" in Dockerfile"); message.starts_with(target) && in != std::string::npos)
    return "target stage \"" + message.substr(target.size(), in - target.size()) + "\" could not be found";
  return rest;
}

} // namespace gantry::buildkit
