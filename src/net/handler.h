#pragma once
// The three shapes of handler, and how a request finds its own.
//
// The server shows the head of a request to the listener's Decide function, on an I/O thread: it looks names
// up and may verify a signature, and never blocks. Its Decision says which shape takes the request, how large
// the body may be and whose threads do the work. Only then is the body read (or asked for, with "100
// Continue").
//
// No handler waits for another: what can only be answered later is parked and holds no thread.

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

/// A body in pieces, for one handler thread. Errors: io (the client is gone or too slow), corrupt (malformed
/// chunks), too_large (over the Decision's max_body).
class BodyReader {
 public:
  virtual ~BodyReader() = default;
  /// Waits until there is something to read; 0 at the end. The first call asks a client that waits for
  /// "100 Continue" to go on: refuse before it.
  [[nodiscard]] virtual Result<std::size_t> read(std::span<char> into) = 0;
};

/// A response in pieces, for one handler thread. Errors: io (the client is gone or too slow).
class ResponseWriter {
 public:
  virtual ~ResponseWriter() = default;
  /// A whole response.
  [[nodiscard]] virtual Result<void> send(Response response) = 0;
  /// Begins one whose body follows: `response.body` is ignored. Without a length it goes out in chunks.
  [[nodiscard]] virtual Result<void> begin(Response response, BodyLength length) = 0;
  /// Waits while the client has not taken what went before (some 256 KiB). Dropped for HEAD.
  [[nodiscard]] virtual Result<void> write(std::span<const char> bytes) = 0;
  /// The body is whole. A handler that returns without it cuts the connection, so that nobody takes part of
  /// an answer for all of it.
  [[nodiscard]] virtual Result<void> finish() = 0;
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
  /// Tells once when the client goes away, or the server stops and wants an answer soon; at once when that
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

/// `run` reads and writes on the pool while the bytes come and go: a body of any size in constant memory.
struct Streaming {
  WorkerPool* pool = nullptr;
  std::uint64_t max_body = 0;
  std::move_only_function<void(const RequestHead&, BodyReader&, ResponseWriter&)> run;
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
