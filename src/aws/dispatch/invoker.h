#pragma once
// Calls operations from inside, without HTTP: state machines, stacks, notifications and REST integrations do
// what any client may do, through the same validation, permissions and handlers.

#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "aws/dispatch/operations.h"
#include "base/clock.h"
#include "base/random.h"

namespace sightline::aws::dispatch {

/// On whose behalf a call from inside is made, and where.
struct InnerCaller {
  identity::Principal principal;
  std::string region;
  std::string endpoint;  ///< that addresses in answers begin with (a queue's); "http://127.0.0.1:4566"
  Cause cause = {};      ///< of the event that is acted on, as it was delivered
};

/// What is known of a call once it has been answered: for metrics and the log.
struct InnerRecord {
  const wire::Operation* operation = nullptr;
  std::string request_id;
  std::string principal;  ///< ARN
  std::string error;      ///< its code; empty where there was none
  std::string cause;      ///< of an error: for the log
  std::chrono::nanoseconds took{};
};
using OnInnerCall = std::function<void(const InnerRecord&)>;

template <typename Op>
struct TypedAnswer {
  typename Op::Response response;
  std::string body;  ///< of an operation that streams its answer
};

/// Thread-safe. Everything it is given outlives it, and every call that it has begun.
class Invoker {
 public:
  struct Options {
    std::vector<const wire::Service*> services;     ///< that call_json() finds operations of
    std::size_t max_body = std::size_t{16} << 20U;  ///< of a streamed answer
    OnInnerCall on_call;                            ///< thread-safe; may be empty
  };
  Invoker(Options options, const Operations& operations, const Clock& clock, Random& random)
      : options_(std::move(options)), operations_(operations), clock_(clock), random_(random) {}

  /// `done` is called once, soon (by this thread where the operation's pool is full) or when a parked call is
  /// answered. It must not block: it runs on a thread that others wait for. `body` is for an operation that
  /// takes a streamed one. Errors are those that a client would get; "PayloadTooLarge" where a streamed
  /// answer is too long.
  template <typename Op>
  void call(const InnerCaller& caller, typename Op::Request request,
            std::move_only_function<void(wire::Answer<TypedAnswer<Op>>)> done, std::string body = {}) const {
    InnerDone typed = [done = std::move(done)](wire::Answer<InnerAnswer> answer) mutable {
      if (!answer) return done(std::unexpected(std::move(answer).error()));
      done(TypedAnswer<Op>{*static_cast<const typename Op::Response*>(answer->response.get()),
                           std::move(answer->body)});
    };
    begin(Op::operation, caller, std::make_shared<const typename Op::Request>(std::move(request)),
          std::move(body), std::move(typed));
  }

  using JsonDone = std::move_only_function<void(wire::Answer<std::string> document)>;
  /// The same with documents that have the model's names (wire::decode_document): `service` as it is called
  /// here
  /// ("s3"), `operation` by the model ("PutObject"; the first letter may be small). A streamed body is the
  /// member that the model calls so ("Body"): as text, or, where it is not, any JSON value, which is then the
  /// body; of an answer as text where it is UTF-8, else in Base64.
  void call_json(const InnerCaller& caller, std::string_view service, std::string_view operation,
                 std::string_view document, JsonDone done) const;

  /// Whose operations call_json() finds.
  [[nodiscard]] std::span<const wire::Service* const> services() const { return options_.services; }
  /// Null for what is not carried out.
  [[nodiscard]] const wire::Operation* find(std::string_view service, std::string_view operation) const;

 private:
  void begin(const wire::Operation& operation, const InnerCaller& caller, std::shared_ptr<const void> request,
             std::string body, InnerDone done) const;

  const Options options_;
  const Operations& operations_;
  const Clock& clock_;
  Random& random_;
};

}  // namespace sightline::aws::dispatch
