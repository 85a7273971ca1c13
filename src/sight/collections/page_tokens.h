#pragma once
// What a client hands back to get the next page: where to go on, and a seal that nobody else can make.

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace sightline::collections {

class PageTokens {
 public:
  using Key = std::array<std::uint8_t, 32>;
  PageTokens() = default;
  explicit PageTokens(const Key& key) : key_(key) {}

  /// `list` names what is listed, whose, and how: a token is good only for that.
  [[nodiscard]] std::string make(std::string_view list, std::string_view place) const;
  /// The place; nullopt for what make() has not made for this list.
  [[nodiscard]] std::optional<std::string> read(std::string_view list, std::string_view token) const;

 private:
  [[nodiscard]] std::string seal(std::string_view list, std::string_view place) const;
  Key key_{};
};

}  // namespace sightline::collections
