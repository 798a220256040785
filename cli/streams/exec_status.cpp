#include "cli/streams/exec_status.hpp"

#include <algorithm>
#include <chrono>
#include <thread>

#include "cli/failure.hpp"

namespace gantry::cli {

int exec_status(Client& client, const std::string& id) {
  constexpr std::chrono::milliseconds first_pause{1}, longest_pause{200};
  for (auto pause = first_pause;; pause = std::min(pause * 2, longest_pause)) {
    try {
      const Json exec = client.get("/exec/" + id + "/json");
      if (!exec.value("Running", false) && exec.contains("ExitCode") && exec["ExitCode"].is_number())
        return exec["ExitCode"].get<int>();
    } catch (const ConnectionLost&) {
    }
    std::this_thread::sleep_for(pause);
  }
}

} // namespace gantry::cli
