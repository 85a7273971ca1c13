#pragma once
// A message and what SQS says of it.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/cause.h"
#include "base/clock.h"
#include "base/result.h"

namespace sightline::queues {

struct MessageAttribute {
  std::string name;
  std::string type;  ///< "String", "Number" or "Binary", with ".label" or without
  std::string value;
  bool operator==(const MessageAttribute&) const = default;
  [[nodiscard]] bool is_binary() const { return type.starts_with("Binary"); }
};

struct NewMessage {
  std::string body = {};
  std::vector<MessageAttribute> attributes = {};
  std::optional<std::int64_t> delay = {};  ///< in seconds; the queue's where it does not say
  std::string sender = {};                 ///< the id of a principal
  std::optional<std::string> trace_header = {};
  Cause cause = {};  ///< what led to it being sent
};

struct ReceivedMessage {
  std::string id;
  std::string receipt_handle;
  std::string body;
  std::vector<MessageAttribute> attributes;  ///< by name
  std::string sender;
  std::optional<std::string> trace_header;
  Instant sent;
  Instant first_received;
  std::int64_t receive_count = 0;
  Cause cause;  ///< for who does something because of the message; no client sees it
};

inline constexpr std::size_t kMaxMessageAttributes = 10;

/// In hexadecimal.
[[nodiscard]] std::string md5_hex(std::string_view text);
/// Of attributes that are sorted by name ("Calculating the MD5 message digest for message attributes" in
/// Amazon SQS's developer guide). Empty where there are none.
[[nodiscard]] std::string md5_of_attributes(const std::vector<MessageAttribute>& sorted);

/// What the store keeps of them; the digest is taken over the same bytes.
[[nodiscard]] std::string encode_attributes(const std::vector<MessageAttribute>& sorted);
/// Errors: corrupt.
[[nodiscard]] Result<std::vector<MessageAttribute>> decode_attributes(std::string_view bytes);

/// What can be said of a message whatever its queue allows.
class MessageCheck {
 public:
  /// Sorts the attributes.
  explicit MessageCheck(NewMessage& message);
  /// In a queue whose messages have so many bytes at most. Errors: unsupported (characters that no message
  /// may have), invalid_argument (empty, an attribute, the delay), too_large.
  [[nodiscard]] Result<void> verdict(std::int64_t maximum_size) const;

 private:
  Result<void> shape_;
  std::size_t size_ = 0;
  bool allowed_ = false;  ///< its characters
};

/// What a receiver needs to delete a message: which one it is, and which receipt of it.
struct Receipt {
  std::int64_t queue = 0;
  std::string message;  ///< its id
  std::string token;    ///< 16 hexadecimal digits by chance
};

[[nodiscard]] std::string encode_receipt(const Receipt& receipt);
/// nullopt where `handle` is none.
[[nodiscard]] std::optional<Receipt> decode_receipt(std::string_view handle);

}  // namespace sightline::queues
