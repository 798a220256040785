#include "build/pull.hpp"

#include "base/error.hpp"
#include "images/reference.hpp"

namespace gantry::build {

void pull_image(Collaborators& with, const BuildRequest& request, const SessionPtr& session, const std::string& name,
                const std::string& platform, const images::Progress& progress, const registry::CancelPtr& cancel) {
  const auto reference = images::parse_reference(name);
  registry::Caller caller;
  for (const auto& [host, credentials] : request.credentials)
    if (host == reference.domain || (reference.domain == "docker.io" && host.find("index.docker.io") != host.npos))
      caller.credentials = credentials;
  if (caller.credentials.empty() && session)
    caller.credentials = session->credentials(reference.domain, *cancel).value_or(registry::Credentials{});
  const std::string tag = reference.digest.empty() ? (reference.tag.empty() ? "latest" : reference.tag) : reference.digest;
  with.registries.pull({reference.familiar_name(), tag, platform}, caller, progress, cancel);
}

images::ImagePtr find_or_pull(Collaborators& with, const BuildRequest& request, const SessionPtr& session,
                              const std::string& name, const registry::CancelPtr& cancel) {
  try {
    return with.images.resolve(name);
  } catch (const Error& e) {
    if (e.code() != Code::not_found || images::is_hex_id(name)) throw;
  }
  pull_image(
      with, request, session, name, request.platform, [](const Json&) {}, cancel);
  return with.images.resolve(name);
}

} // namespace gantry::build
