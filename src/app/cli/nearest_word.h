#pragma once
// The word that somebody meant who typed another one.

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace sightline::cli {

/// How many letters were left out, added, replaced or swapped with their neighbour to get from one word to
/// the other (optimal string alignment).
[[nodiscard]] std::size_t typing_errors(std::string_view a, std::string_view b);

/// The one of `words` that is nearest to `typed`, unless more than a third of the longer of the two is wrong.
/// Takes time with the product of the lengths: words of more than 64 letters are near nothing.
[[nodiscard]] std::optional<std::string> nearest_word(std::string_view typed,
                                                      std::span<const std::string> words);

}  // namespace sightline::cli
