#include "base/parse_json.hpp"

#include <unordered_map>

#include "base/error.hpp"

namespace gantry {
namespace {

constexpr std::size_t deepest = 100;
/// Objects with fewer members are searched from the first to the last.
constexpr std::size_t small = 32;

/// An object or list that has not ended.
struct Level {
  Json* value;
  Json* member = nullptr;                               ///< what the last key is the name of
  std::unordered_map<std::string, std::size_t> known{}; ///< of a large object: where its members are
};

/// The document while it is read: what the parser tells becomes part of the innermost level.
class Builder {
 public:
  explicit Builder(Json& root) : root_(root) {}

  bool null() { return put(nullptr); }
  bool boolean(bool value) { return put(value); }
  bool number_integer(Json::number_integer_t value) { return put(value); }
  bool number_unsigned(Json::number_unsigned_t value) { return put(value); }
  bool number_float(Json::number_float_t value, const std::string&) { return put(value); }
  bool string(std::string& value) { return put(std::move(value)); }
  bool binary(Json::binary_t& value) { return put(std::move(value)); }
  bool start_object(std::size_t) { return open(Json::object()); }
  bool start_array(std::size_t) { return open(Json::array()); }
  bool end_object() { return close(); }
  bool end_array() { return close(); }

  bool key(std::string& name) {
    Level& level = levels_.back();
    auto& members = level.value->get_ref<Json::object_t&>();
    if (members.size() < small) {
      level.member = &members[name];
      return true;
    }
    if (level.known.empty()) {
      for (std::size_t i = 0; i < members.size(); ++i)
        level.known.emplace((members.begin() + static_cast<std::ptrdiff_t>(i))->first, i);
    }
    const auto [at, fresh] = level.known.try_emplace(name, members.size());
    if (fresh) members.emplace_back(std::move(name), nullptr);
    level.member = &(members.begin() + static_cast<std::ptrdiff_t>(at->second))->second;
    return true;
  }

  template <class Exception>
  bool parse_error(std::size_t, const std::string&, const Exception& error) {
    throw Exception(error);
  }

 private:
  Json& place(Json value) {
    if (levels_.empty()) return root_ = std::move(value);
    Level& level = levels_.back();
    if (level.value->is_array()) {
      level.value->push_back(std::move(value));
      return level.value->back();
    }
    return *level.member = std::move(value);
  }
  bool put(Json value) {
    place(std::move(value));
    return true;
  }
  bool open(Json value) {
    if (levels_.size() > deepest) throw invalid("invalid JSON: nested deeper than " + std::to_string(deepest) + " levels");
    levels_.push_back({&place(std::move(value))});
    return true;
  }
  bool close() {
    levels_.pop_back();
    return true;
  }

  Json& root_;
  std::vector<Level> levels_;
};

} // namespace

Json parse_json(std::string_view text) {
  Json root;
  Builder builder(root);
  Json::sax_parse(text.begin(), text.end(), &builder);
  return root;
}

} // namespace gantry
