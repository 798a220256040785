#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace gantry::build {

/// The value of a variable; absent: unset.
using Lookup = std::function<std::optional<std::string>(const std::string& name)>;

/// A word as the shell would see it: quotes and escapes undone, $NAME and ${NAME} replaced, the latter with the operators
/// - + ? (with and without colon) # ## % %% / and //. invalid with `failed to process "WORD": …`.
std::string expand(const std::string& word, const Lookup& lookup, char escape);

/// The content of a heredoc: variables, but quotes stay.
std::string expand_heredoc(const std::string& text, const Lookup& lookup, char escape);

} // namespace gantry::build
