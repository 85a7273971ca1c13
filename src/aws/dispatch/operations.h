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

struct Entry {
  const wire::Operation* operation = nullptr;
  WorkerPool* pool = nullptr;
  std::uint64_t max_body = 0;  ///< of bodies that are collected
  std::variant<UnaryRun, UploadRun, DownloadRun, ParkedRun> run;
};

/// Filled at start, then constant: find() is safe for every thread.
class Operations {
 public:
  /// Both, and the pools that are given later, outlive it.
  Operations(const wire::Validator& validator, const Authorizer& authorizer)
      : validator_(validator), authorizer_(authorizer) {}

  /// For templates that name it: {QueueUrl|queue}. One name, one resolver, for all services.
  void resolver(std::string name, Resolver resolver) {
    resolvers_.insert_or_assign(std::move(name), std::move(resolver));
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
    add(Op::operation, pool, max_body,
        UnaryRun([this, handler = std::move(handler),
                  check = std::move(check)](const Call& call) -> wire::Answer<wire::HttpResponse> {
          if (check) TRY(check(call.request));
          const auto request = TRY(read<Op>(call));
          const auto response = TRY(handler(request, call.context));
          return wire::encode(*call.match.operation, &response, call.ids);
        }));
  }

  template <typename Op>
  void upload(WorkerPool& pool, std::uint64_t max_body, UploadHandler<Op> handler) {
    add(Op::operation, pool, max_body,
        UploadRun([this, handler = std::move(handler)](const Call& call, const sigv4::PayloadDecoder& payload)
                      -> wire::Answer<std::unique_ptr<AnyUpload>> {
          auto request = TRY(read<Op>(call));
          auto upload = TRY(handler(std::move(request), call.context, payload));
          return std::make_unique<EncodedUpload<Op>>(std::move(upload), *call.match.operation, call.ids);
        }));
  }

  template <typename Op>
  void download(WorkerPool& pool, DownloadHandler<Op> handler) {
    add(Op::operation, pool, 0,
        DownloadRun([this, handler = std::move(handler)](const Call& call) -> wire::Answer<DownloadStart> {
          const auto request = TRY(read<Op>(call));
          Downloaded<Op> answer = TRY(handler(request, call.context));
          DownloadStart start{wire::encode(*call.match.operation, &answer.response, call.ids),
                              std::move(answer.body)};
          start.head.status = answer.status;
          return start;
        }));
  }

  template <typename Op>
  void parked(WorkerPool& pool, std::uint64_t max_body, ParkedHandler<Op> handler) {
    add(Op::operation, pool, max_body,
        ParkedRun([this, handler = std::move(handler)](const Call& call, AnyParkedCall parked) {
          auto request = read<Op>(call);
          if (!request) return std::move(parked).refuse(request.error());
          handler(std::move(*request), call.context, ParkedCall<Op>(std::move(parked)));
        }));
  }

  /// Of an operation or its twin. Null for what is listed but has no handler.
  [[nodiscard]] const Entry* find(const wire::Operation& operation) const;
  /// What a listed operation lacks here: "no handler", say. Nothing where it is whole.
  [[nodiscard]] std::optional<std::string> lack_of(const wire::Operation& operation) const;
  [[nodiscard]] const Authorizer& authorizer() const { return authorizer_; }

 private:
  void add(const wire::Operation& operation, WorkerPool& pool, std::uint64_t max_body,
           std::variant<UnaryRun, UploadRun, DownloadRun, ParkedRun> run);
  using NeededFunction =
      std::function<wire::Answer<std::vector<AccessRequest>>(const void* request, const Context&)>;
  void add_function(const wire::Operation& operation, NeededFunction needed);
  [[nodiscard]] wire::Answer<void> authorize(const wire::Operation& operation, const void* request,
                                             const Context& context) const;

  template <typename Op>
  [[nodiscard]] wire::Answer<typename Op::Request> read(const Call& call) const {
    auto request = TRY(wire::decode<Op>(call.match, call.request));
    if (auto error = validator_.check(*call.match.operation, &request))
      return std::unexpected(std::move(*error));
    TRY(authorize(*call.match.operation, &request, call.context));
    return request;
  }

  const wire::Validator& validator_;
  const Authorizer& authorizer_;
  Resolvers resolvers_;
  std::unordered_map<const wire::Operation*, NeededFunction> functions_;
  std::unordered_map<const wire::Operation*, Entry> entries_;
};

}  // namespace sightline::aws::dispatch
