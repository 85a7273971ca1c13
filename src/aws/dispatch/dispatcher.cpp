#include "aws/dispatch/dispatcher.h"

#include <fmt/format.h>

#include <algorithm>

#include "aws/dispatch/overload.h"
#include "aws/dispatch/pending.h"
#include "aws/sigv4/auth_error.h"
#include "base/ascii.h"

namespace sightline::aws::dispatch {
namespace {

wire::RequestIds ids_of(const net::RequestHead& head) {
  return {head.id, head.id};
}

/// What is known of a call before anybody has looked at who makes it.
Context context_of(const net::RequestHead& head) {
  Context context;
  context.endpoint = fmt::format("{}://{}", head.tls ? "https" : "http", head.host);
  context.source_ip = head.peer;
  context.secure = head.tls;
  context.user_agent = head.headers.find("User-Agent").value_or("");
  context.trace_header = head.headers.find("X-Amzn-Trace-Id").value_or("");
  return context;
}

std::string operation_name(const wire::Service& service, std::string_view operation) {
  return fmt::format("{}:{}", service.name, operation);
}

/// A refused page gets words for its developer's console, and nothing of any service.
net::Decision forbidden_origin(std::string why) {
  net::Response response;
  response.status = 403;
  response.headers.add("Content-Type", "text/plain; charset=utf-8");
  response.body = std::move(why) + "\n";
  response.note = "ForeignOrigin";
  return {std::move(response), ""};
}

/// What a browser asks before it sends a page's request to another origin.
net::Decision preflight(const net::RequestHead& head, const std::string& origin) {
  net::Response response;
  response.status = 204;
  allow_origin(response, origin);
  response.headers.add("Access-Control-Allow-Methods", "GET, HEAD, PUT, POST, DELETE");
  response.headers.add("Access-Control-Allow-Headers",
                       std::string(head.headers.find("Access-Control-Request-Headers").value_or("*")));
  response.headers.add("Access-Control-Max-Age", "600");
  return {std::move(response), ""};
}

wire::ServiceError too_slow(const wire::Service& service) {
  auto error = sigv4::broken_body({ErrorKind::io, "too slow"});
  if (service.protocol != wire::Protocol::rest_xml) error.status = 408;
  return error;
}

wire::ServiceError body_too_large(const wire::Service& service) {
  if (service.protocol == wire::Protocol::rest_xml) {
    return wire::service_error({"EntityTooLarge", "EntityTooLarge", 400, wire::Fault::sender},
                               "Your proposed upload exceeds the maximum allowed size");
  }
  return wire::service_error(
      {"RequestEntityTooLargeException", "RequestEntityTooLargeException", 413, wire::Fault::sender},
      "The request body is larger than this operation takes.");
}

}  // namespace

Result<std::unique_ptr<Dispatcher>> Dispatcher::create(DispatcherOptions options,
                                                       const Operations& operations,
                                                       const Authenticator& authenticator,
                                                       const Clock& clock) {
  for (const wire::Service* service : options.services) {
    for (const wire::Route& route : service->routes) {
      const auto lack = route.operation ? operations.lack_of(*route.operation) : std::nullopt;
      if (lack) {
        return fail(ErrorKind::internal,
                    fmt::format("{} is listed and has {}", operation_name(*service, route.name), *lack));
      }
    }
  }
  return std::unique_ptr<Dispatcher>(new Dispatcher(std::move(options), operations, authenticator, clock));
}

Dispatcher::Dispatcher(DispatcherOptions options, const Operations& operations,
                       const Authenticator& authenticator, const Clock& clock)
    : options_(std::move(options)),
      on_trouble_(std::make_shared<const OnTrouble>(options_.on_trouble)),
      operations_(operations),
      authenticator_(authenticator),
      clock_(clock),
      router_(options_.services, options_.fallback, options_.hosts) {
  const auto add = [this](const wire::Service* service) {
    if (service != nullptr) form_needs_.emplace(service, needs_of_forms(*service, operations_));
  };
  add(&router_.answering_forms());
  for (const wire::Service* service : options_.services) {
    add(service);
    add(service->twin);
  }
  takes_unsigned_forms_ =
      std::ranges::any_of(form_needs_, [](const auto& needs) { return needs.second.any_unsigned; });
}

AnswerWriter Dispatcher::writer(const wire::Service& service, const wire::Operation* operation,
                                const net::RequestHead& head) const {
  return {service, operation, ids_of(head), head, allowed_origin(head), on_trouble_};
}

std::string Dispatcher::allowed_origin(const net::RequestHead& head) const {
  const auto origin = head.headers.find("Origin");
  if (!origin) return {};
  const bool listed = std::ranges::any_of(
      options_.origins.origins, [&](const std::string& own) { return equals_ignoring_case(own, *origin); });
  return listed ? std::string(*origin) : std::string();
}

net::Decision Dispatcher::decide(const net::RequestHead& head) const {
  wire::HttpRequest request{head.method, head.target, head.headers};
  if (head.method == "OPTIONS" && head.headers.find("Access-Control-Request-Method")) {
    if (auto why = net::refuse_origin(head, options_.origins, net::OriginExemption::none)) {
      return forbidden_origin(std::move(*why));
    }
    return preflight(head, allowed_origin(head));
  }
  // S3 takes bodies of any type, and never an Action.
  if (wire::is_form(request) && wire::signed_service(request) != "s3")
    return decide_form(head, std::move(request));

  auto match = router_.find(request);
  if (!match) {
    if (auto why = net::refuse_origin(head, options_.origins, net::OriginExemption::none)) {
      return forbidden_origin(std::move(*why));
    }
    const wire::NoMatch& none = match.error();
    return {writer(*none.service, nullptr, head).write_error(none.error),
            none.error.format ? "unserved" : operation_name(*none.service, none.operation)};
  }
  const wire::Service& service = *match->service;
  const AnswerWriter answers = writer(service, match->operation, head);
  const std::string name = operation_name(service, match->operation->name);
  auto claim = match->operation->unauthenticated ? wire::Answer<Claim>(anonymous_claim())
                                                 : authenticator_.claim(request, service, head.loopback);
  // S3 signs a digest of the body, or none of it: its signatures can be verified before the body is there.
  std::optional<wire::Answer<Caller>> caller;
  auto bucket = router_.bucket_of_host(head.host);
  auto exemption = net::OriginExemption::none;
  if (claim && service.protocol == wire::Protocol::rest_xml) {
    caller = authenticator_.verify(*claim, request, service, bucket);
    const bool presigned = claim->presented.form != sigv4::Form::header;
    if (*caller && (*caller)->issued_key && presigned) exemption = net::OriginExemption::cross_site;
  }
  if (auto why = net::refuse_origin(head, options_.origins, exemption))
    return forbidden_origin(std::move(*why));
  if (!claim) return {answers.write_error(claim.error()), name};
  if (caller && !*caller) return {answers.write_error(caller->error()), name};

  Pending pending{operations_.find(*match->operation),
                  std::move(*claim),
                  std::nullopt,
                  std::move(bucket),
                  Call{std::move(*match), std::move(request), context_of(head), ids_of(head)},
                  answers};
  if (caller) pending.caller = std::move(**caller);
  return {hand_over(std::move(pending)), name};
}

/// Which operation a form asks for stands in its body; whose it is, in its signature.
net::Decision Dispatcher::decide_form(const net::RequestHead& head, wire::HttpRequest request) const {
  if (auto why = net::refuse_origin(head, options_.origins, net::OriginExemption::none)) {
    return forbidden_origin(std::move(*why));
  }
  const wire::Service* service = router_.signed_for(request);
  if (service == nullptr) service = &router_.answering_forms();
  const std::string name(service->name);
  const AnswerWriter answers = writer(*service, nullptr, head);
  // Whether it must be signed at all is known with the operation.
  auto claim = takes_unsigned_forms_ && !sigv4::is_signed(request)
                   ? wire::Answer<Claim>(anonymous_claim())
                   : authenticator_.claim(request, *service, head.loopback);
  if (!claim) return {answers.write_error(claim.error()), name};
  const FormNeeds& needs = form_needs_.at(service);
  if (needs.pool == nullptr) {
    return {answers.write_error(wire::unknown_operation(*service, "")), name};
  }
  auto open = [this, service, answers, claim = std::move(*claim),
               request = std::move(request)](const net::Request& collected) mutable -> Opened {
    request.body = {reinterpret_cast<const std::uint8_t*>(collected.body.data()), collected.body.size()};
    auto match = router_.find(request);
    if (!match) return std::unexpected(match.error().error);
    if (match->operation->unauthenticated) claim = anonymous_claim();
    // Another service than it was signed for: the signature cannot be that of this request.
    if (claim.anonymous) {
      if (!match->operation->unauthenticated)
        return std::unexpected(sigv4::auth_error(*match->service, sigv4::AuthFailure::missing));
    } else if (match->service != service) {
      return std::unexpected(sigv4::auth_error(*service, sigv4::AuthFailure::mismatch));
    }
    const Entry* entry = operations_.find(*match->operation);
    auto pending = std::make_unique<Pending>(Pending{
        entry, std::move(claim), std::nullopt, std::nullopt,
        Call{std::move(*match), std::move(request), context_of(*collected.head), ids_of(*collected.head)},
        writer(*service, entry->operation, *collected.head)});
    return pending;
  };
  if (!needs.parked) {
    return {net::Unary{needs.pool, needs.max_body,
                       [this, answers, open = std::move(open)](const net::Request& collected) mutable {
                         auto pending = open(collected);
                         return pending ? run_collected(**pending, collected.body)
                                        : answers.write_error(pending.error());
                       }},
            name};
  }
  return {net::Parked{needs.pool, needs.max_body,
                      [this, answers, open = std::move(open)](const net::Request& collected,
                                                              net::Reply reply) mutable {
                        auto pending = open(collected);
                        if (!pending) return std::move(reply).send(answers.write_error(pending.error()));
                        if (std::holds_alternative<ParkedRun>((*pending)->entry->ways.run))
                          return run_parked(**pending, collected.body, std::move(reply));
                        std::move(reply).send(run_collected(**pending, collected.body));
                      }},
          name};
}

/// A form's operation is known once its body is there: until then, what any of them may need.
Dispatcher::FormNeeds Dispatcher::needs_of_forms(const wire::Service& service, const Operations& operations) {
  FormNeeds needs;
  for (const wire::Route& route : service.routes) {
    const Entry* entry = route.operation ? operations.find(*route.operation) : nullptr;
    if (entry == nullptr) continue;
    needs.pool = entry->pool;
    needs.max_body = std::max(needs.max_body, entry->max_body);
    needs.any_unsigned = needs.any_unsigned || entry->operation->unauthenticated;
    needs.parked = needs.parked || std::holds_alternative<ParkedRun>(entry->ways.run);
  }
  return needs;
}

decltype(net::Decision::way) Dispatcher::hand_over(Pending pending) const {
  const Entry& entry = *pending.entry;
  if (std::holds_alternative<UnaryRun>(entry.ways.run)) {
    return net::Unary{entry.pool, entry.max_body,
                      [this, pending = std::move(pending)](const net::Request& request) mutable {
                        return run_collected(pending, request.body);
                      }};
  }
  if (std::holds_alternative<ParkedRun>(entry.ways.run)) {
    return net::Parked{
        entry.pool, entry.max_body,
        [this, pending = std::move(pending)](const net::Request& request, net::Reply reply) mutable {
          run_parked(pending, request.body, std::move(reply));
        }};
  }
  return stream(std::move(pending));
}

void Dispatcher::fill_context(Pending& pending, const Caller& caller) const {
  Context& context = pending.call.context;
  context.caller = caller.principal;
  if (caller.issued_key) context.issued_key = pending.claim.presented.access_key_id;
  context.region = caller.region.empty() ? options_.region : caller.region;
  context.request_id = pending.call.ids.request_id;
  context.now = clock_.now();
  context.authorizer = &operations_.authorizer();
}

wire::Answer<void> Dispatcher::admit(Pending& pending, const std::string& body) const {
  wire::HttpRequest& request = pending.call.request;
  request.body = {reinterpret_cast<const std::uint8_t*>(body.data()), body.size()};
  if (!pending.caller) {
    pending.caller =
        TRY(authenticator_.verify(pending.claim, request, *pending.call.match.service, pending.bucket));
  }
  fill_context(pending, *pending.caller);
  return {};
}

/// All of what the client meant to send, verified.
wire::Answer<std::string> Dispatcher::read_payload(std::string_view body, const Call& call,
                                                   const Caller& caller) {
  const auto decoder = TRY(open_payload(call, caller));
  std::string payload;
  TRY(decoder->take(body, [&](std::span<const char> bytes) -> wire::Answer<void> {
    payload.append(bytes.data(), bytes.size());
    return {};
  }));
  TRY(decoder->finish());
  return payload;
}

net::Response Dispatcher::run_collected(Pending& pending, const std::string& body) const {
  auto answer = guarded<wire::HttpResponse>(pending, [&]() -> wire::Answer<wire::HttpResponse> {
    TRY(admit(pending, body));
    std::string payload;
    if (pending.call.match.service->protocol == wire::Protocol::rest_xml) {
      payload = TRY(read_payload(body, pending.call, *pending.caller));
      pending.call.request.body = {reinterpret_cast<const std::uint8_t*>(payload.data()), payload.size()};
    }
    return std::get<UnaryRun>(pending.entry->ways.run)(pending.call);
  });
  if (!answer) return pending.writer.write_error(answer.error());
  return pending.writer.write(std::move(*answer));
}

void Dispatcher::run_parked(Pending& pending, const std::string& body, net::Reply reply) const {
  AnyParkedCall parked(std::move(reply), pending.writer);
  auto admitted = guarded<void>(pending, [&] { return admit(pending, body); });
  if (!admitted) return std::move(parked).refuse(admitted.error());
  const auto ran = guarded<void>(pending, [&]() -> wire::Answer<void> {
    std::get<ParkedRun>(pending.entry->ways.run)(pending.call, std::move(parked));
    return {};
  });
  // A handler that throws loses the call, which then answers as an internal error by itself.
  if (!ran) pending.writer.tell(ran.error().cause);
}

net::Response Dispatcher::explain(const net::RequestHead* head, net::Failure failure,
                                  std::string_view detail) const {
  if (head == nullptr) return net::explain_plainly(head, failure, detail);
  const wire::HttpRequest request{head->method, head->target, head->headers};
  const wire::Service* service = router_.signed_for(request);
  if (service == nullptr) return net::explain_plainly(head, failure, detail);
  const AnswerWriter answers = writer(*service, nullptr, *head);
  switch (failure) {
    case net::Failure::overloaded:
      return answers.write_error(overloaded(*service));
    case net::Failure::too_slow:
      return answers.write_error(too_slow(*service));
    case net::Failure::body_too_large:
      return answers.write_error(body_too_large(*service));
    case net::Failure::internal:
      return answers.write_error(wire::internal_error(*service));
    default:
      return net::explain_plainly(head, failure, detail);
  }
}

}  // namespace sightline::aws::dispatch
