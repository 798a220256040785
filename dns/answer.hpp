#pragma once

#include <cstddef>
#include <optional>
#include <string>

#include "dns/records.hpp"

namespace gantry::dns {

/// A question as far as this server looks at it.
struct Question {
  std::string name; ///< plain
  unsigned type = 0;
  std::size_t udp_size = 512; ///< the longest answer that the asker takes by UDP
};

enum class Verdict {
  answer,  ///< `wire` is the answer
  forward, ///< somebody else knows, or nobody
  drop,    ///< not a question
};

struct Answer {
  Verdict verdict = Verdict::drop;
  std::string wire;
};

/// Answers a message (without TCP's length in front) from the records; `ndots`: the container's resolver adds its search list
/// itself, so that names of one label are not asked elsewhere. `tcp`: no limit of size.
Answer answer_locally(const std::string& message, const Records&, const std::string& container, bool ndots, bool tcp);

/// The same question with a code for an answer: SERVFAIL (2) or REFUSED (5). Empty when it cannot be read.
std::string failure(const std::string& message, unsigned rcode);

/// The code of an answer; nothing when it does not belong to the question.
std::optional<unsigned> rcode_of(const std::string& answer, const std::string& question);

} // namespace gantry::dns
