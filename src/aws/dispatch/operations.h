#pragma once
// The operations that are carried out, by their three kinds, and how each is registered:
//
//   operations.unary<rekognition::DetectFaces>(pool, 16 * MiB, [&](const auto& request, const Context&
//   context)
//       -> wire::Answer<rekognition::DetectFaces::Response> { ... });
//
// A handler gets a request that has been decoded and validated from a caller who has been authenticated and
// may do what the operation's row in operations.txt says. It runs on the pool it was registered with, and
// never waits for another handler.

#include <functional>
#include <memory>
#include <unordered_map>
#include <variant>

#include "aws/dispatch/context.h"
#include "aws/dispatch/inner_call.h"
#include "aws/dispatch/parked_call.h"
#include "aws/dispatch/permission.h"
#include "aws/dispatch/upload.h"
#include "aws/sigv4/payload.h"
#include "aws/wire/codec.h"
#include "aws/wire/validation.h"
#include "base/worker_pool.h"

namespace sightline::aws::dispatch {

/// The body of an answer, read piece by piece on the handler's pool as the client takes it.
struct Download {
  std::uint64_t length = 0;
  /// How many bytes were put `into`; 0 only at the end. An error cuts the connection. Calls come one at a
  /// time, each perhaps on another thread.
  std::move_only_function<Result<std::size_t>(std::span<char> into)> read;
};

template <typename Op>
struct Downloaded {
  typename Op::Response response;
  int status = 200;
  Download body;
};

template <typename Op>
using UnaryHandler =
    std::function<wire::Answer<typename Op::Response>(const typename Op::Request&, const Context&)>;
/// Looks at a request as it came, its body collected, before it is decoded.
using RequestCheck = std::function<wire::Answer<void>(const wire::HttpRequest&)>;
/// Called before the body: refuses, or says what takes it. The decoder outlives that; its trailing headers
/// are there once all of the body has come.
template <typename Op>
using UploadHandler = std::function<wire::Answer<std::unique_ptr<Upload<Op>>>(
    typename Op::Request, const Context&, const sigv4::PayloadDecoder&)>;
template <typename Op>
using DownloadHandler =
    std::function<wire::Answer<Downloaded<Op>>(const typename Op::Request&, const Context&)>;
/// Keeps the call somewhere and returns; whoever has the answer gives it, from any thread.
template <typename Op>
using ParkedHandler = std::function<void(typename Op::Request, const Context&, ParkedCall<Op>)>;

/// A request on its way through the dispatcher, with what its handler needs.
struct Call {
  wire::Match match;
  wire::HttpRequest request;
  Context context;
  wire::RequestIds ids;
};

using UnaryRun = std::function<wire::Answer<wire::HttpResponse>(const Call&)>;
/// The call outlives the upload.
using UploadRun =
    std::function<wire::Answer<std::unique_ptr<AnyUpload>>(const Call&, const sigv4::PayloadDecoder&)>;
struct DownloadStart {
  wire::HttpResponse head;
  Download body;
};
using DownloadRun = std::function<wire::Answer<DownloadStart>(const Call&)>;
/// An error is answered by the dispatcher; else the call has been handed on.
using ParkedRun = std::function<void(const Call&, AnyParkedCall)>;

/// Runs on the operation's pool. What `done` is not called for before it returns is parked.
using InnerRun = std::function<void(InnerCall, InnerDone)>;

/// The ways into a handler.
struct Ways {
  std::variant<UnaryRun, UploadRun, DownloadRun, ParkedRun> run;  ///< of a request that came over HTTP
  InnerRun inner;                                                 ///< of a call from inside
  std::shared_ptr<void> (*new_request)() = nullptr;               ///< an empty object of the Request
};

struct Entry {
  const wire::Operation* operation = nullptr;
  WorkerPool* pool = nullptr;
  std::uint64_t max_body = 0;  ///< of bodies that are collected
  Ways ways;
};

/// Filled at start, then constant: find() is safe for every thread.
class Operations {
 public:
  /// Both, and the pools that are given later, outlive it.
  Operations(const wire::Validator& validator, const Authorizer& authorizer)
      : validator_(validator), authorizer_(authorizer) {}

