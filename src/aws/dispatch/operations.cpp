#include "aws/dispatch/operations.h"

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

}  // namespace sightline::aws::dispatch
