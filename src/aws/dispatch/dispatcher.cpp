#include "aws/dispatch/dispatcher.h"

#include <fmt/format.h>

#include <algorithm>

#include "aws/dispatch/pending.h"
#include "aws/sigv4/auth_error.h"

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
  context.referer = head.headers.find("Referer").value_or("");
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
    if (service == nullptr) return;
    FormNeeds& needs = form_needs_[service];
    for (const wire::Route& route : service->routes) {
      const Entry* entry = route.operation ? operations_.find(*route.operation) : nullptr;
      if (entry == nullptr) continue;
      needs.add(*entry);
      any_form_.add(*entry);
    }
  };
  add(&router_.answering_forms());
  for (const wire::Service* service : options_.services) {
    add(service);
    add(service->twin);
  }
}

AnswerWriter Dispatcher::writer(const wire::Service& service, const wire::Operation* operation,
                                const net::RequestHead& head) const {
  return {service, operation, ids_of(head), head, net::allowed_origin(head, options_.origins), on_trouble_};
}

net::Decision Dispatcher::decide(const net::RequestHead& head) const {
  Choice choice = choose(head);
  // Last, because a signature may excuse a page: nothing has been run yet, and nothing is answered before
  // this.
  if (auto why = net::refuse_origin(head, options_.origins, choice.exemption))
    return forbidden_origin(std::move(*why));
  return std::move(choice.decision);
}

Dispatcher::Choice Dispatcher::choose(const net::RequestHead& head) const {
  if (head.method == "OPTIONS" && head.headers.find("Access-Control-Request-Method"))
    return {preflight(head, net::allowed_origin(head, options_.origins))};
  wire::HttpRequest request{head.method, head.target, head.headers};
  sigv4::Signature signature = sigv4::read_signature(request);
  if (wire::is_form(request)) {
    const wire::Service* service = router_.signed_for(request, signature.service);
    // REST takes bodies of any type, and never an Action.
    if (service == nullptr || service->protocol == wire::Protocol::query)
      return {decide_form(head, std::move(request), std::move(signature), service)};
  }
  auto match = router_.find(request, signature.service);
  if (!match) {
    const wire::NoMatch& none = match.error();
    return {{writer(*none.service, nullptr, head).write_error(none.error),
             none.error.format ? "unserved" : operation_name(*none.service, none.operation)}};
  }
  const wire::Service& service = *match->service;
  const AnswerWriter answers = writer(service, match->operation, head);
  const std::string name = operation_name(service, match->operation->name);
  auto claim = claim_of(*match->operation, request, std::move(signature), head.loopback);
  if (!claim) return {{answers.write_error(claim.error()), name}};
  Pending pending{operations_.find(*match->operation),
                  std::move(*claim),
                  std::nullopt,
                  router_.bucket_of_host(service, head.host),
                  Call{std::move(*match), std::move(request), context_of(head), ids_of(head)},
                  answers};
  // Where the head says what the body is, its signature can be verified before the body is there.
  auto exemption = net::OriginExemption::none;
  if (service.traits.payload_in_head) {
    auto caller = authenticator_.verify(pending.claim, pending.call.request, service, pending.bucket);
    if (!caller) return {{answers.write_error(caller.error()), name}};
    const bool presigned = pending.claim.presented.form != sigv4::Form::header;
    if (caller->issued_key && presigned) exemption = net::OriginExemption::cross_site;
    pending.caller = std::move(*caller);
  }
  return {{hand_over(std::move(pending)), name}, exemption};
}

/// Of the anonymous no body is taken before it is known whether it is wanted: what collects one is for those
/// who sign.
wire::Answer<Claim> Dispatcher::claim_of(const wire::Operation& operation, const wire::HttpRequest& request,
                                         sigv4::Signature signature, bool from_this_machine) const {
  if (operation.unauthenticated) return anonymous_claim();
  if (operation.service->traits.anonymous && !signature.present()) {
    const Entry& entry = *operations_.find(operation);
    const bool collects = entry.max_body > 0 && !std::holds_alternative<UploadRun>(entry.ways.run);
    if (!collects) return anonymous_claim(request);
  }
  return authenticator_.claim(std::move(signature), *operation.service, from_this_machine);
}

