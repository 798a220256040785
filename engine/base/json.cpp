#include "base/json.hpp"

template class nlohmann::basic_json<nlohmann::ordered_map>;
template class nlohmann::detail::serializer<nlohmann::ordered_json>;
template class std::vector<nlohmann::ordered_json>;
template class std::vector<std::string>;
template class std::map<std::string, std::string>;
