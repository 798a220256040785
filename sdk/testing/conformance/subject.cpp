#include <gantry/testing/subject.hpp>

namespace gantry::testing {

Subject& subject() {
  static Subject the_subject;
  return the_subject;
}

} // namespace gantry::testing
