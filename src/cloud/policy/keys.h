#pragma once
// Condition keys of one request: what it was asked for, by whom, when and from where.

#include <string>
#include <string_view>
#include <vector>

namespace sightline::policy {

/// Names count without the case of ASCII letters, values with it. Not thread-safe while it is filled.
class Keys {
 public:
  /// Replaces what `name` had.
  void set(std::string_view name, std::string value);
  void set(std::string_view name, std::vector<std::string> values);
  /// One more value of a key that has several, such as aws:TagKeys.
  void add(std::string_view name, std::string value);
  /// Null where the request has no such key. `name` in lower case.
  [[nodiscard]] const std::vector<std::string>* find(std::string_view name) const;
  /// The same of a name in any case.
  [[nodiscard]] const std::vector<std::string>* find_as_written(std::string_view name) const;

 private:
  struct Entry {
    std::string name;  ///< in lower case
    std::vector<std::string> values;
  };
  [[nodiscard]] Entry& entry(std::string_view name);

  std::vector<Entry> entries_;
};

}  // namespace sightline::policy
