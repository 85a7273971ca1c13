#pragma once
// A request on its way through the dispatcher. For this module's sources.

#include <exception>
#include <optional>

#include "aws/dispatch/dispatcher.h"

namespace sightline::aws::dispatch {

struct Dispatcher::Pending {
  const Entry* entry;
  Claim claim;
  std::optional<Caller> caller;  ///< known before the body of S3's requests only
  std::optional<std::string> bucket;
  Call call;
  AnswerWriter writer;
};

/// A bug in a handler costs one answer, not the server.
template <typename T, typename Work>
wire::Answer<T> Dispatcher::guarded(const Pending& pending, const Work& work) {
  try {
    return work();
  } catch (const std::exception& error) {
    return std::unexpected(wire::internal_error(*pending.call.match.service, error.what()));
  }
}

}  // namespace sightline::aws::dispatch
