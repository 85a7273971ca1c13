#include "aws/dispatch/operations.h"

#include <fmt/format.h>

namespace sightline::aws::dispatch {

void Operations::add(const wire::Operation& operation, WorkerPool& pool, std::uint64_t max_body, Ways ways) {
  if (operation.twin) entries_.insert_or_assign(operation.twin, Entry{operation.twin, &pool, max_body, ways});
  entries_.insert_or_assign(&operation, Entry{&operation, &pool, max_body, std::move(ways)});
}

wire::Answer<std::unique_ptr<sigv4::PayloadDecoder>> Operations::plain_payload(const InnerCall& call) {
  wire::Headers head;
  head.add("Content-Length", fmt::format("{}", call.body.size()));
  sigv4::Verified verified;
  verified.payload = sigv4::Payload::unsigned_body;
  return sigv4::make_payload_decoder(head, verified, *call.operation->service);
}

wire::Answer<std::string> read_all(Download& download, std::size_t most, const wire::Service& service) {
  constexpr wire::ErrorType kTooLarge{"PayloadTooLarge", "PayloadTooLarge", 413, wire::Fault::sender};
  if (download.length > most)
    return wire::refuse(kTooLarge,
                        fmt::format("The answer has {} bytes; at most {} are taken.", download.length, most));
  std::string body(download.length, '\0');
  for (std::size_t done = 0; done < body.size();) {
    const auto got = download.read(std::span(body).subspan(done));
    if (!got) return std::unexpected(wire::internal_error(service, got.error().message));
    if (*got == 0) return std::unexpected(wire::internal_error(service, "an answer ended before its length"));
    done += *got;
  }
  return body;
}

const Entry* Operations::find(const wire::Operation& operation) const {
  const auto found = entries_.find(&operation);
  return found == entries_.end() ? nullptr : &found->second;
}

void Operations::add_function(const wire::Operation& operation, NeededFunction needed) {
  if (operation.twin) functions_.insert_or_assign(operation.twin, needed);
  functions_.insert_or_assign(&operation, std::move(needed));
}

const Resolvers& Operations::resolvers_for(const wire::Operation& operation) const {
  static const Resolvers kNone;
  const auto found = resolvers_.find(operation.service->name);
  return found == resolvers_.end() ? kNone : found->second;
}

std::optional<std::string> Operations::lack_of(const wire::Operation& operation) const {
  if (find(operation) == nullptr) return "no handler";
  const bool by_function = operation.permitted_by == wire::PermittedBy::function;
  if (by_function != functions_.contains(&operation))
    return by_function ? "no function that says its permissions"
                       : "a function for permissions that nobody asks";
  for (const std::string_view name : resolvers_of(operation)) {
    if (!resolvers_for(operation).contains(name)) return fmt::format("no resolver {}", name);
  }
  return std::nullopt;
}

wire::Answer<void> Operations::authorize(const wire::Operation& operation, const void* request,
                                         const Context& context) const {
  std::vector<AccessRequest> needed;
  switch (operation.permitted_by) {
    case wire::PermittedBy::table:
      needed = TRY(needed_permissions(operation, request, context, resolvers_for(operation)));
      break;
    case wire::PermittedBy::function:
      needed = TRY(functions_.at(&operation)(request, context));
      break;
    case wire::PermittedBy::handler:
      break;
  }
  for (const AccessRequest& access : needed) TRY(check_access(access, context, *operation.service));
  return {};
}

}  // namespace sightline::aws::dispatch
