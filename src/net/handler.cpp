#include "net/handler.h"

namespace sightline::net {

Reply& Reply::operator=(Reply&& other) noexcept {
  if (this == &other) return *this;
  if (exchange_ != nullptr) exchange_->abandon();
  exchange_ = std::move(other.exchange_);
  return *this;
}

Reply::~Reply() {
  if (exchange_ != nullptr) exchange_->abandon();
}

void Reply::send(Response response) && {
  if (const auto exchange = std::move(exchange_)) exchange->send(std::move(response));
}

void Reply::on_cancel(std::move_only_function<void(Cancelled)> callback) {
  if (exchange_ != nullptr) exchange_->on_cancel(std::move(callback));
}

std::optional<Cancelled> Reply::cancelled() const {
  return exchange_ == nullptr ? std::nullopt : exchange_->cancelled();
}

int status_of(Failure failure) {
  switch (failure) {
    case Failure::malformed:
      return 400;
    case Failure::too_slow:
      return 408;
    case Failure::body_too_large:
      return 413;
    case Failure::expectation:
      return 417;
    case Failure::head_too_large:
      return 431;
    case Failure::unsupported:
      return 501;
    case Failure::overloaded:
      return 503;
    case Failure::internal:
      break;
  }
  return 500;
}

Response explain_plainly(const RequestHead*, Failure failure, std::string_view detail) {
  Response response;
  response.status = status_of(failure);
  response.headers.add("Content-Type", "text/plain; charset=utf-8");
  if (failure == Failure::internal) {
    response.body = "internal error\n";
    response.note = detail;
  } else {
    response.body = std::string(detail) + "\n";
  }
  return response;
}

}  // namespace sightline::net
