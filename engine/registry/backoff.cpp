#include "registry/backoff.hpp"

#include <poll.h>
#include <sys/random.h>

#include <algorithm>

#include "registry/registry_error.hpp"
#include "registry/transfer_error.hpp"

namespace gantry::registry {
namespace {

constexpr std::int64_t first_ms = 250, longest_ms = 16000, asked_max_ms = 60000, attempts_max = 1000;

/// Negative: not worth it.
std::int64_t asked_ms(const std::exception_ptr& failure) {
  try {
    std::rethrow_exception(failure);
  } catch (const TransferError& e) {
    return e.worth_retrying() ? 0 : -1;
  } catch (const RegistryError& e) {
    return e.worth_retrying() ? std::min(e.retry_after_s() * 1000, asked_max_ms) : -1;
  } catch (...) {
    return -1;
  }
}

/// Up to a quarter more, so that many clients do not come back in the same moment.
std::int64_t jitter(std::int64_t ms) {
  std::uint32_t random = 0;
  if (::getrandom(&random, sizeof random, 0) != sizeof random) return 0;
  return ms / 4 * (random % 1024) / 1024;
}

} // namespace

void Backoff::after(std::exception_ptr failure, Cancel& cancel) {
  cancel.check();
  const auto asked = asked_ms(failure);
  if (asked < 0 || --left_ <= 0 || ++total_ >= attempts_max) std::rethrow_exception(failure);
  const auto own = std::min(first_ms << std::min<std::int64_t>(failures_++, 16), longest_ms);
  const auto wait = std::max(asked, own + jitter(own));
  if (wait >= 1000 && notice_) notice_(wait / 1000);
  pollfd cancelled{cancel.fd(), POLLIN, 0};
  ::poll(&cancelled, 1, static_cast<int>(wait));
  cancel.check();
}

void Backoff::made_progress() {
  left_ = attempts_;
  failures_ = 0;
}

} // namespace gantry::registry
