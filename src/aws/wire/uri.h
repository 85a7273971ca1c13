#pragma once
// Percent-encoding (RFC 3986) and query strings as AWS reads them.

#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sightline::aws::wire {

/// What a plus sign stands for: itself in a path or URI, a space in a form.
enum class Plus : std::uint8_t { plain, space };
enum class Slash : std::uint8_t { encoded, plain };

/// Empty optional where a percent sign is not followed by two hexadecimal digits.
[[nodiscard]] std::optional<std::string> percent_decode(std::string_view text, Plus plus = Plus::plain);
/// Everything but A-Z a-z 0-9 - . _ ~ as %XX in upper case, as SigV4 wants it.
[[nodiscard]] std::string percent_encode(std::string_view text, Slash slash = Slash::encoded);

struct Parameter {
  std::string name;
  std::string value;
};

/// `a=1&b&c=2` decoded, in order; a name without an equals sign has an empty value. Empty optional where the
/// encoding is broken or there are more than `max_parameters`.
[[nodiscard]] std::optional<std::vector<Parameter>> parse_query(std::string_view text,
                                                                Plus plus = Plus::plain,
                                                                std::size_t max_parameters = 10'000);

}  // namespace sightline::aws::wire
