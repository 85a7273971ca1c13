#pragma once
// Header fields in the order in which they came.

#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sightline::net {

struct Header {
  std::string name;  ///< as sent; compared without regard to case
  std::string value;
};

/// Keeps order and duplicates: signatures cover both. Not thread-safe.
class Headers {
 public:
  Headers() = default;
  Headers(std::initializer_list<Header> fields) : fields_(fields) {}

  void add(std::string name, std::string value) { fields_.push_back({std::move(name), std::move(value)}); }
  /// Replaces every field of that name.
  void set(std::string_view name, std::string value);
  /// The first field of that name.
  [[nodiscard]] std::optional<std::string_view> find(std::string_view name) const;
  [[nodiscard]] std::size_t count(std::string_view name) const;
  /// True when a comma-separated list of that name has the element (Connection, TE).
  [[nodiscard]] bool lists(std::string_view name, std::string_view element) const;

  [[nodiscard]] auto begin() const { return fields_.begin(); }
  [[nodiscard]] auto end() const { return fields_.end(); }
  [[nodiscard]] std::size_t size() const { return fields_.size(); }

 private:
  std::vector<Header> fields_;
};

}  // namespace sightline::net
