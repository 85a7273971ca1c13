#include "net/stream_bridge.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

namespace sightline::net {

Result<std::size_t> StreamBridge::read(std::span<char> into) {
  std::unique_lock lock(mutex_);
  if (!body_asked_) {
    body_asked_ = true;
    wake_();
  }
  changed_.wait(lock, [&] { return lost_ || body_error_ || body_ended_ || body_read_ < body_.size(); });
  const std::size_t size = std::min(into.size(), body_.size() - body_read_);
  if (size == 0) {
    if (into.empty()) return 0;
    if (body_ended_) return 0;
    return std::unexpected(body_error_ ? *body_error_ : *lost_);
  }
  std::memcpy(into.data(), body_.data() + body_read_, size);
  body_read_ += size;
  if (body_read_ == body_.size()) {
    body_.clear();
    body_read_ = 0;
  }
  if (body_paused_ && body_.size() - body_read_ <= kBodyRoom / 2) {
    body_paused_ = false;
    wake_();
  }
  return size;
}

bool StreamBridge::body_wanted() {
  std::lock_guard lock(mutex_);
  if (!body_asked_ || body_ended_ || body_error_ || lost_) return false;
  // Once paused, it takes read()'s wake to go on: whoever asks in between may not be the one to read.
  if (body_.size() - body_read_ >= kBodyRoom) body_paused_ = true;
  return !body_paused_;
}

void StreamBridge::push_body(std::string_view bytes) {
  std::lock_guard lock(mutex_);
  if (body_read_ > kBodyRoom / 2) {
    body_.erase(0, body_read_);
    body_read_ = 0;
  }
  body_ += bytes;
  changed_.notify_all();
}

void StreamBridge::end_body() {
  std::lock_guard lock(mutex_);
  body_ended_ = true;
  changed_.notify_all();
}

void StreamBridge::fail_body(Error error) {
  std::lock_guard lock(mutex_);
  body_error_ = std::move(error);
  changed_.notify_all();
}

void StreamBridge::lose(Error error) {
  std::lock_guard lock(mutex_);
  lost_ = std::move(error);
  changed_.notify_all();
}

Result<void> StreamBridge::send(Response response) {
  const std::string body = std::move(response.body);
  const BodyLength length{response.head_length.value_or(body.size())};
  TRY(begin(std::move(response), length));
  TRY(write(body));
  return finish();
}

Result<void> StreamBridge::begin(Response response, BodyLength length) {
  std::lock_guard lock(mutex_);
  if (lost_) return std::unexpected(*lost_);
  if (has_begun_) return fail(ErrorKind::internal, "a second response was begun for one request");
  has_begun_ = true;
  framed_ = !length.bytes && chunks_allowed_ && !head_request_ && !has_no_body("GET", response.status);
  response.body.clear();
  begun_ = std::move(response);
  length_ = length;
  wake_();
  return {};
}

Result<void> StreamBridge::write(std::span<const char> bytes) {
  std::unique_lock lock(mutex_);
  if (!has_begun_ || whole_)
    return fail(ErrorKind::internal, "a response's body was written outside of the response");
  written_ += bytes.size();
  if (length_.bytes && !head_request_ && written_ > *length_.bytes)
    return fail(ErrorKind::internal, "a response's body is longer than its length");
  if (head_request_) return {};
  while (!bytes.empty()) {
    const auto piece = bytes.first(std::min(bytes.size(), kOutputRoom / 2));
    TRY(append(piece, lock));
    bytes = bytes.subspan(piece.size());
  }
  return {};
}

Result<void> StreamBridge::append(std::span<const char> bytes, std::unique_lock<std::mutex>& lock) {
  changed_.wait(lock, [&] { return lost_ || unsent_ == 0 || unsent_ + bytes.size() <= kOutputRoom; });
  if (lost_) return std::unexpected(*lost_);
  const std::size_t before = output_.size();
  if (framed_) fmt::format_to(std::back_inserter(output_), "{:x}\r\n", bytes.size());
  output_.append(bytes.data(), bytes.size());
  if (framed_) output_ += "\r\n";
  unsent_ += output_.size() - before;
  if (before == 0) wake_();
  return {};
}

Result<void> StreamBridge::finish() {
  std::lock_guard lock(mutex_);
  if (lost_) return std::unexpected(*lost_);
  if (!has_begun_ || whole_) return fail(ErrorKind::internal, "a response was finished that had not begun");
  if (length_.bytes && !head_request_ && written_ != *length_.bytes)
    return fail(ErrorKind::internal, "a response's body is shorter than its length");
  whole_ = true;
  if (framed_) {
    output_ += "0\r\n\r\n";
    unsent_ += 5;
  }
  wake_();
  return {};
}

void StreamBridge::handler_returned(std::string failure) {
  std::lock_guard lock(mutex_);
  returned_ = true;
  failure_ = std::move(failure);
  wake_();
}

StreamBridge::Output StreamBridge::take_output() {
  std::lock_guard lock(mutex_);
  Output output;
  output.begun = std::exchange(begun_, std::nullopt);
  output.length = length_;
  output.bytes = std::exchange(output_, {});
  output.whole = whole_;
  output.returned = returned_;
  output.failure = failure_;
  return output;
}

void StreamBridge::sent(std::size_t bytes) {
  std::lock_guard lock(mutex_);
  unsent_ -= std::min(bytes, unsent_);
  changed_.notify_all();
}

}  // namespace sightline::net
