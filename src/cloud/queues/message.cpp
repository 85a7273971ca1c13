#include "cloud/queues/message.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "base/ascii.h"
#include "base/base64.h"
#include "base/digest.h"
#include "base/hex.h"

namespace sightline::queues {
namespace {

constexpr std::size_t kMaxAttributeName = 256;
constexpr std::int64_t kMaxDelay = 900;
/// What stands before a value: which of the two kinds follows.
constexpr char kText = 1;
constexpr char kBinary = 2;

void append_sized(std::string& out, std::string_view bytes) {
  const auto size = static_cast<std::uint32_t>(bytes.size());
  for (const unsigned shift : {24U, 16U, 8U, 0U}) out += static_cast<char>((size >> shift) & 0xFFU);
  out += bytes;
}

std::optional<std::string_view> take_sized(std::string_view& bytes) {
  if (bytes.size() < 4) return std::nullopt;
  std::uint32_t size = 0;
  for (std::size_t i = 0; i < 4; ++i) size = size << 8U | static_cast<std::uint8_t>(bytes[i]);
  bytes.remove_prefix(4);
  if (bytes.size() < size) return std::nullopt;
  const std::string_view taken = bytes.substr(0, size);
  bytes.remove_prefix(size);
  return taken;
}

/// The code point at the front of UTF-8; one that is not allowed where the text ends within it.
char32_t take_character(std::string_view& text) {
  const auto lead = static_cast<std::uint8_t>(text.front());
  const std::size_t length = lead < 0x80 ? 1 : lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
  if (length > text.size()) {
    text = {};
    return 0xFFFF;
  }
  char32_t character = length == 1 ? lead : lead & (0x7FU >> length);
  for (std::size_t i = 1; i < length; ++i)
    character = character << 6U | (static_cast<std::uint8_t>(text[i]) & 0x3FU);
  text.remove_prefix(length);
  return character;
}

/// What XML 1.0 can carry.
bool is_allowed(std::string_view text) {
  while (!text.empty()) {
    const char32_t c = take_character(text);
    const bool fine = c == 0x9 || c == 0xA || c == 0xD || (c >= 0x20 && c <= 0xD7FF) ||
                      (c >= 0xE000 && c <= 0xFFFD) || (c >= 0x10000 && c <= 0x10FFFF);
    if (!fine) return false;
  }
  return true;
}

std::unexpected<Error> refuse(std::string message) {
  return fail(ErrorKind::invalid_argument, std::move(message));
}

bool is_attribute_name(std::string_view name) {
  const std::string small = to_lower(name.substr(0, 7));
  return !name.empty() && name.size() <= kMaxAttributeName && !small.starts_with("aws.") &&
         !small.starts_with("amazon.") && !name.starts_with('.') && !name.ends_with('.') &&
         !name.contains("..") && std::ranges::all_of(name, [](char c) {
           return (c >= '0' && c <= '9') || (to_lower(c) >= 'a' && to_lower(c) <= 'z') || c == '_' ||
                  c == '-' || c == '.';
         });
}

bool is_number(std::string_view text) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return !text.empty() && error == std::errc() && end == text.data() + text.size();
}

Result<void> check_attribute(const MessageAttribute& attribute) {
  if (!is_attribute_name(attribute.name))
    return refuse(fmt::format("The message attribute name '{}' is invalid.", attribute.name.substr(0, 300)));
  const std::string_view type = std::string_view(attribute.type).substr(0, attribute.type.find('.'));
  if ((type != "String" && type != "Number" && type != "Binary") || attribute.type.size() > 256)
    return refuse(
        fmt::format("The message attribute '{}' has an invalid message attribute type, the set of supported "
                    "type prefixes is Binary, Number, and String.",
                    attribute.name));
  if (attribute.value.empty())
    return refuse(
        fmt::format("The message attribute '{}' must contain a non-empty message attribute value for message "
                    "attribute type '{}'.",
                    attribute.name, type));
  if (type == "Number" && !is_number(attribute.value))
    return refuse(
        fmt::format("Can't cast the value of message (user) attribute '{}' to a number.", attribute.name));
  if (type != "Binary" && !is_allowed(attribute.value))
    return fail(ErrorKind::unsupported,
                fmt::format("Invalid characters found in the value of attribute '{}'.", attribute.name));
  return {};
}

Result<void> check_shape(const NewMessage& message) {
  if (message.body.empty()) return refuse("A message has at least one character.");
  if (message.delay && (*message.delay < 0 || *message.delay > kMaxDelay))
    return refuse(fmt::format(
        "Value {} for parameter DelaySeconds is invalid. Reason: DelaySeconds must be >= 0 and <= {}.",
        *message.delay, kMaxDelay));
  if (message.attributes.size() > kMaxMessageAttributes)
    return refuse(fmt::format("Number of message attributes [{}] exceeds the allowed maximum [{}].",
                              message.attributes.size(), kMaxMessageAttributes));
  for (const MessageAttribute& attribute : message.attributes) TRY(check_attribute(attribute));
  return {};
}

}  // namespace

