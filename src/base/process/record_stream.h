#pragma once
// What processes say to each other, as records in a stream of bytes: the payload's length (32 bits, little
// endian), a type (8 bits), the payload. What a payload holds is the business of whoever gives the types
// their meaning.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "base/file.h"
#include "base/result.h"

namespace sightline::process {

/// One record's bytes. `payload` has less than 4 GiB, and no more than its reader takes.
[[nodiscard]] Bytes frame_record(std::uint8_t type, std::span<const std::uint8_t> payload);

struct RawRecord {
  std::uint8_t type = 0;
  std::span<const std::uint8_t> payload;  ///< until the next call of the reader
};

/// Takes records out of bytes that come in pieces, from a process that is not to be trusted: it holds one
/// record and what it was fed, no more. Not thread-safe.
class RecordStream {
 public:
  explicit RecordStream(std::size_t max_payload) : max_payload_(max_payload) {}

  void feed(std::span<const std::uint8_t> bytes);
  /// nullopt: more bytes are needed. Errors: corrupt (a payload that is too long), from then on always.
  [[nodiscard]] Result<std::optional<RawRecord>> next();

 private:
  std::size_t max_payload_;
  Bytes held_;
  std::size_t start_ = 0;  ///< of what has not been given
  bool broken_ = false;
};

/// How many bytes a record takes in the stream.
[[nodiscard]] std::size_t framed_size(const RawRecord& record);

}  // namespace sightline::process
