#include "app/server/refusal_log.h"

#include <fmt/format.h>

#include "base/utf8.h"

namespace sightline::server {

void RefusalLog::note(const RefusedAccess& access) {
  count_.fetch_add(1, std::memory_order_relaxed);
  std::string_view who = access.caller;
  // A session's own name is the last part: roles that are assumed again and again are listed once.
  if (who.contains(":assumed-role/")) who = who.substr(0, who.rfind('/'));
  std::string line = fmt::format("audit: {} would be refused {} on {} {}", who, access.action,
                                 access.resource, access.closing);
  line += access.missing.empty() ? std::string("; no statement would allow it")
                                 : fmt::format("; this would allow it: {}", access.missing);
  bool last = false;
  {
    const MutexLock lock(mutex_);
    if (const Instant now = clock_.now(); now - since_ >= std::chrono::hours(1) || now < since_) {
      written_.clear();
      since_ = now;
    }
    if (written_.size() > kMostLines) return;
    if (!written_.insert(fmt::format("{} {} {}", who, access.action, access.resource)).second) return;
    last = written_.size() > kMostLines;
  }
  write_(last ? "audit: for an hour at most, further refusals are counted in /metrics and not listed"
              : printable(line));
}

}  // namespace sightline::server
