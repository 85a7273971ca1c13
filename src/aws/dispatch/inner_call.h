#pragma once
// A call that does not come over HTTP, as Operations runs it: a request's struct in, a response's struct out.
// aws/dispatch/invoker.h is how one is made.

#include <functional>
#include <memory>
#include <string>

#include "aws/dispatch/context.h"
#include "aws/dispatch/parked_call.h"
#include "aws/wire/service_error.h"

namespace sightline::aws::dispatch {

struct InnerAnswer {
  std::shared_ptr<const void> response;  ///< an object of the operation's Response
  std::string body;                      ///< of an operation that streams its answer
};
/// Called once, on a thread of the operation's pool or of whoever answers a parked call; must not block.
using InnerDone = std::move_only_function<void(wire::Answer<InnerAnswer>)>;

struct InnerCall {
  const wire::Operation* operation = nullptr;
  Context context;
  std::shared_ptr<const void> request;  ///< an object of the operation's Request; not validated yet
  std::string body;                     ///< for an operation that takes a streamed one
  std::size_t max_body = 0;             ///< of the answer: one that is longer is an error
};

/// Of a parked operation: copies the response, which its giver keeps no longer than the call.
template <typename Op>
class InnerSink final : public ParkedSink {
 public:
  explicit InnerSink(InnerDone done) : done_(std::move(done)) {}
  ~InnerSink() override {
    if (done_)
      done_(std::unexpected(wire::internal_error(*Op::operation.service, "a parked call was dropped")));
  }
  void answer(const void* output) override {
    auto done = std::exchange(done_, nullptr);
    done(InnerAnswer{
        std::make_shared<typename Op::Response>(*static_cast<const typename Op::Response*>(output)), {}});
  }
  void refuse(const wire::ServiceError& error) override {
    auto done = std::exchange(done_, nullptr);
    done(std::unexpected(error));
  }
  /// Nobody takes a call from inside back.
  void on_cancel(std::move_only_function<void(net::Cancelled)>) override {}
  [[nodiscard]] std::optional<net::Cancelled> cancelled() const override { return std::nullopt; }

 private:
  InnerDone done_;
};

/// The whole of a download, or an error where it is longer than `most`.
struct Download;
[[nodiscard]] wire::Answer<std::string> read_all(Download& download, std::size_t most,
                                                 const wire::Service& service);

}  // namespace sightline::aws::dispatch
