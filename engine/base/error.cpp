#include "base/error.hpp"

#include <cerrno>
#include <system_error>

namespace gantry {

Error os_error(const std::string& what, int err) {
  const Code code = err == ENOSPC || err == EDQUOT ? Code::resource_exhausted : Code::internal;
  std::string text = std::generic_category().message(err);
  // Go's spelling, which Docker's users know: errno texts begin in lower case.
  if (!text.empty() && text[0] >= 'A' && text[0] <= 'Z') text[0] = static_cast<char>(text[0] - 'A' + 'a');
  return {code, what + ": " + text, err};
}

} // namespace gantry