  /// For templates of the service's rows that name it: {QueueUrl|queue}.
  void resolver(const wire::Service& service, std::string name, Resolver resolver) {
    resolvers_[service.name].insert_or_assign(std::move(name), std::move(resolver));
  }
  /// Says what callers of an operation must be allowed whose row says by-function.
  template <typename Op>
  void permissions(
      std::function<wire::Answer<std::vector<AccessRequest>>(const typename Op::Request&, const Context&)>
          needed) {
    add_function(Op::operation, [needed = std::move(needed)](const void* request, const Context& context) {
      return needed(*static_cast<const typename Op::Request*>(request), context);
    });
  }

  template <typename Op>
  void unary(WorkerPool& pool, std::uint64_t max_body, UnaryHandler<Op> handler, RequestCheck check = {}) {
    auto inner = [this, handler](const InnerCall& call) -> wire::Answer<InnerAnswer> {
      const auto& request = TRY(admit_inner<Op>(call)).get();
      return InnerAnswer{std::make_shared<typename Op::Response>(TRY(handler(request, call.context))), {}};
    };
    add<Op>(pool, max_body,
            UnaryRun([this, handler = std::move(handler),
                      check = std::move(check)](const Call& call) -> wire::Answer<wire::HttpResponse> {
              if (check) TRY(check(call.request));
              const auto request = TRY(read<Op>(call));
              const auto response = TRY(handler(request, call.context));
              return wire::encode(*call.match.operation, &response, call.ids);
            }),
            at_once(std::move(inner)));
  }

  template <typename Op>
  void upload(WorkerPool& pool, std::uint64_t max_body, UploadHandler<Op> handler) {
    auto inner = [this, handler](const InnerCall& call) -> wire::Answer<InnerAnswer> {
      const auto& request = TRY(admit_inner<Op>(call)).get();
      const auto payload = TRY(plain_payload(call));
      const auto upload = TRY(handler(request, call.context, *payload));
      TRY(payload->take(call.body, [&](std::span<const char> bytes) { return upload->take(bytes); }));
      TRY(payload->finish());
      return InnerAnswer{std::make_shared<typename Op::Response>(TRY(upload->finish())), {}};
    };
    add<Op>(pool, max_body,
            UploadRun([this, handler = std::move(handler)](
                          const Call& call,
                          const sigv4::PayloadDecoder& payload) -> wire::Answer<std::unique_ptr<AnyUpload>> {
              auto request = TRY(read<Op>(call));
              auto upload = TRY(handler(std::move(request), call.context, payload));
              return std::make_unique<EncodedUpload<Op>>(std::move(upload), *call.match.operation, call.ids);
            }),
            at_once(std::move(inner)));
  }

  template <typename Op>
  void download(WorkerPool& pool, DownloadHandler<Op> handler) {
    auto inner = [this, handler](const InnerCall& call) -> wire::Answer<InnerAnswer> {
      const auto& request = TRY(admit_inner<Op>(call)).get();
      Downloaded<Op> answer = TRY(handler(request, call.context));
      std::string body = TRY(read_all(answer.body, call.max_body, *Op::operation.service));
      return InnerAnswer{std::make_shared<typename Op::Response>(std::move(answer.response)),
                         std::move(body)};
    };
    add<Op>(
        pool, 0,
        DownloadRun([this, handler = std::move(handler)](const Call& call) -> wire::Answer<DownloadStart> {
          const auto request = TRY(read<Op>(call));
          Downloaded<Op> answer = TRY(handler(request, call.context));
          DownloadStart start{wire::encode(*call.match.operation, &answer.response, call.ids),
                              std::move(answer.body)};
          start.head.status = answer.status;
          return start;
        }),
        at_once(std::move(inner)));
  }

