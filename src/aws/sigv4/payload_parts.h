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

/// An error stays: a body that was refused is never taken for one that has ended.
class FramedPayload : public PayloadDecoder {
 public:
  [[nodiscard]] wire::Answer<void> take(std::span<const char> piece, const PayloadSink& sink) final {
    return remembered([&] { return next(piece, sink); });
  }
  [[nodiscard]] wire::Answer<void> finish() final {
    return remembered([&] { return end(); });
  }
  [[nodiscard]] const wire::Headers& trailers() const final { return trailers_; }

 protected:
  /// As take() and finish(); not called again after an error.
  [[nodiscard]] virtual wire::Answer<void> next(std::span<const char> piece, const PayloadSink& sink) = 0;
  [[nodiscard]] virtual wire::Answer<void> end() = 0;
  wire::Headers trailers_;

 private:
  template <typename Step>
  [[nodiscard]] wire::Answer<void> remembered(const Step& step) {
    if (failed_) return std::unexpected(*failed_);
    auto done = step();
    if (!done) failed_ = done.error();
    return done;
  }

  std::optional<wire::ServiceError> failed_;
};

}  // namespace sightline::aws::sigv4
