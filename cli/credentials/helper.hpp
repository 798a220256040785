#pragma once

#include <string>

#include "cli/credentials/config_file.hpp"
#include "cli/failure.hpp"

namespace gantry::cli {

/// A program docker-credential-NAME that keeps logins (the keychain of a desktop, `pass`, a cloud's short-lived tokens).
class CredentialHelper {
 public:
  /// invalid names are refused: they become part of a program's name.
  explicit CredentialHelper(const std::string& name);
  /// Empty when it knows nothing. Throws Failure with what it said when it fails.
  RegistryLogin get(const std::string& server) const;
  void store(const std::string& server, const RegistryLogin& login) const;
  /// False when it knew nothing.
  bool erase(const std::string& server) const;

 private:
  struct Answer {
    int code = 0;
    std::string out;
  };
  Answer run(const std::string& verb, const std::string& input) const;
  Failure failed(const std::string& what, const Answer& answer) const;

  std::string program_;
};

} // namespace gantry::cli