  template <typename Op>
  void parked(WorkerPool& pool, std::uint64_t max_body, ParkedHandler<Op> handler) {
    InnerRun inner = [this, handler](const InnerCall& call, InnerDone done) {
      const auto request = admit_inner<Op>(call);
      if (!request) return done(std::unexpected(request.error()));
      handler(request->get(), call.context,
              ParkedCall<Op>(AnyParkedCall(std::make_unique<InnerSink<Op>>(std::move(done)))));
    };
    add<Op>(pool, max_body,
            ParkedRun([this, handler = std::move(handler)](const Call& call, AnyParkedCall parked) {
              auto request = read<Op>(call);
              if (!request) return std::move(parked).refuse(request.error());
              handler(std::move(*request), call.context, ParkedCall<Op>(std::move(parked)));
            }),
            std::move(inner));
  }

  /// Of an operation or its twin. Null for what is listed but has no handler.
  [[nodiscard]] const Entry* find(const wire::Operation& operation) const;
  /// What a listed operation lacks here: "no handler", say. Nothing where it is whole.
  [[nodiscard]] std::optional<std::string> lack_of(const wire::Operation& operation) const;
  [[nodiscard]] const Authorizer& authorizer() const { return authorizer_; }

 private:
  template <typename Op>
  void add(WorkerPool& pool, std::uint64_t max_body, decltype(Ways::run) run, InnerRun inner) {
    add(Op::operation, pool, max_body, {std::move(run), std::move(inner), []() -> std::shared_ptr<void> {
                                          return std::make_shared<typename Op::Request>();
                                        }});
  }
  void add(const wire::Operation& operation, WorkerPool& pool, std::uint64_t max_body, Ways ways);
  /// An InnerRun of what answers before it returns.
  [[nodiscard]] static InnerRun at_once(std::function<wire::Answer<InnerAnswer>(const InnerCall&)> run) {
    return [run = std::move(run)](const InnerCall& call, InnerDone done) { done(run(call)); };
  }
  /// The framing of a body that is there as it is meant.
  [[nodiscard]] static wire::Answer<std::unique_ptr<sigv4::PayloadDecoder>> plain_payload(
      const InnerCall& call);

  using NeededFunction =
      std::function<wire::Answer<std::vector<AccessRequest>>(const void* request, const Context&)>;
  void add_function(const wire::Operation& operation, NeededFunction needed);
  [[nodiscard]] wire::Answer<void> authorize(const wire::Operation& operation, const void* request,
                                             const Context& context) const;

  /// The steps that every call passes, however it came.
  [[nodiscard]] wire::Answer<void> admit(const wire::Operation& operation, const void* request,
                                         const Context& context) const {
    if (auto error = validator_.check(operation, request)) return std::unexpected(std::move(*error));
    return authorize(operation, request, context);
  }

  template <typename Op>
  [[nodiscard]] wire::Answer<typename Op::Request> read(const Call& call) const {
    auto request = TRY(wire::decode<Op>(call.match, call.request));
    TRY(admit(*call.match.operation, &request, call.context));
    return request;
  }

  template <typename Op>
  [[nodiscard]] wire::Answer<std::reference_wrapper<const typename Op::Request>> admit_inner(
      const InnerCall& call) const {
    const auto& request = *static_cast<const typename Op::Request*>(call.request.get());
    TRY(admit(*call.operation, &request, call.context));
    return std::cref(request);
  }

  const wire::Validator& validator_;
  const Authorizer& authorizer_;
  [[nodiscard]] const Resolvers& resolvers_for(const wire::Operation& operation) const;
  std::map<std::string_view, Resolvers> resolvers_;  ///< by the service's name, which its twin has too
  std::unordered_map<const wire::Operation*, NeededFunction> functions_;
  std::unordered_map<const wire::Operation*, Entry> entries_;
};

}  // namespace sightline::aws::dispatch
