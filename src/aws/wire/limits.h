#pragma once
// What one request may make the codecs build, whatever its body holds.

#include <cstddef>

namespace sightline::aws::wire {

struct Limits {
  /// Of lists, maps and structures inside one another. DynamoDB allows 32 levels of its own values, each two
  /// deep.
  std::size_t depth = 100;
  /// Of list elements and map entries together, beside the text and bytes that they hold: a short body may
  /// name very many empty structures.
  std::size_t element_bytes = std::size_t{64} << 20U;
  std::size_t parameters = 10'000;  ///< of a form or query string
};

}  // namespace sightline::aws::wire
