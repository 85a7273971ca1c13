#pragma once
// What the framings of payload.h share: their errors, and an end that is final.

#include <optional>

#include "aws/sigv4/payload.h"

namespace sightline::aws::sigv4 {

enum class PayloadFailure {
  bad_length,       ///< a length that is no number, or told twice
  incomplete,       ///< fewer or more bytes than the head says
  bad_chunk,        ///< chunks that cannot be read
  bad_trailer,      ///< trailing headers that cannot be read, or are not those that were announced
  unannounced_end,  ///< bytes after the end
};

[[nodiscard]] std::unexpected<wire::ServiceError> payload_error(PayloadFailure failure);
/// What the connection says: the client is gone, or too slow; broken chunks of HTTP; over the limit.
[[nodiscard]] std::unexpected<wire::ServiceError> payload_error(const Error& error);

/// An error stays: a body that was refused is never taken for one that has ended.
class FramedPayload : public PayloadReader {
 public:
  [[nodiscard]] wire::Answer<std::size_t> read(std::span<char> into) final {
    if (failed_) return std::unexpected(*failed_);
    if (ended_) return 0;
    auto count = next(into);
    if (!count) failed_ = count.error();
    ended_ = count && *count == 0;
    return count;
  }
  [[nodiscard]] const wire::Headers& trailers() const final { return trailers_; }

 protected:
  /// As read(); not called again after 0 or an error.
  [[nodiscard]] virtual wire::Answer<std::size_t> next(std::span<char> into) = 0;
  wire::Headers trailers_;

 private:
  std::optional<wire::ServiceError> failed_;
  bool ended_ = false;
};

}  // namespace sightline::aws::sigv4
