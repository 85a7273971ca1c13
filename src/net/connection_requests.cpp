#include <algorithm>

#include "base/time_text.h"
#include "net/connection.h"
#include "net/connection_current.h"

namespace sightline::net {
namespace {

constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";
/// Bytes of an answer that is sent whatever the memory that is taken: errors, and what says little.
constexpr std::size_t kSmallAnswer = 16 * 1024;
/// An unwanted rest of a body up to this size is read, to keep the connection; beyond it the connection goes.
constexpr std::uint64_t kMaxDiscard = 64 * 1024;

Failure failure_of(const Error& error) {
  switch (error.kind) {
    case ErrorKind::too_large:
      return Failure::head_too_large;
    case ErrorKind::unsupported:
      return Failure::unsupported;
    case ErrorKind::invalid_argument:
      return Failure::expectation;
    default:
      return Failure::malformed;
  }
}

/// What the exception in flight says.
std::string current_exception_text() {
  try {
    throw;
  } catch (const std::exception& error) {
    return error.what();
  } catch (...) {
    return "unknown exception";
  }
}

/// Of a connection whose request's head cannot be read.
RequestHead unreadable_head() {
  RequestHead head;
  head.keep_alive = false;
  return head;
}

}  // namespace

bool Connection::step_head() {
  // A client may send an empty line after a body (RFC 9112, section 2.2).
  if (unread().starts_with("\r\n")) consume(2);
  if (unread().empty()) {
    if (draining_) close();
    return false;
  }
  const HeadLimits& limits = context_.limits.head;
  const auto end = find_head_end(unread().substr(0, limits.bytes + 1));
  if (end && !*end && unread().size() <= limits.bytes) return false;
  const auto head = !end    ? Result<RequestHead>(std::unexpected(end.error()))
                    : !*end ? fail(ErrorKind::too_large, "the header is too large")
                            : parse_request_head(unread().substr(0, **end), limits);
  if (!head) {
    if (failure_of(head.error()) == Failure::malformed) ++context_.counters.malformed;
    refuse(failure_of(head.error()), head.error().message);
    return false;
  }
  consume(**end);
  begin_request(*head);
  return true;
}

void Connection::begin_request(RequestHead head) {
  ++context_.counters.requests;
  ++serial_;
  served_ = true;
  const auto now = Ticks::now();
  restart_limit(now);
  head.id = make_uuid(context_.random);
  head.peer = origin_.peer;
  head.loopback = origin_.loopback;
  head.tls = origin_.listener->tls.has_value();
  current_ = std::make_unique<Current>(std::move(head), now);
  const RequestHead& request = *current_->head;
  current_->owes_continue = request.expects_continue && request.has_body();
  current_->record.time = context_.clock.now();
  current_->record.id = request.id;
  current_->record.method = request.method;
  current_->record.path = request.path();
  try {
    current_->decision = origin_.listener->decide(request);
  } catch (...) {
    refuse(Failure::internal, current_exception_text());
    return;
  }
  current_->record.operation = current_->decision.operation;
  std::visit([this](auto& way) { take(way); }, current_->decision.way);
}

void Connection::take(Response& answer) {
  respond(std::move(answer));
}

void Connection::take(Unary& unary) {
  if (!accepts_length(unary.max_body) || !takes_place()) return;
  set_phase(Phase::collecting);
  ask_for_body();
}

void Connection::take(Parked& parked) {
  if (!accepts_length(parked.max_body) || !takes_place()) return;
  set_phase(Phase::collecting);
  ask_for_body();
}

void Connection::take(Streaming& streaming) {
  if (!accepts_length(streaming.max_body) || !takes_place()) return;
  const RequestHead& head = *current_->head;
  const StreamBridge::Options options{.head_request = head.method == "HEAD",
                                      .chunks_allowed = head.version == HttpVersion::http_1_1,
                                      .waits_to_continue = current_->owes_continue};
  auto wake = [back = way_back(Phase::streaming)] { back([](Connection& self) { self.pump_stream(); }); };
  current_->stream = std::make_shared<StreamBridge>(*streaming.pool, std::move(streaming.transfer), options,
                                                    std::move(wake));
  current_->stream->set_short_of_memory(context_.crowd->is_short_of_memory());
  set_phase(Phase::streaming);
  current_->stream->start();
}

/// Among the requests that wait for their clients' bytes.
bool Connection::takes_place() {
  const bool streams = std::holds_alternative<Streaming>(current_->decision.way);
  if ((!streams && !current_->head->has_body()) || origin_.guest->begin_transfer()) return true;
  ++context_.counters.over_share;
  refuse(Failure::overloaded, "too many requests are under way; try again later");
  return false;
}

bool Connection::accepts_length(std::uint64_t max_body) {
  current_->max_body = max_body;
  if (current_->head->content_length.value_or(0) <= max_body) return true;
  refuse(Failure::body_too_large, "the body is larger than this operation takes");
  return false;
}

void Connection::ask_for_body() {
  if (!std::exchange(current_->owes_continue, false) || !unread().empty()) return;
  out_.emplace_back(kContinue);
  flush();
}

bool Connection::step_body() {
  Current& current = *current_;
  const bool streams = phase_ == Phase::streaming;
  if (current.decoder.done()) {
    if (streams) {
      current.stream->end_body();
      return false;
    }
    if (phase_ == Phase::collecting) {
      run_collected();
    } else {
      current_.reset();
      set_phase(Phase::head);
      restart_limit(Ticks::now());
    }
    return true;
  }
  if (streams && (current.body_broken || !current.stream->body_wanted())) return false;
  const auto piece = current.decoder.next(unread());
  if (!piece) {
    ++context_.counters.malformed;
    body_failed(Failure::malformed, piece.error());
    return false;
  }
  if (piece->consumed == 0) return false;
  current.record.bytes_in += piece->consumed;
  current.body_bytes += piece->data.size();
  if (phase_ != Phase::discarding && current.body_bytes > current.max_body) {
    body_failed(Failure::body_too_large,
                {ErrorKind::too_large, "the body is larger than this operation takes"});
    return false;
  }
  const bool collects = phase_ == Phase::collecting;
  if (streams) {
    current.stream->push_body(piece->data);
  } else if (collects) {
    current.body += piece->data;
  }
  consume(piece->consumed);
  if (!collects || count_memory()) return true;
  ++context_.counters.over_share;
  current.body = {};
  static_cast<void>(count_memory());  // what is dropped is there for others before the refusal is seen
  refuse(Failure::overloaded, "the server holds as much of requests as it can; try again later");
  return true;
}

void Connection::body_failed(Failure failure, const Error& error) {
  current_->body_broken = true;
  if (phase_ == Phase::streaming) {
    // The transfer words the answer, where the pool lets it.
    current_->stream_failure.emplace(failure, error.message);
    current_->stream->fail_body(error);
  } else if (phase_ == Phase::discarding) {
    linger();
  } else {
    refuse(failure, error.message);
  }
}

void Connection::run_collected() {
  origin_.guest->end_transfer();
  current_->body_in_work = current_->body.size();
  if (auto* const parked = std::get_if<Parked>(&current_->decision.way)) {
    run_parked(*parked);
  } else {
    run_unary(std::get<Unary>(current_->decision.way));
  }
}

void Connection::run_unary(Unary& unary) {
  auto job = [run = std::move(unary.run), request = Request{current_->head, std::move(current_->body)},
              back = way_back(Phase::working)]() mutable {
    Response response;
    std::string failure;
    try {
      response = run(std::move(request));
    } catch (...) {
      failure = current_exception_text();
      if (failure.empty()) failure = "unknown exception";
    }
    back([response = std::move(response), failure = std::move(failure)](Connection& self) mutable {
      if (failure.empty()) {
        self.respond(std::move(response));
      } else {
        self.refuse(Failure::internal, failure);
      }
    });
  };
  set_phase(Phase::working);
  if (!unary.pool->try_submit(std::move(job)))
    refuse(Failure::overloaded, "too many requests are under way; try again later");
}

void Connection::run_parked(Parked& parked) {
  auto deliver = [back = way_back(Phase::parked)](std::optional<Response> response) {
    back([response = std::move(response)](Connection& self) mutable {
      if (response) {
        self.respond(std::move(*response));
      } else {
        self.refuse(Failure::internal, "the parked request was given up");
      }
    });
  };
  const auto exchange = std::make_shared<ParkedExchange>(std::move(deliver));
  auto job = [run = std::move(parked.run), request = Request{current_->head, std::move(current_->body)},
              reply = Reply(exchange)]() mutable {
    try {
      run(std::move(request), std::move(reply));
    } catch (...) {  // NOLINT(bugprone-empty-catch): the Reply is gone with the handler, and has answered 500
    }
  };
  current_->parked = exchange;
  set_phase(Phase::parked);
  if (!parked.pool->try_submit(std::move(job))) {
    refuse(Failure::overloaded, "too many requests are under way; try again later");
    return;
  }
  if (draining_) exchange->cancel(Cancelled::stopping);
}

void Connection::pump_stream() {
  Current& current = *current_;
  if (current.stream->body_wanted()) ask_for_body();
  if (phase_ != Phase::streaming) return;
  advance();
  auto output = current.stream->take_output();
  if (output.refused && current.stream_failure) {
    // Sent again it would fare no better.
    refuse(current.stream_failure->first, current.stream_failure->second);
    return;
  }
  if (output.refused) {
    refuse(Failure::overloaded, "too many requests are under way; try again later");
    return;
  }
  if (output.answer && !output.answer->streamed) {
    respond(std::move(output.answer->response));
    return;
  }
  if (output.answer) queue_head(output.answer->response, *output.answer->streamed);
  std::ranges::move(output.bytes, std::back_inserter(out_));
  if (output.whole) {
    set_phase(Phase::responding);
  } else if (output.failure && current.status != 0) {
    current.record.note = "the handler left its response unfinished: " + *output.failure;
    client_left();
    return;
  } else if (output.failure) {
    refuse(Failure::internal, *output.failure);
    return;
  }
  flush();
}

void Connection::refuse(Failure failure, std::string_view detail) {
  if (current_ == nullptr) {
    current_ = std::make_unique<Current>(unreadable_head(), Ticks::now());
    current_->record.time = context_.clock.now();
    current_->record.id = make_uuid(context_.random);
    current_->body_broken = true;
    respond(origin_.listener->explain(nullptr, failure, detail));
    return;
  }
  if (failure == Failure::overloaded) ++context_.counters.overloaded;
  if (failure == Failure::too_slow) current_->body_broken = true;
  respond(origin_.listener->explain(current_->head.get(), failure, detail));
}

void Connection::respond(Response response) {
  const std::size_t size = response.body.size();
  if (size > kSmallAnswer && !origin_.guest->hold(count_held() + size)) {
    ++context_.counters.over_share;
    response.body = {};
    static_cast<void>(count_memory());
    return refuse(Failure::overloaded, "the server holds as much of answers as it can; try again later");
  }
  const bool bodiless = has_no_body(current_->head->method, response.status);
  std::string body = std::move(response.body);
  BodyLength length{body.size()};
  if (bodiless && response.head_length) length = {response.head_length};
  if (response.status == 304 && !response.head_length) length = {};
  queue_head(response, length);
  if (!body.empty() && !bodiless) out_.push_back(std::move(body));
  set_phase(Phase::responding);
  flush();
}

void Connection::queue_head(Response& response, BodyLength length) {
  Current& current = *current_;
  const BodyDecoder& decoder = current.decoder;
  const bool body_settled = decoder.done() || (!current.owes_continue && decoder.remaining() <= kMaxDiscard);
  const bool told = length.bytes || current.head->version == HttpVersion::http_1_1 ||
                    has_no_body(current.head->method, response.status);
  current.keep_alive = current.head->keep_alive && !draining_ && !current.body_broken && body_settled && told;
  current.status = response.status;
  current.record.note = std::move(response.note);
  const auto date = http_date(std::chrono::floor<std::chrono::seconds>(context_.clock.now()));
  out_.push_back(encode_response_head(*current.head, response, length, current.keep_alive, date));
  restart_limit(Ticks::now());
}

void Connection::log(int status) {
  AccessRecord& record = current_->record;
  record.status = status;
  record.peer = origin_.peer;
  record.took = std::chrono::duration_cast<std::chrono::microseconds>(Ticks::now() - current_->began);
  ++context_.counters.responses[std::clamp(status / 100, 0, 5)];
  if (context_.access_log) context_.access_log(record);
}

void Connection::end_request() {
  log(current_->status);
  origin_.guest->end_transfer();
  if (!current_->keep_alive) {
    linger();
    return;
  }
  if (current_->decoder.done()) {
    current_.reset();
    set_phase(Phase::head);
    // Idle connections hold no memory that they do not need.
    if (in_.empty()) in_ = {};
    out_ = {};
    restart_limit(Ticks::now());
  } else {
    set_phase(Phase::discarding);
  }
  advance();
}

}  // namespace sightline::net
