#pragma once
// The three shapes of handler, and how a request finds its own.
//
// The server shows the head of a request to the listener's Decide function, on an I/O thread: it looks names
// up and may verify a signature, and never blocks. Its Decision says which shape takes the request, how large
// the body may be and whose threads do the work. Only then is the body read (or asked for, with "100
// Continue").
//
// No handler waits for another: what can only be answered later is parked and holds no thread. None waits for
// its client either: bytes are collected and sent by the I/O threads (docs/adr/0018).

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <variant>

#include "base/result.h"
#include "base/worker_pool.h"
#include "net/message.h"

namespace sightline::net {

/// What a transfer answers.
struct TransferAnswer {
  Response response;
  /// Where set, the body comes from Transfer::read() and is this long; `response.body` is ignored.
  std::optional<BodyLength> streamed = {};
};

/// One request whose body, or whose answer's body, passes in pieces of any total size in constant memory.
///
/// The server calls it on the pool of its Decision when there is work: a piece of the body has come, or the
/// client has taken enough of the answer. Calls come one at a time, each perhaps on another thread, and in
/// this order: begin(), take() for each piece, end(), then read() until the answer is whole. The first answer
/// that is returned ends the body: what is left of it is dropped. Between two calls no thread is held,
/// however slow the client is; a call may wait for a disk, never for the client. A client that goes away ends
/// the calls: the transfer is then destroyed, on the pool if begin() has been called.
class Transfer {
 public:
  virtual ~Transfer() = default;
  /// Before a client that waits for "100 Continue" is asked for its body: the place to refuse.
  [[nodiscard]] virtual std::optional<TransferAnswer> begin() { return std::nullopt; }
  /// The next bytes of the body, at least one.
  [[nodiscard]] virtual std::optional<TransferAnswer> take(std::span<const char> piece) = 0;
  /// The body is whole; or it will never be, because of `broken`: io (too slow), corrupt (malformed chunks),
  /// too_large (over the Decision's max_body).
  [[nodiscard]] virtual TransferAnswer end(const Error* broken) = 0;
  /// The next bytes of a streamed answer into `into`; returns how many, 0 at the end. An error, or an end
  /// before the stated length, cuts the connection, so that nobody takes part of an answer for all of it.
  [[nodiscard]] virtual Result<std::size_t> read(std::span<char> into) {
    static_cast<void>(into);
    return 0;
  }
};

enum class Cancelled { client_gone, stopping };

/// The right to answer one parked request, once, from any thread. Destroyed unused it answers 500.
class Reply {
 public:
  /// What the server does for it; one exchange each.
  class Exchange {
   public:
    virtual ~Exchange() = default;
    virtual void send(Response response) = 0;
    virtual void abandon() = 0;
    virtual void on_cancel(std::move_only_function<void(Cancelled)> callback) = 0;
    [[nodiscard]] virtual std::optional<Cancelled> cancelled() const = 0;
  };

  explicit Reply(std::shared_ptr<Exchange> exchange) : exchange_(std::move(exchange)) {}
  Reply(Reply&&) noexcept = default;
  Reply& operator=(Reply&& other) noexcept;
  ~Reply();

  /// Never blocks. Dropped when the client is gone.
  void send(Response response) &&;
  /// Calls once when the client goes away, or the server stops and wants an answer soon; at once when that
  /// has happened already. It runs on an I/O thread or this one, must not block, and may lead to send().
  /// Register first; then put the Reply where the callback looks for it, unless cancelled() says that it was
  /// too late.
  void on_cancel(std::move_only_function<void(Cancelled)> callback);
  [[nodiscard]] std::optional<Cancelled> cancelled() const;

 private:
  // Shared with the connection, which outlives neither the client nor the server.
  std::shared_ptr<Exchange> exchange_;
};

/// The body is collected, then `run` answers on the pool. A full pool refuses (Failure::overloaded).
struct Unary {
  WorkerPool* pool = nullptr;
  std::uint64_t max_body = 0;
  std::move_only_function<Response(Request)> run;
};

/// Body and answer pass through `transfer` in pieces. A full pool refuses (Failure::overloaded, or what is
/// wrong with the body where that fails before the pool was asked).
struct Streaming {
  WorkerPool* pool = nullptr;
  std::uint64_t max_body = 0;
  std::shared_ptr<Transfer> transfer;  ///< shared: a caller may bind it to what it must not outlive
};

/// The body is collected, then `run` starts on the pool, keeps the Reply somewhere and returns.
struct Parked {
  WorkerPool* pool = nullptr;
  std::uint64_t max_body = 0;
  std::move_only_function<void(Request, Reply)> run;
};

/// A Response answers at once, before the body: a refusal, or what needs no work.
struct Decision {
  std::variant<Response, Unary, Streaming, Parked> way;
  std::string operation;  ///< for the access log
};

using Decide = std::function<Decision(const RequestHead&)>;

/// What goes wrong before or beside a handler.
enum class Failure {
  malformed,
  head_too_large,
  unsupported,
  expectation,
  body_too_large,
  too_slow,
  overloaded,
  internal
};

[[nodiscard]] int status_of(Failure failure);

/// Words the server's own failures. `head` is nullptr when it could not be read.
using Explain = std::function<Response(const RequestHead* head, Failure failure, std::string_view detail)>;

/// Plain text; says nothing about what is inside.
[[nodiscard]] Response explain_plainly(const RequestHead* head, Failure failure, std::string_view detail);

}  // namespace sightline::net
