#pragma once

#include <gantry/sdk/runtime.hpp>
#include <nlohmann/json.hpp>

#include "driver/plan_writer.hpp"

// OCI runtime-spec JSON → launch plan. Errors: invalid, naming the member.
namespace gantry::runtime_linux {

using Json = nlohmann::json;

/// Throws invalid with the parser's position.
Json parse_json(const std::string& text, const char* what);

/// Can this kernel show the layers of a container with the owners of its user namespace?
bool can_map_owners();

/// Everything of a container's spec except its cgroups, which the caller fills in.
void compile_container(PlanWriter& plan, const RuntimeCreate& request, const Json& spec, const std::string& staging);

/// OCI `process` with what the request adds; `seccomp` is linux.seccomp or null.
void compile_process(PlanWriter& plan, const Json& process, const Json& seccomp, const std::string& user,
                     const std::vector<std::string>& groups, const StdioPolicy& stdio);

/// linux.namespaces: which are made and which are joined.
void compile_namespaces(PlanWriter& plan, const Json& linux_part);
/// linux.uidMappings and gidMappings. Throws invalid when one is missing, not_implemented where layers cannot be mapped.
void compile_id_maps(PlanWriter& plan, const Json& linux_part);
void compile_mount_label(PlanWriter& plan, const Json& linux_part);
void compile_log(PlanWriter& plan, const LogPolicy& policy);
std::vector<PlanMount> compile_mounts(PlanWriter& plan, const Json& mounts);
std::vector<PlanMount> compile_rootfs(PlanWriter& plan, const std::vector<Mount>& mounts);

/// MS_* of "rslave" and friends; 0 when `name` is no propagation.
std::uint32_t propagation_flags(const std::string& name);

/// Bit set of capability names; throws invalid for an unknown one.
std::uint64_t capability_bits(const Json& names);

} // namespace gantry::runtime_linux
