#include "aws/dispatch/invoker.h"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <exception>
#include <utility>

#include "aws/wire/json_codec.h"

namespace sightline::aws::dispatch {
namespace {

/// The first answer to a call is its answer: a handler may throw while another thread answers what it parked.
struct FirstAnswer {
  std::atomic_flag given;
  InnerDone done;
  void operator()(wire::Answer<InnerAnswer> answer) {
    if (!given.test_and_set()) std::exchange(done, nullptr)(std::move(answer));
  }
};

wire::ServiceError not_served(std::string_view service, std::string_view operation) {
  return wire::service_error(
      {"UnknownOperationException", "UnknownOperationException", 404, wire::Fault::sender},
      fmt::format("{}:{} is not carried out here.", service, operation));
}

}  // namespace

const wire::Operation* Invoker::find(std::string_view service, std::string_view operation) const {
  const auto found = std::ranges::find(options_.services, service, &wire::Service::name);
  if (found == options_.services.end()) return nullptr;
  const auto route = std::ranges::find_if((*found)->routes, [&](const wire::Route& candidate) {
    return wire::is_called(candidate.name, operation);
  });
  return route == (*found)->routes.end() ? nullptr : route->operation;
}

void Invoker::begin(const wire::Operation& operation, const InnerCaller& caller,
                    std::shared_ptr<const void> request, std::string body, InnerDone done) const {
  InnerCall call{&operation, {}, std::move(request), std::move(body), options_.max_body};
  call.context.caller = caller.principal;
  call.context.region = caller.region;
  call.context.endpoint = caller.endpoint;
  call.context.cause = caller.cause;
  call.context.request_id = make_uuid(random_);
  call.context.now = clock_.now();
  call.context.authorizer = &operations_.authorizer();
  const auto first = std::make_shared<FirstAnswer>();
  first->done = [this, &operation, id = call.context.request_id, who = caller.principal.arn,
                 started = std::chrono::steady_clock::now(),
                 done = std::move(done)](wire::Answer<InnerAnswer> answer) mutable {
    if (options_.on_call) {
      InnerRecord record{&operation, id, who, {}, {}, std::chrono::steady_clock::now() - started};
      if (!answer) {
        record.error = answer.error().code;
        record.cause = answer.error().cause;
      }
      options_.on_call(record);
    }
    done(std::move(answer));
  };
  const auto finish = [first](wire::Answer<InnerAnswer> answer) { (*first)(std::move(answer)); };
  const Entry* entry = operations_.find(operation);
  if (entry == nullptr) return finish(std::unexpected(not_served(operation.service->name, operation.name)));
  WorkerPool::Task task = [entry, finish, call = std::move(call)]() mutable {
    const wire::Operation& what = *call.operation;
    try {
      entry->ways.inner(std::move(call), finish);
    } catch (const std::exception& error) {
      finish(std::unexpected(wire::internal_error(*what.service, error.what())));
    }
  };
  if (!entry->pool->try_submit(std::move(task)))
    finish(std::unexpected(wire::overload_error(*operation.service)));
}

void Invoker::call_json(const InnerCaller& caller, std::string_view service, std::string_view name,
                        std::string_view document, JsonDone done) const {
  const wire::Operation* operation = find(service, name);
  const Entry* entry = operation ? operations_.find(*operation) : nullptr;
  if (entry == nullptr) return done(std::unexpected(not_served(service, name)));
  const std::shared_ptr<void> request = entry->ways.new_request();
  auto body = wire::decode_document_with_body(*operation, document, request.get());
  if (!body) return done(std::unexpected(std::move(body).error()));
  begin(*operation, caller, request, std::move(*body),
        [operation, done = std::move(done)](wire::Answer<InnerAnswer> answer) mutable {
          if (!answer) return done(std::unexpected(std::move(answer).error()));
          done(wire::encode_document(*operation, answer->response.get(), answer->body));
        });
}

}  // namespace sightline::aws::dispatch
