#include "system/engine_id.hpp"

#include "base/error.hpp"
#include "base/file.hpp"
#include "base/id.hpp"

namespace gantry::system {

namespace {

bool is_uuid(const std::string& text) {
  return text.size() == 36 && text.find_first_not_of("0123456789abcdef-") == std::string::npos;
}

/// Random, version 4 (RFC 9562).
std::string new_uuid() {
  auto id = random_id().substr(0, 32);
  id[12] = '4';
  id[16] = "89ab"[id[16] & 3];
  for (const std::size_t at : {8, 13, 18, 23}) id.insert(at, 1, '-');
  return id;
}

} // namespace

std::string load_engine_id(const std::string& path) {
  try {
    const auto text = read_file(path, 64);
    if (is_uuid(text)) return text;
  } catch (const Error& e) {
    if (e.code() != Code::not_found && e.code() != Code::invalid) throw;
  }
  const auto fresh = new_uuid();
  write_file_atomic(path, fresh, 0600);
  return fresh;
}

} // namespace gantry::system
