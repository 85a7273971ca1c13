#pragma once
// Takes a request's body out of the bytes of its connection: by length, or chunked (RFC 9112, section 7.1).

#include <cstdint>
#include <string_view>

#include "base/result.h"
#include "net/request_head.h"

namespace sightline::net {

/// Strict where leniency lets requests be smuggled: sizes are bare hexadecimal digits, lines end with CRLF,
/// extensions and trailers are bounded and dropped. Not thread-safe.
class BodyDecoder {
 public:
  explicit BodyDecoder(const RequestHead& head);

  struct Step {
    std::size_t consumed = 0;  ///< bytes of the input that are done with
    std::string_view data;     ///< a piece of the body; part of the input
  };
  /// One piece. Nothing consumed and not done(): more input is needed. Errors: corrupt.
  [[nodiscard]] Result<Step> next(std::string_view input);
  [[nodiscard]] bool done() const { return state_ == State::done; }
  /// Bytes still to come by the declared length; chunked bodies do not say.
  [[nodiscard]] std::uint64_t remaining() const { return chunked_ ? UINT64_MAX : remaining_; }

  static constexpr std::size_t kMaxSizeLine = 1024;  ///< of a chunk's size with its extensions
  static constexpr std::size_t kMaxTrailers = 8 * 1024;

 private:
  enum class State { data, size_line, data_end, trailers, done };
  [[nodiscard]] Result<Step> size_line(std::string_view input);
  [[nodiscard]] Result<Step> trailer(std::string_view input);

  bool chunked_;
  State state_;
  std::uint64_t remaining_;  ///< of the body, or of the chunk
  std::size_t trailer_bytes_ = 0;
};

}  // namespace sightline::net
