#include "networks/publish.hpp"

#include "base/error.hpp"

namespace gantry::networks {
namespace {

bool is_twin(const Port& port, const Port& before) {
  return port.host_ip == "::" && before.host_ip == "0.0.0.0" && port.protocol == before.protocol &&
         port.container_port == before.container_port && port.host_port == before.host_port &&
         port.host_port_end == before.host_port_end;
}

bool is_twin(const std::vector<Port>& ports, std::size_t at) { return at != 0 && is_twin(ports[at], ports[at - 1]); }

std::vector<Port> without_twins(const std::vector<Port>& ports) {
  std::vector<Port> rest;
  for (std::size_t i = 0; i < ports.size(); ++i)
    if (!is_twin(ports, i)) rest.push_back(ports[i]);
  return rest;
}

bool answers(const Port& answer, const Port& asked) {
  return answer.protocol == asked.protocol && answer.container_port == asked.container_port && answer.host_ip == asked.host_ip;
}

/// What is missing are twins and nothing else.
void check_answer(const std::vector<Port>& asked, const std::vector<Port>& published) {
  if (published.size() == asked.size()) return;
  std::size_t next = 0;
  for (std::size_t i = 0; i < asked.size(); ++i) {
    if (next < published.size() && answers(published[next], asked[i]))
      ++next;
    else if (!is_twin(asked, i))
      throw internal("the driver does not say what became of port " + std::to_string(asked[i].container_port) + "/" +
                     asked[i].protocol);
  }
  if (next != published.size()) throw internal("the driver has published more ports than it was asked for");
}

} // namespace

std::vector<Port> publish_with(NetworkDriver& driver, Call& call, const std::string& network_id, const std::string& endpoint_id,
                               const std::vector<Port>& ports) {
  std::vector<Port> published;
  try {
    published = driver.publish(call, network_id, endpoint_id, ports);
  } catch (const Error& e) {
    const std::vector<Port> rest = without_twins(ports);
    if (e.code() != Code::invalid || rest.size() == ports.size()) throw;
    published = driver.publish(call, network_id, endpoint_id, rest);
    check_answer(rest, published);
    return published;
  }
  check_answer(ports, published);
  return published;
}

} // namespace gantry::networks
