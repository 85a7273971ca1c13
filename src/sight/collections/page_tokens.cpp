#include "sight/collections/page_tokens.h"

#include "base/base64.h"
#include "base/hmac.h"

namespace sightline::collections {
namespace {

constexpr std::size_t kSealBytes = 16;

}  // namespace

std::string PageTokens::seal(std::string_view list, std::string_view place) const {
  // The length keeps the two apart.
  std::string text = std::to_string(list.size()) + ':';
  text += list;
  text += place;
  const Sha256Digest digest = hmac_sha256(key_, text);
  return {reinterpret_cast<const char*>(digest.data()), kSealBytes};
}

std::string PageTokens::make(std::string_view list, std::string_view place) const {
  std::string text = seal(list, place);
  text += place;
  return base64_encode({reinterpret_cast<const std::uint8_t*>(text.data()), text.size()});
}

std::optional<std::string> PageTokens::read(std::string_view list, std::string_view token) const {
  Bytes bytes;
  if (!base64_decode(token, bytes) || bytes.size() < kSealBytes) return std::nullopt;
  const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  const std::string_view place = text.substr(kSealBytes);
  if (!equal_in_constant_time(text.substr(0, kSealBytes), seal(list, place))) return std::nullopt;
  return std::string(place);
}

}  // namespace sightline::collections
