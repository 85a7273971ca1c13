#include "net/connection.h"

#include <algorithm>
#include <array>

#include "net/connection_current.h"

namespace sightline::net {
namespace {

constexpr std::chrono::seconds kLinger{2};
/// Requests that a client sent after a parked one, ahead of its answer.
constexpr std::size_t kMaxAhead = 16 * 1024;
/// Reads in a row before the loop's other connections get their turn.
constexpr int kReadsInARow = 4;
/// What is read at once while memory is short.
constexpr std::size_t kShortRead = 16 * 1024;

}  // namespace

Connection::Connection(ServerContext& context, std::shared_ptr<EventLoop> loop, ConnectionOrigin origin,
                       std::unique_ptr<Socket> socket, std::unique_ptr<Channel> channel,
                       std::function<void(Connection&)> gone)
    : context_(context),
      loop_(std::move(loop)),
      origin_(std::move(origin)),
      socket_(std::move(socket)),
      channel_(std::move(channel)),
      gone_(std::move(gone)) {}

Connection::~Connection() = default;

void Connection::start() {
  restart_limit(Ticks::now());
  go_on();
}

Connection::WayBack Connection::way_back(Phase phase) {
  return [loop = loop_, weak = weak_from_this(), serial = serial_, phase](Step step) {
    loop->post([weak, serial, phase, step = std::move(step)]() mutable {
      const auto self = weak.lock();
      if (self == nullptr || self->serial_ != serial || self->phase_ != phase) return;
      step(*self);
      self->wait_as_needed();
    });
  };
}

void Connection::go_on() {
  read_some();
  if (phase_ != Phase::closed) flush();
  wait_as_needed();
}

/// Bytes of the request and the answer that the connection has in memory.
std::size_t Connection::count_held() {
  std::size_t held = unread().size();
  if (current_ != nullptr) held += current_->held();
  // What a stream has given to be sent still counts as its own.
  if (current_ == nullptr || current_->stream == nullptr) {
    for (const std::string& piece : out_) held += piece.size();
  }
  return held;
}

/// False where the connection holds more than its peer may have.
bool Connection::count_memory() {
  return origin_.guest->hold(count_held());
}

void Connection::wait_as_needed() {
  if (phase_ == Phase::closed) return;
  static_cast<void>(count_memory());
  if (!waits_readable_ && wants_bytes()) {
    waits_readable_ = true;
    const auto ready = [weak = weak_from_this()] {
      const auto self = weak.lock();
      if (self == nullptr || self->phase_ == Phase::closed) return;
      self->waits_readable_ = false;
      self->go_on();
    };
    if (channel_->buffers()) {
      loop_->post(ready);
    } else {
      socket_->when_readable(ready);
    }
  }
  if (!waits_writable_ && write_blocked_) {
    waits_writable_ = true;
    socket_->when_writable([weak = weak_from_this()] {
      const auto self = weak.lock();
      if (self == nullptr || self->phase_ == Phase::closed) return;
      self->waits_writable_ = false;
      self->write_blocked_ = false;
      self->go_on();
    });
  }
}

bool Connection::wants_bytes() {
  switch (phase_) {
    case Phase::head:
    case Phase::collecting:
    case Phase::discarding:
    case Phase::lingering:
      return true;
    case Phase::parked:
      // Nothing is expected but the client's leaving.
      return unread().size() < kMaxAhead;
    case Phase::streaming:
      return !current_->body_broken && !current_->decoder.done() && current_->stream->body_wanted();
    case Phase::working:
    case Phase::responding:
    case Phase::closed:
      break;
  }
  return false;
}

void Connection::read_some() {
  for (int i = 0; i < kReadsInARow && wants_bytes(); ++i) {
    auto room = loop_->scratch();
    if (context_.crowd->is_short_of_memory()) room = room.first(std::min(room.size(), kShortRead));
    const IoResult result = channel_->read(room);
    switch (result.state) {
      case IoState::want_read:
        return;
      case IoState::want_write:
        write_blocked_ = true;
        return;
      case IoState::closed:
      case IoState::failed:
        client_left();
        return;
      case IoState::done:
        break;
    }
    if (phase_ == Phase::lingering) continue;
    if (phase_ == Phase::head && unread().empty()) restart_limit(Ticks::now());
    moved_ += result.bytes;
    context_.counters.bytes_in += result.bytes;
    in_.append(room.data(), result.bytes);
    advance();
    if (result.bytes < room.size() && phase_ != Phase::closed && !channel_->buffers()) return;
  }
}

void Connection::consume(std::size_t bytes) {
  in_begin_ += bytes;
  if (in_begin_ == in_.size()) {
    in_begin_ = 0;
    in_.clear();
  } else if (in_begin_ > std::size_t{64} * 1024) {
    in_.erase(0, in_begin_);
    in_begin_ = 0;
  }
}

void Connection::flush() {
  while (!out_.empty()) {
    std::array<std::string_view, 8> pieces;
    const std::size_t count = std::min(out_.size(), pieces.size());
    for (std::size_t i = 0; i < count; ++i) pieces[i] = out_[i];
    pieces[0].remove_prefix(out_begin_);
    const IoResult result = channel_->write(std::span(pieces).first(count));
    if (result.state == IoState::want_write) write_blocked_ = true;
    if (result.state == IoState::want_write || result.state == IoState::want_read) return;
    if (result.state != IoState::done) {
      client_left();
      return;
    }
    moved_ += result.bytes;
    context_.counters.bytes_out += result.bytes;
    if (current_ != nullptr) {
      current_->record.bytes_out += result.bytes;
      if (current_->stream != nullptr) current_->stream->sent(result.bytes);
    }
    out_begin_ += result.bytes;
    std::size_t gone = 0;
    while (gone < out_.size() && out_begin_ >= out_[gone].size()) out_begin_ -= out_[gone++].size();
    out_.erase(out_.begin(), out_.begin() + static_cast<std::ptrdiff_t>(gone));
  }
  if (phase_ == Phase::responding) end_request();
}

void Connection::advance() {
  // A response that is out at once comes back here, from within step(): the loop there goes on.
  if (advancing_) return;
  advancing_ = true;
  while (step()) {
  }
  advancing_ = false;
}

bool Connection::step() {
  switch (phase_) {
    case Phase::head:
      return step_head();
    case Phase::collecting:
    case Phase::streaming:
    case Phase::discarding:
      return step_body();
    default:
      return false;
  }
}

void Connection::set_phase(Phase phase) {
  if (phase_ == Phase::parked) --context_.counters.parked;
  if (phase == Phase::parked) ++context_.counters.parked;
  phase_ = phase;
}

void Connection::tick(Ticks::time_point now) {
  const auto waited = progress_.waited(now);
  const ServerLimits& limits = context_.limits;
  switch (phase_) {
    case Phase::closed:
      return;
    case Phase::lingering:
      if (waited > kLinger) close();
      return;
    case Phase::head:
      if (!unread().empty()) {
        if (waited > limits.head_timeout) too_slow();
      } else if (waited > (served_ ? limits.idle_timeout : limits.head_timeout)) {
        close();
      }
      return;
    default:
      break;
  }
  if (current_->stream != nullptr)
    current_->stream->set_short_of_memory(context_.crowd->is_short_of_memory());
  const bool takes_body = phase_ != Phase::parked && wants_bytes();
  if (out_.empty() && !takes_body) {
    // The handler's time, not the client's.
    restart_limit(now);
    return;
  }
  const auto floor = context_.crowd->floor(limits.progress_bytes);
  if (progress_.check(now, moved_, limits.progress_timeout, floor) == Progress::Verdict::too_slow) too_slow();
}

void Connection::too_slow() {
  ++context_.counters.too_slow;
  if (phase_ == Phase::head || phase_ == Phase::collecting) {
    refuse(Failure::too_slow, "the request came too slowly");
    wait_as_needed();
    return;
  }
  if (phase_ == Phase::streaming && current_->status == 0 && !current_->body_broken) {
    restart_limit(Ticks::now());
    body_failed(Failure::too_slow, {ErrorKind::io, "the request came too slowly"});
    return;
  }
  client_left();
}

void Connection::client_left() {
  if (current_ != nullptr && phase_ != Phase::discarding) {
    ++context_.counters.client_gone;
    constexpr int kClientClosedRequest = 499;
    log(kClientClosedRequest);
  }
  close();
}

void Connection::drain() {
  draining_ = true;
  // A head that has come in part is no request yet.
  if (phase_ == Phase::head) {
    close();
  } else if (phase_ == Phase::parked) {
    // Held: the callback may answer at once.
    const auto exchange = current_->parked;
    exchange->cancel(Cancelled::stopping);
  }
}

void Connection::cut() {
  if (phase_ != Phase::closed) client_left();
}

void Connection::linger() {
  current_.reset();
  in_ = {};
  in_begin_ = 0;
  channel_->end_writing();
  set_phase(Phase::lingering);
  restart_limit(Ticks::now());
}

void Connection::close() {
  set_phase(Phase::closed);
  origin_.guest->end_transfer();
  static_cast<void>(origin_.guest->hold(0));
  const auto current = std::move(current_);
  channel_.reset();
  socket_.reset();
  if (current != nullptr) {
    if (current->stream != nullptr) current->stream->lose();
    if (current->parked != nullptr) current->parked->cancel(Cancelled::client_gone);
  }
  gone_(*this);
}

}  // namespace sightline::net
