#pragma once

#include <map>
#include <string>
#include <thread>
#include <vector>

#include "cli/client/client.hpp"
#include "cli/json.hpp"

namespace gantry::cli {

/// What --secret and --ssh lend to one build.
struct Loan {
  Json secrets = Json::object();             ///< base64 by id
  std::map<std::string, std::string> agents; ///< sockets by id
  bool empty() const { return secrets.empty() && agents.empty(); }
};

/// "id=ID[,src=PATH|env=NAME][,type=file|env]", as buildx reads it. Reads the file or variable. Throws Failure.
void add_secret(Loan&, const std::string& text);
/// "default", "ID" or "ID=SOCKET". Throws Failure.
void add_agent(Loan&, const std::string& text);

/// The connection over which a daemon has the loan, until the end of this object. The agents are asked by a thread of its own.
class Lending {
 public:
  Lending(Client&, Loan);
  ~Lending();
  Lending(const Lending&) = delete;
  Lending& operator=(const Lending&) = delete;

  /// What the build says: `gantrysession`.
  const std::string& id() const { return id_; }

 private:
  std::string read_line();
  void serve();
  std::string ask(const std::string& agent, int number, const std::string& message);

  std::map<std::string, std::string> agents_;
  Connection connection_;
  std::string id_;
  std::map<std::pair<std::string, int>, UniqueFd> open_;
  std::thread thread_;
};

} // namespace gantry::cli
