#include "sight/jobs/page_token.h"

#include <fmt/format.h>

#include <charconv>

#include "base/base64.h"
#include "base/hex.h"
#include "base/hmac.h"

namespace sightline::jobs {
namespace {

constexpr std::size_t kMacDigits = 32;  // 128 bits

std::string mac(std::span<const std::uint8_t> secret, std::string_view job, std::int64_t position) {
  return hex(hmac_sha256(secret, fmt::format("{} {}", job, position))).substr(0, kMacDigits);
}

}  // namespace

std::string make_page_token(std::span<const std::uint8_t> secret, std::string_view job,
                            std::int64_t position) {
  const std::string text = fmt::format("{}:{}", mac(secret, job, position), position);
  return base64_encode({reinterpret_cast<const std::uint8_t*>(text.data()), text.size()});
}

std::optional<std::int64_t> read_page_token(std::span<const std::uint8_t> secret, std::string_view job,
                                            std::string_view token) {
  Bytes bytes;
  if (token.size() > 255 || !base64_decode(token, bytes)) return std::nullopt;
  const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  if (text.size() <= kMacDigits + 1 || text[kMacDigits] != ':') return std::nullopt;
  const std::string_view digits = text.substr(kMacDigits + 1);
  std::int64_t position = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), position);
  if (error != std::errc{} || end != digits.data() + digits.size() || position < 0) return std::nullopt;
  if (!equal_in_constant_time(text.substr(0, kMacDigits), mac(secret, job, position))) return std::nullopt;
  return position;
}

}  // namespace sightline::jobs
