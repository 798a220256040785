#include "registry/tls_files.hpp"

#include <cstdlib>
#include <filesystem>
#include <set>

#include "base/error.hpp"
#include "base/file.hpp"

namespace gantry::registry {
namespace fs = std::filesystem;
namespace {

std::string system_certificates() {
  const char* chosen = std::getenv("SSL_CERT_FILE");
  for (const std::string path :
       {chosen ? chosen : "", "/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt"}) {
    std::error_code ignored;
    if (!path.empty() && fs::exists(path, ignored)) return read_file(path);
  }
  return {};
}

std::set<std::string> names_in(const fs::path& dir) {
  std::set<std::string> names;
  std::error_code missing;
  for (const auto& entry : fs::directory_iterator(dir, missing)) names.insert(entry.path().filename());
  return names;
}

std::string stem_of(const std::string& name) { return name.substr(0, name.rfind('.')); }

void read_dir(const fs::path& dir, TlsFiles& files) {
  const auto names = names_in(dir);
  for (const auto& name : names) {
    const auto other = [&](const char* suffix) { return stem_of(name) + suffix; };
    if (name.ends_with(".crt")) {
      if (files.ca_pem.empty()) files.ca_pem = system_certificates();
      files.ca_pem += "\n" + read_file((dir / name).string());
    } else if (name.ends_with(".cert")) {
      if (!names.contains(other(".key")))
        throw invalid("missing key " + other(".key") + " for client certificate " + name +
                      ". Note that CA certificates should use the extension .crt");
      if (files.cert.empty()) files.cert = (dir / name).string(), files.key = (dir / other(".key")).string();
    } else if (name.ends_with(".key") && !names.contains(other(".cert"))) {
      throw invalid("missing client certificate " + other(".cert") + " for key " + name);
    }
  }
}

} // namespace

TlsFiles find_tls_files(const std::string& domain, const std::vector<std::string>& dirs) {
  TlsFiles files;
  // The name comes from a reference or a redirect: it must stay one directory's name.
  if (domain.empty() || domain.front() == '.' || domain.find('/') != domain.npos) return files;
  for (const auto& dir : dirs) read_dir(fs::path(dir) / domain, files);
  return files;
}

} // namespace gantry::registry
