#include "aws/sqs/queue_url.h"

#include <fmt/format.h>

#include "aws/sqs/model.h"
#include "cloud/identity/principal.h"

namespace sightline::aws::sqs {
namespace {

// A code of every query service that the model does not name.
constexpr wire::ErrorType kAccessDenied{"AccessDeniedException", "AccessDenied", 403, wire::Fault::sender};

}  // namespace

std::string queue_arn(const queues::QueueKey& key) {
  return fmt::format("arn:aws:sqs:{}:{}:{}", key.region, key.account, key.name);
}

std::string queue_url(const queues::QueueKey& key, const dispatch::Context& context) {
  return fmt::format("{}/{}/{}", context.endpoint, key.account, key.name);
}

wire::Answer<queues::QueueKey> queue_of(const std::string& url, const dispatch::Context& context) {
  std::string_view path = url;
  if (const auto scheme = path.find("://"); scheme != std::string_view::npos) {
    path.remove_prefix(scheme + 3);
    path.remove_prefix(std::min(path.find('/'), path.size()));
  }
  if (path.starts_with('/')) path.remove_prefix(1);
  const auto slash = path.find('/');
  const std::string_view account = path.substr(0, slash);
  if (slash == std::string_view::npos || !identity::is_account(account) || path.size() == slash + 1 ||
      path.find('/', slash + 1) != std::string_view::npos)
    return wire::refuse(kInvalidAddress, fmt::format("The address {} is not valid for this endpoint.", url));
  if (account != context.caller.account)
    return wire::refuse(kAccessDenied, fmt::format("Access to the resource {} is denied.", url));
  return queues::QueueKey{context.caller.account, context.region, std::string(path.substr(slash + 1))};
}

}  // namespace sightline::aws::sqs
