#include "cloud/queues/queue.h"

#include <algorithm>

#include "base/ascii.h"

namespace sightline::queues {

bool is_queue_name(std::string_view name) {
  return !name.empty() && name.size() <= 80 && std::ranges::all_of(name, [](char c) {
    return (c >= '0' && c <= '9') || (to_lower(c) >= 'a' && to_lower(c) <= 'z') || c == '-' || c == '_';
  });
}

}  // namespace sightline::queues
