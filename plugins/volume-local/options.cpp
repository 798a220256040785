#include "options.hpp"

namespace gantry::volume_local {
namespace {

Error missing(const char* option) { return {Code::invalid, std::string("missing required option: \"") + option + "\""}; }

} // namespace

Options parse_options(const VolumeSettings& settings) {
  Options options;
  bool any = false, sized = false;
  for (const auto& [key, value] : settings) {
    if (key == "type") {
      options.type = value;
    } else if (key == "device") {
      options.device = value;
    } else if (key == "o") {
      options.o = value;
    } else if (key == "size") {
      sized = true;
    } else {
      throw Error(Code::invalid, "invalid option: \"" + key + "\"");
    }
    any = any || key != "size";
  }
  if (any && options.device.empty()) throw missing("device");
  if (any && options.type.empty()) throw missing("type");
  if (sized) throw Error(Code::invalid, "quota size requested but no quota support");
  return options;
}

} // namespace gantry::volume_local