/// Which operation a form asks for stands in its body; whose it is, in its signature.
net::Decision Dispatcher::decide_form(const net::RequestHead& head, wire::HttpRequest request,
                                      sigv4::Signature signature, const wire::Service* signed_for) const {
  const wire::Service* service = signed_for != nullptr ? signed_for : &router_.answering_forms();
  const std::string name(service->name);
  const AnswerWriter answers = writer(*service, nullptr, head);
  std::string signer = signature.service;
  // Whether it must be signed at all is known with the operation.
  auto claim = any_form_.any_unsigned && !signature.present()
                   ? wire::Answer<Claim>(anonymous_claim())
                   : authenticator_.claim(std::move(signature), *service, head.loopback);
  if (!claim) return {answers.write_error(claim.error()), name};
  const FormNeeds& needs = claim->anonymous ? any_form_ : form_needs_.at(service);
  if (needs.pool == nullptr) {
    return {answers.write_error(wire::unknown_operation(*service, "")), name};
  }
  auto open = [this, service, signer = std::move(signer), claim = std::move(*claim),
               request = std::move(request)](const net::Request& collected) mutable -> Opened {
    request.body = {reinterpret_cast<const std::uint8_t*>(collected.body.data()), collected.body.size()};
    auto match = router_.find(request, signer);
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
    if (collected.body.size() > entry->max_body)
      return std::unexpected(wire::too_large_error(*match->service));
    return std::make_unique<Pending>(Pending{
        entry, std::move(claim), std::nullopt, std::nullopt,
        Call{std::move(*match), std::move(request), context_of(*collected.head), ids_of(*collected.head)},
        writer(*entry->operation->service, entry->operation, *collected.head)});
  };
  if (!needs.handed_on) {
    return {net::Unary{needs.pool, needs.max_body,
                       [this, answers, open = std::move(open)](const net::Request& collected) mutable {
                         auto pending = open(collected);
                         return pending ? run_collected(**pending, collected.body)
                                        : answers.write_error(pending.error());
                       }},
            name};
  }
  return {net::Parked{needs.pool, needs.max_body,
                      [this, answers, open = std::move(open), reader = needs.pool](net::Request collected,
                                                                                   net::Reply reply) mutable {
                        auto pending = open(collected);
                        if (!pending) return std::move(reply).send(answers.write_error(pending.error()));
                        run_form(std::move(*pending), std::move(collected.body), std::move(reply), *reader);
                      }},
          name};
}

/// On the operation's own pool, whichever has read the form.
void Dispatcher::run_form(std::unique_ptr<Pending> pending, std::string body, net::Reply reply,
                          const WorkerPool& here) const {
  WorkerPool& own = *pending->entry->pool;
  struct Form {
    std::unique_ptr<Pending> pending;
    std::string body;
    net::Reply reply;
  };
  const auto form = std::make_shared<Form>(std::move(pending), std::move(body), std::move(reply));
  WorkerPool::Task run = [this, form] {
    if (std::holds_alternative<ParkedRun>(form->pending->entry->ways.run))
      return run_parked(*form->pending, form->body, std::move(form->reply));
    std::move(form->reply).send(run_collected(*form->pending, form->body));
  };
  if (&own == &here) return run();
  if (own.try_submit(std::move(run))) return;
  const wire::ServiceError refusal = wire::overload_error(*form->pending->call.match.service);
  std::move(form->reply).send(form->pending->writer.write_error(refusal));
}

/// A form's operation is known once its body is there: until then, what any of them may need.
void Dispatcher::FormNeeds::add(const Entry& entry) {
  if (entry.operation->service->protocol != wire::Protocol::query) return;
  handed_on = handed_on || (pool != nullptr && pool != entry.pool) ||
              std::holds_alternative<ParkedRun>(entry.ways.run);
  if (pool == nullptr) pool = entry.pool;
  max_body = std::max(max_body, entry.max_body);
  any_unsigned = any_unsigned || entry.operation->unauthenticated;
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
    if (pending.call.match.service->traits.payload_in_head) {
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
  const wire::Service* service = router_.signed_for(request, sigv4::read_signature(request).service);
  if (service == nullptr) return net::explain_plainly(head, failure, detail);
  const AnswerWriter answers = writer(*service, nullptr, *head);
  switch (failure) {
    case net::Failure::overloaded:
      return answers.write_error(wire::overload_error(*service));
    case net::Failure::too_slow:
      return answers.write_error(wire::too_slow_error(*service));
    case net::Failure::body_too_large:
      return answers.write_error(wire::too_large_error(*service));
    case net::Failure::internal:
      return answers.write_error(wire::internal_error(*service));
    default:
      return net::explain_plainly(head, failure, detail);
  }
}

}  // namespace sightline::aws::dispatch
