#pragma once
// aws-chunked: a body in chunks, each with a signature that follows on the one before, or with none; then
// trailing headers, if any.
//
//   400;chunk-signature=64 digits CRLF  1024 bytes CRLF  ...  0;chunk-signature=... CRLF
//   x-amz-checksum-crc32c:wdBDMA== CRLF  x-amz-trailer-signature:... CRLF  CRLF

#include <string>
#include <string_view>
#include <vector>

#include "aws/sigv4/payload_parts.h"
#include "base/digest.h"

namespace sightline::aws::sigv4 {

enum class ChunkKind {
  plain,         ///< no signatures
  checked,       ///< each has one, which is made again
  unverifiable,  ///< each has one, which nobody here can make
};

struct ChunkedOptions {
  ChunkKind kind = ChunkKind::checked;
  Verified head;
  std::optional<std::uint64_t> length;  ///< of the bytes within the chunks
  bool has_trailers = false;
  std::vector<std::string> announced;  ///< the trailing headers that must come, in small letters
};

/// Takes framing off in constant memory, however large the chunks and wherever the body is cut into pieces.
class ChunkedPayload final : public FramedPayload {
 public:
  static constexpr std::size_t kMaxLine = 4096;
  static constexpr std::size_t kMaxTrailers = 16;

  ChunkedPayload(const wire::Service& service, ChunkedOptions options)
      : service_(service), options_(std::move(options)), signature_(options_.head.seed_signature) {}
  [[nodiscard]] std::optional<std::uint64_t> length() const override { return options_.length; }
  [[nodiscard]] std::span<const std::string> announced_trailers() const override {
    return options_.announced;
  }

 protected:
  [[nodiscard]] wire::Answer<void> next(std::span<const char> piece, const PayloadSink& sink) override;
  [[nodiscard]] wire::Answer<void> end() override;

 private:
  /// What the next byte belongs to.
  enum class Part { size_line, data, data_end, trailers, last_line, nothing };

  [[nodiscard]] wire::Answer<void> take_data(std::span<const char>& piece, const PayloadSink& sink);
  [[nodiscard]] wire::Answer<bool> fill_line(std::span<const char>& piece);
  [[nodiscard]] wire::Answer<void> take_line(const std::string& line);
  [[nodiscard]] wire::Answer<void> begin_chunk(const std::string& line);
  [[nodiscard]] wire::Answer<void> end_chunk();
  [[nodiscard]] wire::Answer<void> take_trailer(const std::string& line);
  [[nodiscard]] wire::Answer<void> end_trailers();
  [[nodiscard]] wire::Answer<void> follow_signature(std::string expected);

  const wire::Service& service_;
  const ChunkedOptions options_;
  Part part_ = Part::size_line;
  std::string line_;             ///< begun, and not yet at its end
  std::uint64_t remaining_ = 0;  ///< of the chunk
  std::uint64_t done_ = 0;       ///< bytes within chunks so far
  std::string given_;            ///< the signature that the chunk, or the trailing headers, came with
  std::string signature_;        ///< the last one that was right
  std::string trailer_text_;     ///< what the trailing headers' signature covers
  std::optional<Digest> digest_;
};

}  // namespace sightline::aws::sigv4
