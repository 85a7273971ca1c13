#include "aws/dispatch/operations.h"

#include <fmt/format.h>

namespace sightline::aws::dispatch {

void Operations::add(const wire::Operation& operation, WorkerPool& pool, std::uint64_t max_body,
                     std::variant<UnaryRun, UploadRun, DownloadRun, ParkedRun> run) {
  if (operation.twin) entries_.insert_or_assign(operation.twin, Entry{operation.twin, &pool, max_body, run});
  entries_.insert_or_assign(&operation, Entry{&operation, &pool, max_body, std::move(run)});
}

const Entry* Operations::find(const wire::Operation& operation) const {
  const auto found = entries_.find(&operation);
  return found == entries_.end() ? nullptr : &found->second;
}

void Operations::add_function(const wire::Operation& operation, NeededFunction needed) {
  if (operation.twin) functions_.insert_or_assign(operation.twin, needed);
  functions_.insert_or_assign(&operation, std::move(needed));
}

std::optional<std::string> Operations::lack_of(const wire::Operation& operation) const {
  if (find(operation) == nullptr) return "no handler";
  if (operation.permitted_by == wire::PermittedBy::function && !functions_.contains(&operation))
    return "no function that says its permissions";
  for (const std::string_view name : resolvers_of(operation)) {
    if (!resolvers_.contains(name)) return fmt::format("no resolver {}", name);
  }
  return std::nullopt;
}

wire::Answer<void> Operations::authorize(const wire::Operation& operation, const void* request,
                                         const Context& context) const {
  std::vector<AccessRequest> needed;
  switch (operation.permitted_by) {
    case wire::PermittedBy::table:
      needed = TRY(needed_permissions(operation, request, context, resolvers_));
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
