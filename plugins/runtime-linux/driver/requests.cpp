#include "driver/requests.hpp"

#include <cctype>
#include <cstring>

#include "driver/shim_client.hpp"

namespace gantry::runtime_linux {

void check_id(const std::string& id) {
  bool good = !id.empty() && id.size() <= 128 && std::isalnum(static_cast<unsigned char>(id[0]));
  for (const char c : id) good = good && (std::isalnum(static_cast<unsigned char>(c)) || c == '_' || c == '.' || c == '-');
  if (!good) throw Error(Code::invalid, "container id \"" + id + "\" is not [a-zA-Z0-9][a-zA-Z0-9_.-]* of at most 128 bytes");
}

ControlRequest request_for(ControlOp op, const std::string& exec_id) {
  ControlRequest request;
  request.op = op;
  if (exec_id.size() >= max_exec_id)
    throw Error(Code::invalid, "exec id is longer than " + std::to_string(max_exec_id - 1) + " bytes");
  request.exec_id_size = static_cast<std::uint32_t>(exec_id.size());
  std::memcpy(request.exec_id, exec_id.data(), exec_id.size());
  return request;
}

UniqueFd describe_attach(ControlRequest& request, const RuntimeAttach& attach) {
  request.attach_flags = (attach.in ? attach_in : 0U) | (attach.out ? attach_out : 0U) | (attach.err ? attach_err : 0U) |
                         (attach.framed ? attach_framed : 0U) | (attach.replay_log ? attach_replay : 0U) |
                         (attach.stream ? attach_stream : 0U) | (attach.client ? attach_client : 0U) |
                         (attach.pending.empty() ? 0U : attach_pending);
  if (attach.detach_keys.size() > max_detach_keys)
    throw Error(Code::invalid, "detach keys are longer than " + std::to_string(max_detach_keys) + " bytes");
  request.detach_keys_size = static_cast<std::uint32_t>(attach.detach_keys.size());
  std::memcpy(request.detach_keys, attach.detach_keys.data(), attach.detach_keys.size());
  if (attach.pending.empty()) return {};
  return memory_file("stdin", attach.pending.data(), attach.pending.size());
}

} // namespace gantry::runtime_linux
