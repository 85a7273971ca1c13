#pragma once
// What led to something: nothing (a client asked for it), or a chain of events that passed some targets.
//
// The server itself carries a Cause along, from an event to whom it is delivered and from there to what that
// does; no client and no code that runs here can say one. So a chain that goes in a circle is known by how
// often it has passed the same target. Why: docs/adr/0024-events-that-are-delivered.md.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace sightline {

class Cause {
 public:
  /// None: depth 0.
  Cause() = default;

  /// How many targets the chain has passed, each as often as it was passed.
  [[nodiscard]] int depth() const;
  /// How often it has passed this one (an ARN).
  [[nodiscard]] int passes(std::string_view target) const;
  /// The chain with one more pass.
  [[nodiscard]] Cause through(std::string_view target) const;

  /// Some 20 characters for each target, ASCII; empty for none.
  [[nodiscard]] std::string text() const;
  /// Errors: corrupt.
  [[nodiscard]] static Result<Cause> parse(std::string_view text);

  bool operator==(const Cause&) const = default;

 private:
  struct Link {
    std::string target;  ///< the first 16 digits of its SHA-256
    int passes = 0;
    bool operator==(const Link&) const = default;
  };
  std::vector<Link> links_;  ///< in the order of the first pass
};

}  // namespace sightline
