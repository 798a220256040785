#include <gantry/testing/subject.hpp>

namespace gantry::driver_test {

Subject& subject() {
  static Subject the_subject;
  return the_subject;
}

} // namespace gantry::driver_test
