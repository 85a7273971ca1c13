#include "net/stream_bridge.h"

#include <fmt/format.h>

#include <algorithm>
#include <type_traits>
#include <utility>

namespace sightline::net {
namespace {

/// Calls in a row before other transfers get their turn on the pool.
constexpr int kCallsInARow = 8;

template <typename Call>
using Called = std::expected<std::invoke_result_t<Call>, std::string>;

/// Runs `call` with the mutex given back; what it throws becomes the text of the error.
template <typename Call>
Called<Call> call_unlocked(Mutex& mutex, const Call& call) SIGHTLINE_REQUIRES(mutex) {
  std::string thrown = "unknown exception";
  mutex.unlock();
  try {
    auto result = call();
    mutex.lock();
    return result;
  } catch (const std::exception& error) {
    thrown = error.what();
  } catch (...) {  // NOLINT(bugprone-empty-catch): the text is there already
  }
  mutex.lock();
  return std::unexpected(std::move(thrown));
}

}  // namespace

void StreamBridge::start() {
  const MutexLock lock(mutex_);
  schedule();
}

bool StreamBridge::body_wanted() {
  const MutexLock lock(mutex_);
  const bool asked = begun_ || !options_.waits_to_continue;
  if (!asked || answered_ || failure_ || body_ended_ || body_error_ || lost_) return false;
  // Once paused, it takes a wake to go on: whoever asks in between may not be the one to read.
  if (body_.size() >= (short_of_memory_ ? kShortRoom : kBodyRoom)) body_paused_ = true;
  return !body_paused_;
}

void StreamBridge::push_body(std::string_view bytes) {
  const MutexLock lock(mutex_);
  body_ += bytes;
  schedule();
}

void StreamBridge::end_body() {
  const MutexLock lock(mutex_);
  body_ended_ = true;
  schedule();
}

void StreamBridge::fail_body(Error error) {
  const MutexLock lock(mutex_);
  body_error_ = std::move(error);
  schedule();
}

void StreamBridge::lose() {
  std::shared_ptr<Transfer> unused;  // destroyed outside of the lock
  const MutexLock lock(mutex_);
  lost_ = true;
  if (!running_ && !begun_) unused = std::move(transfer_);
  schedule();
}

void StreamBridge::set_short_of_memory(bool is_short) {
  const MutexLock lock(mutex_);
  if (std::exchange(short_of_memory_, is_short) != is_short) schedule();
}

void StreamBridge::sent(std::size_t bytes) {
  const MutexLock lock(mutex_);
  unsent_ -= std::min(bytes, unsent_);
  schedule();
}

std::size_t StreamBridge::held() const {
  const MutexLock lock(mutex_);
  return body_.size() + piece_.size() + unsent_;
}

StreamBridge::Output StreamBridge::take_output() {
  const MutexLock lock(mutex_);
  Output output;
  output.refused = refused_;
  output.answer = std::exchange(answer_, std::nullopt);
  output.bytes = std::exchange(output_, {});
  output.whole = whole_;
  output.failure = failure_;
  return output;
}

bool StreamBridge::has_work() const {
  if (transfer_ == nullptr) return false;
  if (lost_ || whole_ || failure_) return true;
  if (answered_) {
    return short_of_memory_ ? unsent_ == 0 : unsent_ + kOutputPiece <= kOutputRoom;
  }
  if (options_.waits_to_continue && !begun_) return true;
  return body_ended_ || body_error_ || body_paused_ || body_.size() >= (short_of_memory_ ? 1 : kBodyPiece);
}

void StreamBridge::schedule() {
  if (running_ || !has_work()) return;
  running_ = true;
  WorkerPool::Task task = [self = shared_from_this()] { self->run(); };
  if (admitted_) {
    pool_.resume(std::move(task));
  } else if (pool_.try_submit(std::move(task))) {
    admitted_ = true;
  } else {
    running_ = false;
    refused_ = true;
    transfer_.reset();
    wake_();
  }
}

void StreamBridge::run() {
  const MutexLock lock(mutex_);
  for (int i = 0; i < kCallsInARow && has_work(); ++i) step();
  running_ = false;
  schedule();
}

void StreamBridge::step() {
  if (lost_ || whole_ || failure_) {
    dispose();
  } else if (answered_) {
    step_answer();
  } else {
    step_body();
  }
}

/// Files are closed and removed by it: not on the I/O thread.
void StreamBridge::dispose() {
  auto done = std::move(transfer_);
  mutex_.unlock();
  done.reset();
  mutex_.lock();
}

void StreamBridge::step_body() {
  Transfer& transfer = *transfer_;
  std::expected<std::optional<TransferAnswer>, std::string> answer;
  if (!begun_) {
    answer = call_unlocked(mutex_, [&] { return transfer.begin(); });
    begun_ = true;
    if (options_.waits_to_continue) wake_();
  } else if (!body_.empty() && !body_error_) {
    // Swapped, not copied: the connection fills the other buffer meanwhile.
    piece_.clear();
    piece_.swap(body_);
    if (std::exchange(body_paused_, false)) wake_();
    const std::string_view piece = piece_;  // nobody else changes it meanwhile
    answer = call_unlocked(mutex_, [&] { return transfer.take(piece); });
    piece_.clear();
  } else if (body_ended_ || body_error_) {
    const auto broken = body_error_;
    answer = call_unlocked(mutex_, [&] { return std::optional(transfer.end(broken ? &*broken : nullptr)); });
  }
  if (!answer) {
    failure_ = std::move(answer.error());
    wake_();
  } else if (*answer) {
    take_answer(std::move(**answer));
  }
}

void StreamBridge::take_answer(TransferAnswer answer) {
  answered_ = true;
  body_ = {};
  piece_ = {};
  if (!answer.streamed || options_.head_request || has_no_body("GET", answer.response.status)) {
    whole_ = true;
  } else {
    length_ = *answer.streamed;
    framed_ = !length_.bytes && options_.chunks_allowed;
    whole_ = length_.bytes == 0;
  }
  answer_ = std::move(answer);
  wake_();
}

void StreamBridge::step_answer() {
  std::uint64_t size = short_of_memory_ ? kShortRoom : kOutputPiece;
  if (length_.bytes) size = std::min(size, *length_.bytes - written_);
  Transfer& transfer = *transfer_;
  std::string piece;
  const auto called = call_unlocked(mutex_, [&] {
    piece.resize(size);
    const Result<std::size_t> got = transfer.read(piece);
    piece.resize(got.value_or(0));
    return got;
  });
  if (!called || !*called) {
    failure_ = called ? called->error().message : called.error();
    wake_();
    return;
  }
  written_ += piece.size();
  if (piece.empty() && length_.bytes) {
    failure_ = "a response's body is shorter than its length";
    wake_();
    return;
  }
  const bool ended = piece.empty() || written_ == length_.bytes;
  const bool idle = output_.empty();
  if (framed_) append(piece.empty() ? "0\r\n\r\n" : fmt::format("{:x}\r\n", piece.size()));
  if (!piece.empty()) append(std::move(piece));
  if (framed_ && !ended) append("\r\n");
  whole_ = ended;
  if (idle || whole_) wake_();
}

void StreamBridge::append(std::string bytes) {
  unsent_ += bytes.size();
  output_.push_back(std::move(bytes));
}

}  // namespace sightline::net
