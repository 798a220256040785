#include "buildkit/services/wish.hpp"

#include <stdexcept>

namespace gantry::buildkit {
namespace {

constexpr std::size_t ref_max = 256;
constexpr int lists_max = 64, attributes_max = 10000;

Attributes attributes_of(const google::protobuf::Map<std::string, std::string>& map) { return {map.begin(), map.end()}; }

} // namespace

BuildWish wish_of(const moby::buildkit::v1::SolveRequest& request) {
  if (request.ref().empty() || request.ref().size() > ref_max) throw std::runtime_error("invalid job ID");
  if (request.definition().def_size() > 0)
    throw std::runtime_error("this daemon solves Dockerfiles: definitions (LLB) are not supported");
  if (request.frontendinputs_size() > 0)
    throw std::runtime_error("a context that is the result of another build is not supported by this daemon");
  if (request.sourcepolicy().rules_size() > 0) throw std::runtime_error("source policies are not supported by this daemon");
  if (request.exporters_size() > lists_max || request.entitlements_size() > lists_max ||
      request.cache().exports_size() > lists_max || request.cache().imports_size() > lists_max ||
      request.frontendattrs_size() > attributes_max)
    throw std::runtime_error("too many options of one build");
  BuildWish wish;
  wish.ref = request.ref();
  wish.session = request.session();
  wish.frontend = request.frontend();
  wish.attributes = attributes_of(request.frontendattrs());
  for (const auto& one : request.exporters()) wish.exports.push_back({one.type(), attributes_of(one.attrs())});
  // Older clients know one exporter only.
  if (wish.exports.empty() && !request.exporter().empty())
    wish.exports.push_back({request.exporter(), attributes_of(request.exporterattrs())});
  for (const auto& one : request.cache().exports()) wish.cache_exports.push_back({one.type(), attributes_of(one.attrs())});
  for (const auto& one : request.cache().imports()) wish.cache_imports.push_back({one.type(), attributes_of(one.attrs())});
  for (const auto& ref : request.cache().importrefsdeprecated()) wish.cache_imports.push_back({"registry", {{"ref", ref}}});
  for (const auto& name : request.entitlements()) wish.entitlements.push_back(name);
  return wish;
}

} // namespace gantry::buildkit
