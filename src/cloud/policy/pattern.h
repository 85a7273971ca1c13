#pragma once
// Texts of policies that others are held against: with wildcards, and with variables that a request fills.

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cloud/policy/keys.h"
#include "cloud/policy/steps.h"

namespace sightline::policy {

/// What counts as special in a pattern.
struct PatternSyntax {
  bool wildcards = false;  ///< * for any run of characters, ? for any one
  bool variables = false;  ///< ${aws:username}, ${key, 'default'}, and ${*}, ${?}, ${$} for the characters
};

/// Compiled once; immutable. Matching takes at most the product of the two lengths, whatever the pattern, and
/// no more than the steps that it is given.
class Pattern {
 public:
  Pattern() = default;
  Pattern(std::string text, PatternSyntax syntax);

  /// As it was written.
  [[nodiscard]] const std::string& text() const { return text_; }
  [[nodiscard]] bool has_variables() const { return variables_; }
  /// The case of letters counts. A variable that the request has no single value for matches nothing. False
  /// too where the steps do not suffice: steps.take_cut() says so.
  [[nodiscard]] bool matches(std::string_view text, const Keys& keys, Steps& steps) const;
  /// With its variables filled, wildcards as they are; nothing where one has no single value, or where the
  /// steps do not suffice.
  [[nodiscard]] std::optional<std::string> filled(const Keys& keys, Steps& steps) const;

 private:
  enum class Kind : std::uint8_t { literal, one, run, variable };
  struct Piece {
    Kind kind = Kind::literal;
    std::uint32_t begin = 0;  ///< in text_: the literal, or the variable's key
    std::uint32_t length = 0;
    std::uint32_t default_begin = 0;  ///< likewise; 0 where there is no default
    std::uint32_t default_length = 0;
  };
  /// A piece with its variable filled.
  struct Part {
    Kind kind = Kind::literal;
    std::string_view text;
  };
  void add_literal(std::size_t begin, std::size_t length);
  /// What stands between its braces. False where it is no variable.
  [[nodiscard]] bool add_variable(std::size_t begin, std::size_t end);
  [[nodiscard]] std::string_view cut(std::size_t begin, std::size_t length) const {
    return std::string_view(text_).substr(begin, length);
  }
  [[nodiscard]] std::optional<Part> part(const Piece& piece, const Keys& keys) const;
  static bool match(const Part* part, const Part* end, std::string_view text, Steps& steps);

  std::string text_;
  std::vector<Piece> pieces_;
  bool variables_ = false;
};

/// An ARN whose parts are patterns of their own: a wildcard does not reach past the colon that ends its part.
/// Everything after the fifth colon is one part. Immutable.
class ArnPattern {
 public:
  enum class Short {
    completed,    ///< "arn:aws:sqs" stands for "arn:aws:sqs:*:*:*"
    by_wildcard,  ///< the same where it has a wildcard; else it matches nothing
    nothing,      ///< it matches nothing
  };
  ArnPattern(std::string text, PatternSyntax syntax, Short short_form);

  [[nodiscard]] const std::string& text() const { return text_; }
  /// "*" matches every text, all else only ARNs. Steps count as those of a pattern.
  [[nodiscard]] bool matches(std::string_view arn, const Keys& keys, Steps& steps) const;

 private:
  enum class Reach : std::uint8_t { nothing, arns, everything };
  [[nodiscard]] bool is_free(std::size_t part) const { return (free_ & (1U << part)) != 0; }

  std::string text_;
  Reach reach_ = Reach::nothing;
  std::uint8_t free_ = 0;       ///< a bit for each of the six parts that may be anything
  std::vector<Pattern> parts_;  ///< the others, in their order
};

/// The six parts of an ARN; nothing where it has fewer.
[[nodiscard]] std::optional<std::array<std::string_view, 6>> split_arn(std::string_view text);

}  // namespace sightline::policy