std::string md5_hex(std::string_view text) {
  Digest digest(DigestKind::md5);
  digest.update(text);
  return hex(digest.finish());
}

std::string md5_of_attributes(const std::vector<MessageAttribute>& sorted) {
  return sorted.empty() ? "" : md5_hex(encode_attributes(sorted));
}

std::string encode_attributes(const std::vector<MessageAttribute>& sorted) {
  std::string out;
  for (const MessageAttribute& attribute : sorted) {
    append_sized(out, attribute.name);
    append_sized(out, attribute.type);
    out += attribute.is_binary() ? kBinary : kText;
    append_sized(out, attribute.value);
  }
  return out;
}

Result<std::vector<MessageAttribute>> decode_attributes(std::string_view bytes) {
  std::vector<MessageAttribute> attributes;
  while (!bytes.empty()) {
    const auto name = take_sized(bytes);
    const auto type = name ? take_sized(bytes) : std::nullopt;
    if (type && !bytes.empty()) bytes.remove_prefix(1);
    const auto value = type ? take_sized(bytes) : std::nullopt;
    if (!value) return fail(ErrorKind::corrupt, "a message's attributes cannot be read");
    attributes.push_back({std::string(*name), std::string(*type), std::string(*value)});
  }
  return attributes;
}

MessageCheck::MessageCheck(NewMessage& message)
    : shape_(check_shape(message)), size_(message.body.size()), allowed_(is_allowed(message.body)) {
  for (const MessageAttribute& attribute : message.attributes)
    size_ += attribute.name.size() + attribute.type.size() + attribute.value.size();
  std::ranges::sort(message.attributes, {}, &MessageAttribute::name);
}

Result<void> MessageCheck::verdict(std::int64_t maximum_size) const {
  TRY(Result<void>(shape_));
  if (size_ > static_cast<std::size_t>(maximum_size))
    return fail(ErrorKind::too_large, fmt::format("One or more parameters are invalid. Reason: Message must "
                                                  "be shorter than {} bytes.",
                                                  maximum_size));
  if (!allowed_)
    return fail(ErrorKind::unsupported,
                "Invalid characters found. Valid unicode characters are #x9 | #xA | #xD | "
                "#x20 to #xD7FF | #xE000 to #xFFFD | #x10000 to #x10FFFF");
  return {};
}

std::string encode_receipt(const Receipt& receipt) {
  const std::string text = fmt::format("{:016x} {} {}", receipt.queue, receipt.message, receipt.token);
  return base64_encode({reinterpret_cast<const std::uint8_t*>(text.data()), text.size()});
}

std::optional<Receipt> decode_receipt(std::string_view handle) {
  constexpr std::size_t kNumber = 16;
  constexpr std::size_t kUuid = 36;
  constexpr std::size_t kToken = 16;
  Bytes bytes;
  if (handle.size() > 1024 || !base64_decode(handle, bytes)) return std::nullopt;
  const std::string text(bytes.begin(), bytes.end());
  if (text.size() != kNumber + kUuid + kToken + 2 || text[kNumber] != ' ' || text[kNumber + kUuid + 1] != ' ')
    return std::nullopt;
  Receipt receipt;
  const auto [end, error] = std::from_chars(text.data(), text.data() + kNumber, receipt.queue, 16);
  if (error != std::errc() || end != text.data() + kNumber) return std::nullopt;
  receipt.message = text.substr(kNumber + 1, kUuid);
  receipt.token = text.substr(kNumber + kUuid + 2);
  return receipt;
}

}  // namespace sightline::queues
